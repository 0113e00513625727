"""The operator's own words for an agent: they win over the gateway's and the seed's, for good."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, func
from sqlalchemy.dialects.postgresql import insert

from palais.domain.text import LINE_LIMIT, SUMMARY_LIMIT
from palais.store import introduce, journal, queries
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
        introduce.again(conn, agent_id, now)
    return True
