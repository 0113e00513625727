"""What a scrape reads: each number is of the whole fleet, the same whichever process is asked."""

import logging
from dataclasses import dataclass
from typing import Final

from psycopg2.errors import QueryCanceledError
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

log = logging.getLogger(__name__)

Spent = dict[str, tuple[int, float]]

PATIENCE_MS: Final = 5_000
"""How long Postgres may work on one question of a scrape."""


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """An agent's status, and its tokens and cost (USD) of all time."""

    id: str
    status: str
    active_sessions: int
    tokens: int | None
    cost: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """One snapshot. ``lag`` is the age in seconds of the oldest row that was not published."""

    agents: list[AgentFigures]
    gateway: str
    reconnects: int
    gap_seconds: float
    lag: float | None


AGENTS: Final = text("SELECT id, status, active_sessions FROM agents ORDER BY id")

LEDGER: Final = text("""
    SELECT agent_id, least(sum(tokens), 9223372036854775807)::bigint AS tokens,
           sum(cost)::float AS cost
    FROM usage_hourly GROUP BY agent_id
""")
"""The ledger by the hour, all of it: it has some thousand rows a year and agent at most."""

# Events that were dropped on a connection are a gap too, but it was not made anew.
GATEWAY: Final = text("""
    SELECT (SELECT state FROM gateway) AS state,
           count(*) FILTER (WHERE reason <> 'sequence') AS reconnects,
           coalesce(extract(epoch FROM sum(ended_at - started_at)), 0)::float AS seconds
    FROM gaps
""")

# By pk_activity_log.
LAG: Final = text("""
    SELECT extract(epoch FROM clock_timestamp() - recorded_at)::float
    FROM activity_log WHERE id > :seen ORDER BY id LIMIT 1
""")


def figures(conn: Connection, seen: int | None) -> Figures:
    """Read what a scrape asks for; ``seen`` is the newest row that all tails have published.

    Without a tail there is no lag, and no tokens and cost where adding them up takes too long.
    Raises DBAPIError where Postgres does not answer.
    """
    conn.exec_driver_sql(f"SET LOCAL statement_timeout = {PATIENCE_MS}")
    rows = conn.execute(AGENTS).all()
    link = conn.execute(GATEWAY).one()
    lag = _lag(conn, seen)
    # The last question: one that is broken off ends the transaction.
    spent = _spent(conn)
    agents = [
        AgentFigures(row.id, row.status, row.active_sessions, *_of(spent, row.id)) for row in rows
    ]
    return Figures(agents, link.state, link.reconnects, link.seconds, lag)


def _lag(conn: Connection, seen: int | None) -> float | None:
    if seen is None:
        return None
    age = conn.execute(LAG, {"seen": seen}).scalar()
    return max(0.0, age) if age is not None else 0.0


def _spent(conn: Connection) -> Spent | None:
    try:
        return {row.agent_id: (row.tokens, row.cost) for row in conn.execute(LEDGER)}
    except OperationalError as error:
        if isinstance(error.orig, QueryCanceledError):
            log.warning("A scrape leaves tokens and cost out: adding them up takes too long.")
            return None
        raise


def _of(spent: Spent | None, agent_id: str) -> tuple[int | None, float | None]:
    return (None, None) if spent is None else spent.get(agent_id, (0, 0.0))
