"""The line that introduces an agent anew: with it, every open page learns what was changed here."""

import secrets
from typing import Final

from sqlalchemy import Connection

from palais.domain.changes import Logged
from palais.store import journal, queries
from palais.store.journal import Entry

SHOWN: Final = ("name", "persona", "bio", "emoji", "model", "avatar_url", "status")


def again(conn: Connection, agent_id: str, now: int) -> None:
    """Tell every open page how the agent looks, in the caller's transaction; ``now`` is in ms.

    The line says ``edited``: it is no news of the agent's own. Nothing where there is no agent.
    """
    journal.take_turn(conn)
    view = queries.agent(conn, agent_id)
    if view is None:
        return
    told = {name: getattr(view, name) for name in SHOWN}
    line = Logged("agent.registered", now, agent_id, None, view.name, {**told, "edited": True})
    journal.append(conn, [Entry(f"edit.{secrets.token_hex(8)}", line)])
