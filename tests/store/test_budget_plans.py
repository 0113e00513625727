"""Budgets are checked by the ledger's indexes, of however many years there is one."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from palais.domain.budgets import watched
from palais.store import budgets
from tests.database import Database
from tests.store.test_plans import plan

NOW = datetime.now(UTC)
TWO_YEARS = """
    INSERT INTO usage_hourly
    SELECT date_trunc('hour', now()) - hour * interval '1 hour', 'agent-' || agent, '', '',
      7, 700, 300, 200, 100, 100, 0.7, 0, 0
    FROM generate_series(0, 17520) hour, generate_series(1, 8) agent;
"""
BUDGETS = """
    INSERT INTO budgets (scope, period, amount)
    SELECT scope, period, 5 FROM unnest(ARRAY['*', 'agent-3', 'agent-5']) AS scope,
      unnest(ARRAY['day', 'month']) AS period;
"""


@pytest.fixture(scope="module")
def years(postgres: Database) -> Iterator[Database]:
    postgres.empty()
    postgres.run(TWO_YEARS)
    postgres.run(BUDGETS)
    postgres.run("VACUUM ANALYZE usage_hourly, budgets, budget_alerts")
    yield postgres
    postgres.empty()


@pytest.fixture
def conn(years: Database) -> Iterator[Connection]:
    with years.engine.connect() as conn:
        yield conn


def test_what_is_spent_is_read_from_the_hours_of_the_day_and_month_alone(conn: Connection) -> None:
    steps = plan(conn, lambda conn: budgets.standings(conn, watched(NOW)))

    assert "Seq Scan on usage_hourly" not in steps, steps
    assert "(agent_id = budgets.scope)" in steps, steps
    assert "One-Time Filter: (budgets.scope = '*'::text)" in steps, steps


def test_each_budget_stands_as_the_ledger_s_hours_say(years: Database) -> None:
    with years.engine.connect() as conn:
        found = budgets.current(conn, NOW)

    assert len(found) == 6
    for one in found:
        assert one.spent > 0
        assert one.spent == years.value(
            """
            SELECT sum(cost) FROM usage_hourly
            WHERE hour >= :start AND hour < :until AND (:scope = '*' OR agent_id = :scope)
            """,
            start=one.window.start,
            until=one.window.until,
            scope=one.scope,
        )
