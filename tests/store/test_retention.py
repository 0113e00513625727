"""What is deleted of the log, when, and that nobody is harmed by it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from palais.domain.changes import GapNoted, UsageAdded
from palais.domain.events import Blindness, Unobserved, Usage
from palais.store import journal, queries
from palais.store.retention import prune
from palais.web.stream import resume_point
from tests.database import EPOCH, PATIENCE, Database, backend
from tests.store.rows import DAY, NOW, court, entries, line, of, run, span

OLD, YOUNG = 91.0, 89.0
"""Days; the log is kept for 90."""

RECORDED = """
    INSERT INTO activity_log (key, at, type, summary, data, recorded_at)
    SELECT 'recorded.' || n, now(), 'agent.status', n, '{}', now() - age * interval '1 day'
    FROM unnest(CAST(:ages AS float[])) WITH ORDINALITY AS line (age, n) ORDER BY n
"""
IDS = "SELECT id FROM activity_log ORDER BY id"
FRESH = "TRUNCATE activity_log RESTART IDENTITY; UPDATE stream SET floor = 0"


@contextmanager
def impatient(engine: Engine) -> Iterator[Connection]:
    """Give a connection that fails where it would wait for ever."""
    with engine.connect() as conn:
        with conn.begin():
            conn.exec_driver_sql("SET lock_timeout = '10s'")
        yield conn


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    with impatient(engine) as conn:
        yield conn


@pytest.fixture
def second(engine: Engine) -> Iterator[Connection]:
    with impatient(engine) as conn:
        yield conn


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as pool:
        yield pool


def ids(database: Database) -> list[object]:
    return [row[0] for row in database.run(IDS)]


def floor(database: Database) -> object:
    return database.value("SELECT floor FROM stream")


def right_before(conn: Connection, start: str, act: Callable[[], None]) -> None:
    """Let something happen right before this connection's next statement that begins so."""
    pending = [act]

    def look(_c: Connection, _cur: Any, sql: str, *_: Any) -> None:
        if pending and sql.lstrip().startswith(start):
            pending.pop()()

    event.listen(conn, "before_cursor_execute", look)


def test_lines_recorded_long_ago_go_and_the_others_stay(
    conn: Connection, database: Database
) -> None:
    database.run(RECORDED, ages=[400.0, OLD, YOUNG, 0.0])

    assert prune(conn, 90) == 2

    assert ids(database) == [3, 4]
    assert floor(database) == 2


def test_the_clock_of_a_gateway_counts_for_nothing(conn: Connection, database: Database) -> None:
    journal.commit(conn, entries(line("ahead", at=NOW + 500 * DAY), line("behind", at=0)))
    database.run("UPDATE activity_log SET recorded_at = now() - interval '91 days' WHERE id = 1")

    assert prune(conn, 90) == 1

    assert database.run("SELECT summary FROM activity_log") == [("behind",)]


def test_a_line_that_says_it_is_young_keeps_those_after_it(
    conn: Connection, database: Database
) -> None:
    database.run(RECORDED, ages=[OLD, YOUNG, OLD])

    assert prune(conn, 90) == 1
    assert prune(conn, 90) == 0

    assert ids(database) == [2, 3]


def test_a_log_without_anything_old_is_left_as_it_is(conn: Connection, database: Database) -> None:
    assert prune(conn, 90) == 0
    database.run(RECORDED, ages=[YOUNG])

    assert prune(conn, 90) == 0

    assert (ids(database), floor(database)) == ([1], 0)


def test_a_day_and_a_half_can_be_asked_for_as_well_as_a_century(
    conn: Connection, database: Database
) -> None:
    database.run(RECORDED, ages=[36_501.0, 36_499.0, 1.6, 1.4])

    assert prune(conn, 36_500) == 1
    assert prune(conn, 1.5) == 2


def test_the_log_goes_on_after_the_last_id_there_ever_was(
    conn: Connection, database: Database
) -> None:
    database.run(RECORDED, ages=[OLD, OLD])
    prune(conn, 90)
    assert queries.head(conn).id == 2
    conn.rollback()

    journal.commit(conn, entries(line()))

    assert queries.head(conn).id == 3
    assert queries.floor(conn) == 2


