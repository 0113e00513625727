"""Each query that pages make goes by the index that is named for it, once there are many rows."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from palais.live.tail import ROWS
from palais.store import ledger as books
from palais.store import queries, recall, rhythm
from palais.store.figures import LAG
from palais.store.ledger import Asked
from palais.store.retention import prune
from tests.database import Database

MANY = """
    INSERT INTO agents (id, name) SELECT 'agent-' || n, 'Agent ' || n FROM generate_series(0, 19) n;
    INSERT INTO agent_sessions (id, run_id, agent_id, status, started_at, ended_at, tokens)
    SELECT 's' || n, 'r' || n, 'agent-' || n % 20, 'completed',
           now() - n * interval '10 min', now() - n * interval '10 min', 5
    FROM generate_series(1, 20000) n;
    UPDATE agent_sessions SET status = 'running', ended_at = NULL WHERE id IN ('s300', 's9000');
    INSERT INTO agent_spans (session_id, id, type, name)
    SELECT 's' || n, 'step', 'tool_call', 'exec' FROM generate_series(1, 20000) n;
    INSERT INTO usage (session_id, key, agent_id, run_id, at, tokens, basis)
    SELECT 's' || n, 'k', CASE WHEN n % 5000 = 1 THEN 'quiet' ELSE 'agent-' || n % 20 END, 'r' || n,
           now() - n * interval '10 min', 5, 'unknown'
    FROM generate_series(1, 20000) n;
    INSERT INTO usage_hourly
    SELECT date_trunc('hour', now()) - n / 20 * interval '1 hour', 'agent-' || n % 20, 'm', 'p',
           9, 9, 9, 0, 0, 0, 0.5, 0, 0
    FROM generate_series(1, 100000) n;
    INSERT INTO activity_log (key, at, type, agent_id, data)
    SELECT 'k' || n, now(),
           CASE WHEN n % 5000 = 0 THEN 'gap' ELSE 'agent.status' END,
           CASE WHEN n % 5000 = 1 THEN 'quiet' ELSE 'agent-' || n % 20 END, '{}'
    FROM generate_series(1, 50000) n;
"""


SOME = frozenset({"agent-3", "quiet"})
LONG_AGO = datetime.now(UTC) - timedelta(days=100)


@pytest.fixture(scope="module")
def many(postgres: Database) -> Iterator[Database]:
    """Give months of a court's life; hardly anything of it is changed here."""
    postgres.empty()
    postgres.run(MANY)
    postgres.run(
        "VACUUM ANALYZE agents, agent_sessions, agent_spans, usage, usage_hourly, activity_log"
    )
    yield postgres
    postgres.empty()


@pytest.fixture
def conn(many: Database) -> Iterator[Connection]:
    with many.engine.connect() as conn:
        yield conn


def plan(conn: Connection, read: Callable[[Connection], object]) -> str:
    """Return how Postgres goes about the queries that ``read`` makes."""
    made: list[tuple[str, Any]] = []
    engine: Engine = conn.engine

    def note(_c: Connection, _cur: Any, sql: str, values: Any, _ctx: Any, _many: bool) -> None:
        made.append((sql, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        read(conn)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    steps = [conn.exec_driver_sql(f"EXPLAIN {sql}", values).scalars() for sql, values in made]
    return "\n".join(line for told in steps for line in told)


def worked(conn: Connection) -> object:
    """Ask for the last day of everybody."""
    now = datetime.now(UTC)
    return rhythm.worked(conn, now - timedelta(days=1), now)


@pytest.mark.parametrize(
    ("index", "read"),
    [
        (
            "ix_agent_sessions_agent_started",
            lambda conn: queries.sessions(conn, "agent-7", 50),
        ),
        (
            "ix_agent_sessions_agent_started",
            lambda conn: queries.sessions(conn, "agent-7", 50, before="s10007"),
        ),
        ("ix_usage_hourly_agent_hour", lambda conn: queries.agent(conn, "agent-7")),
        ("ix_usage_at", lambda conn: books.entries(conn, Asked(), 100)),
        ("ix_usage_at", lambda conn: books.entries(conn, Asked(end=LONG_AGO), 100)),
        ("ix_usage_agent_at", lambda conn: books.entries(conn, Asked(SOME), 100)),
        ("ix_usage_agent_at", lambda conn: books.entries(conn, Asked(SOME, end=LONG_AGO), 100)),
        ("pk_usage", lambda conn: books.place(conn, "s7", "k")),
        ("ix_agent_sessions_ended", worked),
        ("ix_agent_sessions_running", worked),
        ("ix_agent_sessions_running", rhythm.last_tools),
        ("pk_agent_spans", rhythm.last_tools),
        ("ix_agent_sessions_agent_started", rhythm.last_words),
        ("pk_agent_sessions", lambda conn: queries.session(conn, "agent-7", "s7")),
        ("pk_activity_log", lambda conn: queries.activity(conn, 100)),
        ("pk_activity_log", lambda conn: queries.activity(conn, 100, before=30_000)),
        ("pk_activity_log", queries.head),
        (
            "ix_activity_log_agent_type",
            lambda conn: queries.activity(conn, 100, agent_ids=frozenset({"quiet"})),
        ),
        (
            "ix_activity_log_type_id",
            lambda conn: queries.activity(conn, 100, types=frozenset({"gap"})),
        ),
        (
            "ix_activity_log_agent_type",
            lambda conn: queries.activity(conn, 100, 40_000, SOME, frozenset({"session.started"})),
        ),
        (
            "pk_activity_log",
            lambda conn: conn.execute(ROWS, {"after": 49_000, "upto": 50_000, "page": 1000}),
        ),
        ("pk_activity_log", lambda conn: prune(conn, days=90)),
        ("pk_activity_log", lambda conn: conn.execute(LAG, {"seen": 49_000})),
        ("ix_agent_sessions_running", recall.court),
        ("ix_agent_sessions_ended", recall.court),
    ],
)
def test_a_query_goes_by_its_index(
    conn: Connection, index: str, read: Callable[[Connection], object]
) -> None:
    assert index in plan(conn, read)


def test_thirty_days_of_all_agents_are_read_from_the_hours(conn: Connection) -> None:
    steps = plan(conn, queries.agents)

    assert "Seq Scan on usage_hourly" not in steps, steps
    assert "ix_agent_sessions_agent_started" not in steps, steps
    assert "Seq Scan on agent_sessions" not in steps, steps


def test_what_is_pruned_is_found_and_deleted_by_its_id_from_the_floor_on(conn: Connection) -> None:
    assert prune(conn, days=0, limit=500) == 500

    steps = plan(conn, lambda conn: prune(conn, days=0, limit=500))

    assert "Delete on activity_log" in steps
    assert steps.count("pk_activity_log") == steps.count("(id > 500)") == 2, steps
    assert "Seq Scan on activity_log" not in steps, steps
