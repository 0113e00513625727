"""Each threshold of a budget is told once, whoever looks, and however money was spent."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from palais.domain.budgets import Period
from palais.errors import NotFoundError
from palais.store import budgets, journal
from tests.database import PATIENCE, Database, Scribe, backend
from tests.store.rows import registered
from tests.store.spent import spend

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY, MONTH = Period.DAY, Period.MONTH
TOLD = """
    SELECT agent_id, data->>'period', (data->>'threshold')::int, (data->>'spent')::float,
           (data->>'amount')::float
    FROM activity_log WHERE type = 'budget.warning' ORDER BY id
"""


@pytest.fixture(autouse=True)
def introduced(scribe: Scribe) -> None:
    scribe.write(registered("builder"), registered("writer"))


def put(engine: Engine, scope: str, amount: str, period: Period = DAY, at: datetime = NOON) -> bool:
    with engine.connect() as conn:
        return budgets.put(conn, scope, period, Decimal(amount), at)


def check(engine: Engine, at: datetime = NOON) -> int:
    with engine.connect() as conn:
        return budgets.check(conn, at)


def standing(engine: Engine, at: datetime = NOON) -> list[tuple[object, ...]]:
    with engine.connect() as conn:
        found = budgets.current(conn, at)
    return [
        (one.scope, one.window.period, float(one.spent), float(one.amount), one.unpriced)
        for one in found
    ]


def test_a_warning_is_given_once_and_is_a_line_of_history(
    engine: Engine, scribe: Scribe, database: Database
) -> None:
    put(engine, "builder", "10")
    spend(scribe, 5.5, NOON)

    assert [check(engine), check(engine)] == [1, 0]

    [(key, data)] = database.run("SELECT key, data FROM activity_log WHERE type = 'budget.warning'")
    assert key == "budget:builder:day:2026-11-23:50:10.00"
    assert data == {
        "type": "budget.warning",
        "agentId": "builder",
        "scope": "builder",
        "period": "day",
        "threshold": 50,
        "spent": 5.5,
        "amount": 10.0,
        "startedAt": "2026-11-23T00:00:00.000Z",
        "unpricedCalls": 0,
        "ts": round(NOON.timestamp() * 1000),
    }


def test_each_threshold_is_told_as_it_is_reached_and_a_jump_tells_the_highest(
    engine: Engine, scribe: Scribe, database: Database
) -> None:
    put(engine, "builder", "10")
    for usd in (5, 2, 1, 1, 0.5, 3):
        spend(scribe, usd, NOON)
        check(engine)
    put(engine, "writer", "1")
    spend(scribe, 7, NOON, "writer")
    check(engine)

    assert database.run(TOLD) == [
        ("builder", "day", 50, 5.0, 10.0),
        ("builder", "day", 80, 8.0, 10.0),
        ("builder", "day", 100, 12.5, 10.0),
        ("writer", "day", 100, 7.0, 1.0),
    ]
    assert database.run(
        "SELECT scope, threshold, spent::float FROM budget_alerts ORDER BY scope, threshold"
    ) == [
        *(("builder", 50, 5.0), ("builder", 80, 8.0), ("builder", 100, 12.5)),
        *(("writer", threshold, 7.0) for threshold in (50, 80, 100)),
    ]


def test_the_fleet_s_budget_counts_what_all_agents_spend(
    engine: Engine, scribe: Scribe, database: Database
) -> None:
    put(engine, "*", "10", MONTH)
    put(engine, "builder", "100", MONTH)
    spend(scribe, 3, NOON - timedelta(days=20))
    spend(scribe, 3, NOON, "writer")

    check(engine)

    assert database.run(TOLD) == [(None, "month", 50, 6.0, 10.0)]
    assert (
        database.value(
            "SELECT data ? 'agentId' FROM (SELECT data::jsonb FROM activity_log "
            "WHERE type = 'budget.warning') AS told"
        )
        is False
    )
    assert standing(engine) == [("*", MONTH, 6.0, 10.0, 0), ("builder", MONTH, 3.0, 100.0, 0)]


def test_two_processes_that_check_at_once_tell_it_once(
    engine: Engine, scribe: Scribe, database: Database
) -> None:
    put(engine, "builder", "10")
    spend(scribe, 9, NOON)

    with ExitStack() as stack:
        elsewhere = stack.enter_context(ThreadPoolExecutor(2))
        conns = [stack.enter_context(engine.connect()) for _ in range(2)]
        pids = [backend(conn) for conn in conns]
        with engine.connect() as other, other.begin():
            journal.take_turn(other)
            checks = [elsewhere.submit(budgets.check, conn, NOON) for conn in conns]
            for pid in pids:  # both have seen that it is due, and wait for their turn
                database.await_blocked(pid)
        given = [one.result(PATIENCE) for one in checks]

    assert sorted(given) == [0, 1]
    assert database.run(TOLD) == [("builder", "day", 80, 9.0, 10.0)]


def test_a_successor_tells_nothing_again(
    engine: Engine, scribe: Scribe, database: Database, database_url: str
) -> None:
    put(engine, "builder", "10")
    spend(scribe, 9, NOON)
    check(engine)
    engine.dispose()

    assert check(engine, NOON + timedelta(minutes=5)) == 0
    spend(scribe, 2, NOON)
    assert check(engine, NOON + timedelta(minutes=6)) == 1
    assert [row[2] for row in database.run(TOLD)] == [80, 100]


def test_a_raised_budget_warns_anew_and_a_lowered_one_at_once(
    engine: Engine, scribe: Scribe, database: Database
) -> None:
    put(engine, "builder", "10")
    spend(scribe, 10, NOON)
    check(engine)

    assert put(engine, "builder", "12.5")
    assert not put(engine, "builder", "12.50")
    spend(scribe, 3, NOON)
    check(engine)
    put(engine, "builder", "13")
    put(engine, "builder", "10")

    assert database.run(TOLD) == [
        ("builder", "day", 100, 10.0, 10.0),
        ("builder", "day", 80, 10.0, 12.5),
        ("builder", "day", 100, 13.0, 12.5),
        ("builder", "day", 100, 13.0, 13.0),
    ]


def test_a_new_day_and_a_new_month_begin_with_nothing_spent(
    engine: Engine, scribe: Scribe, database: Database
) -> None:
    last = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    put(engine, "builder", "10", DAY, NOON)
    put(engine, "builder", "10", MONTH, NOON)
    spend(scribe, 20, last)
    check(engine, last)

    assert check(engine, last + timedelta(minutes=2)) == 0
    assert [row[2] for row in standing(engine, last + timedelta(minutes=2))] == [0.0, 0.0]
    spend(scribe, 5, last + timedelta(minutes=2))
    assert check(engine, last + timedelta(minutes=3)) == 2
    assert [row[1:4] for row in database.run(TOLD)] == [
        *(("day", 100, 20.0), ("month", 100, 20.0), ("day", 50, 5.0), ("month", 50, 5.0)),
    ]


def test_what_was_spent_in_a_day_s_last_second_is_warned_of_after_midnight(
    engine: Engine, scribe: Scribe, database: Database
) -> None:
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    put(engine, "builder", "10")
    spend(scribe, 9, midnight - timedelta(seconds=1))

    check(engine, midnight + timedelta(seconds=2))

    assert (
        database.value("SELECT data->>'startedAt' FROM activity_log WHERE type = 'budget.warning'")
        == "2026-11-23T00:00:00.000Z"
    )


def test_a_budget_does_not_look_back_at_a_day_that_ended_before_it_was_set(
    engine: Engine, scribe: Scribe, database: Database
) -> None:
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    spend(scribe, 90, midnight - timedelta(hours=3))

    put(engine, "builder", "10", DAY, midnight + timedelta(minutes=5))

    assert database.run(TOLD) == []


def test_calls_without_a_price_are_not_spent_and_are_said(
    engine: Engine, scribe: Scribe, database: Database
) -> None:
    put(engine, "builder", "10")
    spend(scribe, None, NOON)
    spend(scribe, None, NOON)
    spend(scribe, 6, NOON)

    check(engine)

    assert standing(engine) == [("builder", DAY, 6.0, 10.0, 2)]
    assert (
        database.value(
            "SELECT (data->>'unpricedCalls')::int FROM activity_log WHERE type = 'budget.warning'"
        )
        == 2
    )


def test_a_budget_that_is_cleared_warns_no_more(
    engine: Engine, scribe: Scribe, database: Database
) -> None:
    put(engine, "builder", "10")
    with engine.connect() as conn:
        assert budgets.clear(conn, "builder", DAY)
        assert not budgets.clear(conn, "builder", DAY)
    spend(scribe, 90, NOON)

    assert check(engine) == 0
    assert database.run(TOLD) == []


def test_only_who_is_there_can_have_a_budget(engine: Engine, database: Database) -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        put(engine, "nobody", "10")
    with engine.connect() as conn, pytest.raises(NotFoundError):
        budgets.clear(conn, "nobody", DAY)
    assert database.value("SELECT count(*) FROM budgets") == 0