ages = some.lists(some.sampled_from([OLD, OLD, OLD, YOUNG]), max_size=12)
limits = some.lists(some.integers(1, 5), max_size=6)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ages=ages, limits=limits, later=ages)
def test_a_cursor_is_void_or_finds_every_line_after_it(
    database: Database, engine: Engine, ages: list[float], limits: list[int], later: list[float]
) -> None:
    database.run(FRESH)
    database.run(RECORDED, ages=ages)
    oldest = next((n for n, age in enumerate(ages) if age == YOUNG), len(ages))

    with engine.connect() as conn:
        deleted = [prune(conn, 90, limit) for limit in limits]
        database.run(RECORDED.replace("recorded.", "later."), ages=later)
        head, bottom = queries.head(conn), queries.floor(conn)

    assert bottom == sum(deleted) == min(oldest, sum(limits))
    assert head.id == len(ages) + len(later)
    for cursor in range(head.id + 1):
        complete = ids(database)[-(head.id - cursor) :] if cursor < head.id else []
        good = complete == list(range(cursor + 1, head.id + 1))
        assert resume_point(f"{EPOCH}.{cursor}", head, bottom) == (cursor if good else None)


def test_what_costs_and_what_was_done_outlives_the_log(
    conn: Connection, database: Database
) -> None:
    tables = ("agents", "agent_sessions", "agent_spans", "usage", "usage_hourly", "gaps")

    def kept() -> list[object]:
        with conn.begin():
            views = queries.agents(conn), queries.sessions(conn, "builder", 50)
        return [views, *(database.run(f"SELECT * FROM {table}") for table in tables)]

    job = run(reported_tokens=5, reported_cost=0.25)
    call = UsageAdded(job, "call-1", Usage(tokens_in=5, cost=0.25, at=NOW))
    gap = GapNoted(Unobserved(NOW - DAY, NOW, Blindness.GATEWAY))
    journal.commit(conn, entries(*court(job), call, of(job, span()), line(session_id=job.id), gap))
    known = kept()
    assert all(known[1:])

    assert prune(conn, 0) > 0

    assert kept() == known
    assert ids(database) == []


def test_lines_go_only_together_with_the_floor(conn: Connection, database: Database) -> None:
    database.run(RECORDED, ages=[OLD, OLD, YOUNG])
    seen: list[object] = []
    right_before(conn, "UPDATE stream", lambda: seen.extend([ids(database), floor(database)]))
    right_before(conn, "UPDATE stream", lambda: database.cut(backend(conn)))

    with pytest.raises(OperationalError):
        prune(conn, 90)

    assert seen == [[1, 2, 3], 0]
    assert (ids(database), floor(database)) == ([1, 2, 3], 0)


def test_of_two_that_prune_at_once_one_goes_on_where_the_other_ended(
    conn: Connection, second: Connection, database: Database, elsewhere: ThreadPoolExecutor
) -> None:
    database.run(RECORDED, ages=[OLD] * 5)
    pid = backend(second)
    others: list[Future[int]] = []

    def meanwhile() -> None:
        others.append(elsewhere.submit(prune, second, 90, 2))
        database.await_blocked(pid)

    right_before(conn, "UPDATE stream", meanwhile)

    assert prune(conn, 90, 2) == 2
    assert others[0].result(PATIENCE) == 2

    assert (ids(database), floor(database)) == ([5], 4)


def test_whoever_prunes_waits_for_no_writer(
    conn: Connection, second: Connection, database: Database
) -> None:
    database.run(RECORDED, ages=[OLD, OLD])
    with second.begin():
        journal.append(second, entries(line("at work")))

        assert prune(conn, 90) == 2

    assert ids(database) == [3]


def test_no_writer_waits_for_whoever_prunes(
    conn: Connection, second: Connection, database: Database
) -> None:
    database.run(RECORDED, ages=[OLD, OLD])
    right_before(conn, "UPDATE stream", lambda: journal.commit(second, entries(line("at work"))))

    assert prune(conn, 90) == 2

    assert ids(database) == [3]


def test_pruning_beside_writers_loses_nothing(
    engine: Engine, database: Database, elsewhere: ThreadPoolExecutor
) -> None:
    database.run(RECORDED, ages=[OLD] * 300)

    def write(name: str) -> None:
        with engine.connect() as conn:
            for number in range(40):
                journal.commit(conn, entries(line(name), prefix=f"{name}{number}"))

    def delete() -> int:
        with engine.connect() as conn:
            return sum(iter(lambda: prune(conn, 90, 7), 0))

    writers = [elsewhere.submit(write, name) for name in ("a", "b")]
    pruned = elsewhere.submit(delete).result(PATIENCE)
    for writer in writers:
        writer.result(PATIENCE)

    assert pruned == floor(database) == 300
    assert ids(database) == list(range(301, 381))
