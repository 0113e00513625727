"""Reading the ledger itself, the newest entries first, from any place in it on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from palais.domain.text import is_id


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One entry of the ledger; ``None`` is unknown. See ``store.money.UsageRow``."""

    session_id: str
    key: str
    agent_id: str
    run_id: str
    at: datetime
    model: str | None
    provider: str | None
    tokens: int
    tokens_in: int | None
    tokens_out: int | None
    cache_read: int | None
    cache_write: int | None
    cost: float | None
    basis: str

    @property
    def place(self) -> "Place":
        """Where it stands in the ledger."""
        return Place(self.at, self.session_id, self.key)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the ledger: what comes after it is older."""

    at: datetime
    session_id: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose entries of which time: from ``begin`` on and before ``end``; no agents are all."""

    agents: frozenset[str] = frozenset()
    begin: datetime | None = None
    end: datetime | None = None


_COLUMNS: Final = ", ".join(LedgerEntry.__slots__).replace("cost,", "cost::float AS cost,")
_ORDER: Final = "at DESC, session_id DESC, key DESC LIMIT :limit"
_PERIOD: Final = "(at, session_id, key) < (CAST(:at AS timestamptz), :session, :key)"
_BEGIN: Final = "CAST(:begin AS timestamptz)"

# ix_usage_at
_ALL: Final = f"""
    SELECT {_COLUMNS} FROM usage WHERE at >= {_BEGIN} AND {_PERIOD} ORDER BY {_ORDER}
"""  # noqa: S608  made of constants

# ix_usage_agent_at, compared by whole rows of it: asked by equality, Postgres may rather read all
# agents backwards, however rarely the one it looks for is among them.
_SOME: Final = f"""
    SELECT found.* FROM unnest(CAST(:agents AS text[])) AS agent, LATERAL (
        SELECT {_COLUMNS} FROM usage
        WHERE (agent_id, at) >= (agent, {_BEGIN}) AND (agent_id, at) <= (agent, :at) AND {_PERIOD}
        ORDER BY agent_id DESC, {_ORDER}
    ) AS found ORDER BY {_ORDER}
"""  # noqa: S608  made of constants

_ONE: Final = text(
    "SELECT at, session_id, key FROM usage WHERE session_id = :session AND key = :key"
)


def entries(
    conn: Connection, asked: Asked, limit: int, before: Place | None = None
) -> list[LedgerEntry]:
    """Return so many entries of a period, the newest first, from a place on."""
    place = _first(asked, before)
    values = {
        "agents": sorted(asked.agents),
        "begin": asked.begin or "-infinity",
        "at": place.at if place else "infinity",
        "session": place.session_id if place else "",
        "key": place.key if place else "",
        "limit": limit,
    }
    found = conn.execute(text(_SOME if asked.agents else _ALL), values)
    return [LedgerEntry(*row) for row in found]


def place(conn: Connection, session_id: str, key: str) -> Place | None:
    """Return where an entry stands; None where there is none of this session and key."""
    if not is_id(session_id):
        return None
    row = conn.execute(_ONE, {"session": session_id, "key": key}).first()
    return None if row is None else Place(*row)


def _first(asked: Asked, before: Place | None) -> Place | None:
    """Return the place after which the first entry stands; None where it is the ledger's newest."""
    if asked.end is None or (before is not None and before.at < asked.end):
        return before
    return Place(asked.end)
