"""Which portrait each agent has. The gateway's own wish stays in ``agents.avatar_url``."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from palais.store.models import AgentRow, PortraitRow

FOLDER: Final = "/avatars/"
"""Where the pictures are, as the page sees it."""


@dataclass(frozen=True, slots=True)
class Sitter:
    """An agent, as one who makes its portrait needs it; ``wish`` is the gateway's own picture.

    ``wish_digest`` is the wish in short, as ``asked`` keeps the one that was considered. ``file``,
    ``source`` and ``made_of`` tell of the portrait that there is; None without one.
    """

    id: str
    name: str
    persona: str
    wish: str | None = None
    wish_digest: str | None = None
    file: str | None = None
    source: str | None = None
    made_of: str | None = None
    asked: str | None = None


def sitters(conn: Connection, ids: Collection[str] = ()) -> list[Sitter]:
    """Return these agents, or all, in the order of the court."""
    query = _query().order_by(AgentRow.position, AgentRow.name, AgentRow.id)
    if ids:
        query = query.where(AgentRow.id.in_(ids))
    return [Sitter(*row) for row in conn.execute(query)]


def of_file(conn: Connection, stem: str) -> Sitter | None:
    """Return the agent whose portrait is in the files of this name, without an extension."""
    found = _query().where(func.split_part(PortraitRow.file, ".", 1) == stem)
    row = conn.execute(found.limit(1)).first()
    return Sitter(*row) if row else None


def keep(conn: Connection, sitter: Sitter, file: str, source: str, made_of: str) -> None:
    """Note the agent's new portrait, in the caller's transaction."""
    values = {"file": file, "source": source, "made_of": made_of, "asked": sitter.wish_digest}
    statement = insert(PortraitRow).values(agent_id=sitter.id, **values)
    changed = {**values, "made_at": func.now()}
    conn.execute(statement.on_conflict_do_update(index_elements=["agent_id"], set_=changed))


def _query() -> Select[Any]:
    agent, made = AgentRow.__table__.c, PortraitRow.__table__.c
    return select(
        *(agent.id, agent.name, agent.persona, agent.avatar_url, agent.avatar_digest),
        *(made.file, made.source, made.made_of, made.asked),
    ).select_from(AgentRow.__table__.outerjoin(PortraitRow.__table__, made.agent_id == agent.id))
