"""What was spent is read by an index, of however many agents and months there is a ledger."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from palais.store import spending
from palais.store.spending import Scope
from tests.database import Database
from tests.store.test_plans import plan

YEAR = """
    INSERT INTO usage_hourly
    SELECT date_trunc('hour', now()) - hour * interval '1 hour', 'agent-' || agent,
      'model-' || model, 'vendor', 7, 700, 300, 200, 100, 100, 0.7, 0, 0
    FROM generate_series(0, 8760) hour, generate_series(1, 5) agent, generate_series(1, 2) model;
    INSERT INTO agents (id, name) SELECT 'agent-' || n, 'Agent' FROM generate_series(1, 5) n;
    INSERT INTO agent_sessions (id, run_id, agent_id, status, started_at)
    SELECT n, n, 'agent-' || 1 + n % 5, 'completed', now() FROM generate_series(1, 20000) n;
    INSERT INTO usage (session_id, key, agent_id, run_id, at, tokens, basis)
    SELECT n, 'total', 'agent-' || 1 + n % 5, n, now() - n * interval '10 min', 5, 'unknown'
    FROM generate_series(1, 20000) n;
"""
NOW = datetime.now(UTC)
TODAY = NOW.date()
MONTH = TODAY - timedelta(days=29)
ONE = Scope(frozenset({"agent-3"}))


@pytest.fixture(scope="module")
def year(postgres: Database) -> Iterator[Database]:
    postgres.empty()
    postgres.run(YEAR)
    postgres.run("VACUUM ANALYZE usage, usage_hourly, agents, agent_sessions")
    yield postgres
    postgres.empty()


@pytest.fixture
def conn(year: Database) -> Iterator[Connection]:
    with year.engine.connect() as conn:
        yield conn


@pytest.mark.parametrize(
    ("condition", "read"),
    [
        ("(hour >=", lambda conn: spending.by_day(conn, MONTH, TODAY)),
        ("(agent_id =", lambda conn: spending.by_day(conn, MONTH, TODAY, ONE)),
        ("(hour >=", lambda conn: spending.by_hour(conn, MONTH, TODAY)),
        ("(agent_id =", lambda conn: spending.lines(conn, MONTH, TODAY, ONE)),
        ("(hour >=", lambda conn: spending.models(conn, MONTH)),
        ("pk_usage_hourly", spending.began),
        ("(at >=", lambda conn: spending.within_hour(conn, NOW)),
    ],
)
def test_a_question_goes_by_its_index(
    conn: Connection, condition: str, read: Callable[[Connection], object]
) -> None:
    steps = plan(conn, read)

    assert condition in steps
    assert "Index" in steps
    assert "Seq Scan" not in steps
