"""Entries of the ledger, and the hours they add up to, for tests that read what was spent."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from tests.database import Database

_AGENT: Final = text(
    "INSERT INTO agents (id, name) VALUES (:agent, initcap(:agent)) ON CONFLICT DO NOTHING"
)
_RUN: Final = text("""
    INSERT INTO agent_sessions (id, run_id, agent_id, status, started_at)
    VALUES (:run, :run, :agent, 'completed', :at) ON CONFLICT DO NOTHING
""")
_ENTRY: Final = text("""
    INSERT INTO usage (session_id, key, agent_id, run_id, at, model, provider, tokens, tokens_in,
      tokens_out, cache_read, cache_write, cost, basis)
    VALUES (:run, :key, :agent, :run, :at, :model, :provider, :tokens, :tokens, 0, 0, 0, :cost,
      CASE WHEN CAST(:cost AS numeric) IS NULL THEN 'unknown' ELSE 'gateway' END)
""")
_HOURS: Final = text("""
    TRUNCATE usage_hourly;
    INSERT INTO usage_hourly
    SELECT date_trunc('hour', at, 'UTC'), agent_id, coalesce(model, ''), coalesce(provider, ''),
      count(*), sum(tokens), sum(tokens_in), sum(tokens_out), sum(cache_read), sum(cache_write),
      coalesce(sum(cost), 0), count(*) FILTER (WHERE cost IS NULL),
      coalesce(sum(tokens) FILTER (WHERE cost IS NULL), 0)
    FROM usage GROUP BY 1, 2, 3, 4
""")
GAP: Final = "INSERT INTO gaps (started_at, ended_at, reason) VALUES (:since, :until, 'palais')"


def call(at: datetime, cost: float | None = 1.0, **known: Any) -> dict[str, Any]:
    """Return a model call, of Imhotep unless another agent is named."""
    said = {"agent": "builder", "model": "opus", "provider": "anthropic", "tokens": 100}
    return {"at": at, "cost": cost, **said, **known}


def spend(conn: Connection, *calls: dict[str, Any]) -> None:
    """Put calls on record, each as a run of its own, and add up their hours anew."""
    known = conn.execute(text("SELECT count(*) FROM usage")).scalar_one()
    for number, one in enumerate(calls, known):
        entry = {**one, "run": f"run-{number}", "key": str(number)}
        for statement in (_AGENT, _RUN, _ENTRY):
            conn.execute(statement, entry)
    conn.execute(_HOURS)


def gap(database: Database, since: datetime, until: datetime) -> None:
    """Put a period without observation on record."""
    database.run(GAP, since=since, until=until)
