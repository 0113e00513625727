"""The operator's own words for an agent: they win over the gateway's and the seed's, for good."""

import secrets
from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, func
from sqlalchemy.dialects.postgresql import insert

from palais.domain.changes import Logged
from palais.domain.text import LINE_LIMIT, SUMMARY_LIMIT
from palais.store import journal, queries
from palais.store.journal import Entry
from palais.store.models import AgentEditRow

LIMITS: Final[Mapping[str, int]] = {"persona": LINE_LIMIT, "bio": SUMMARY_LIMIT}
"""What an operator may say, and in how many characters; the same that a seed may."""


def edit(conn: Connection, agent_id: str, words: Mapping[str, str], now: int) -> bool:
    """Keep these words, and tell every open page; say whether there is such an agent.

    ``words`` has some of LIMITS' names; what it does not name stays. ``now`` is in ms. Words that
    are as they were change nothing.
    """
    with conn.begin():
        journal.take_turn(conn)
        before = queries.agent(conn, agent_id)
        if before is None:
            return False
        new = {name: text for name, text in words.items() if getattr(before, name) != text}
        if not new:
            return True
        conn.execute(
            insert(AgentEditRow)
            .values(agent_id=agent_id, **new)
            .on_conflict_do_update(
                index_elements=["agent_id"], set_={**new, "edited_at": func.now()}
            )
        )
        after = queries.agent(conn, agent_id)
        shown = ("name", "persona", "bio", "emoji", "model", "avatar_url", "status")
        told = {name: getattr(after, name) for name in shown}
        line = Logged(
            "agent.registered", now, agent_id, None, before.name, {**told, "edited": True}
        )
        journal.append(conn, [Entry(f"edit.{secrets.token_hex(8)}", line)])
    return True
