"""What was spent, as it is read from the ledger's hours."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine

from palais.domain.changes import UsageAdded
from palais.domain.events import RunEnded, RunStatus, Usage, UsageReported
from palais.domain.spending import NOTHING, Spent, total
from palais.store import gaps, spending
from palais.store.link import LinkFacts, LinkState, record
from palais.store.spending import Scope
from tests.database import Database, Scribe
from tests.store.rows import NOW, registered, seen
from tests.store.spending import call, gap, spend

NOON = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
TODAY = NOON.date()
WEEK = timedelta(days=7)
TEN_THOUSAND = """
    INSERT INTO usage_hourly
    SELECT '2026-11-23 10:00Z'::timestamptz - n % 5 * interval '1 day', 'writer', 'model ' || n, '',
      1, 10, 10, 0, 0, 0, 0.5, 0, 0
    FROM generate_series(1, 10000) n
"""


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as conn:
        yield conn


def costs(found: list[spending.Share]) -> list[tuple[date, str, float | None]]:
    return sorted((one.day, str(one.agent_id or one.model), one.spent.cost) for one in found)


def test_a_day_is_shared_out_among_agents_and_among_models(conn: Connection) -> None:
    spend(
        conn,
        call(NOON, 1.0),
        call(NOON, 2.0, model="haiku"),
        call(NOON, 4.0, agent="writer"),
        call(NOON - timedelta(days=1), 8.0, agent="writer"),
    )

    found = spending.by_day(conn, TODAY - timedelta(days=1), TODAY)

    yesterday = TODAY - timedelta(days=1)
    assert costs(found) == [
        (yesterday, "opus", 8.0),
        (yesterday, "writer", 8.0),
        (TODAY, "builder", 3.0),
        (TODAY, "haiku", 2.0),
        (TODAY, "opus", 5.0),
        (TODAY, "writer", 4.0),
    ]


def test_a_day_is_a_day_in_utc_whatever_the_connection_s_time_zone(conn: Connection) -> None:
    conn.exec_driver_sql("SET TIME ZONE 'Pacific/Auckland'")
    last, first = datetime(2026, 11, 22, 23, 59, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)
    spend(conn, call(last, 1.0), call(first, 2.0))

    found = [one for one in spending.by_day(conn, TODAY, TODAY) if one.agent_id]

    assert [(one.day, one.spent.cost) for one in found] == [(TODAY, 2.0)]
    assert spending.by_hour(conn, TODAY, TODAY)[TODAY][0].cost == 2.0


@pytest.mark.parametrize(
    ("scope", "cost"),
    [
        (Scope(), 15.0),
        (Scope(frozenset({"writer"})), 12.0),
        (Scope(models=frozenset({"opus"})), 5.0),
        (Scope(frozenset({"writer"}), frozenset({"opus", "haiku"})), 4.0),
        (Scope(models=frozenset({""})), 8.0),
        (Scope(frozenset({"nobody"})), 0.0),
    ],
)
def test_only_what_is_asked_for_is_counted(conn: Connection, scope: Scope, cost: float) -> None:
    spend(
        conn,
        call(NOON, 1.0),
        call(NOON, 2.0, model="haiku"),
        call(NOON, 4.0, agent="writer"),
        call(NOON, 8.0, agent="writer", model=None),
    )

    hours = spending.by_hour(conn, TODAY, TODAY, scope)[TODAY]
    lines = spending.lines(conn, TODAY, TODAY, scope)

    assert total(hours).cost == cost
    assert total(one.spent for one in lines).cost == cost
    assert spending.within_hour(conn, NOON + timedelta(minutes=1), scope).cost == cost


def test_what_has_no_price_is_unknown_and_is_counted(conn: Connection) -> None:
    spend(conn, call(NOON, None, tokens=7), call(NOON, 1.5, agent="writer"))

    builder, writer = spending.lines(conn, TODAY, TODAY)

    assert (builder.spent.cost, builder.spent.unpriced_calls) == (None, 1)
    assert (writer.spent.cost, writer.spent.unpriced_calls) == (1.5, 0)
    both = builder.spent + writer.spent
    assert (both.cost, both.calls, both.unpriced_tokens) == (1.5, 2, 7)


def test_an_hour_is_told_up_to_the_minute(conn: Connection) -> None:
    minute = timedelta(minutes=1)
    spend(conn, call(NOON - minute, 1.0), call(NOON, 2.0), call(NOON - timedelta(hours=1), 4.0))

    assert spending.within_hour(conn, NOON).cost == 1.0
    assert spending.within_hour(conn, NOON + minute).cost == 3.0
    assert spending.within_hour(conn, NOON - WEEK) == NOTHING


def test_a_day_without_a_call_has_24_empty_hours(conn: Connection) -> None:
    assert spending.by_hour(conn, TODAY, TODAY) == {TODAY: [NOTHING] * 24}
    assert spending.by_day(conn, TODAY, TODAY) == []
    assert spending.began(conn) is None


def test_the_ledger_begins_with_its_first_hour(conn: Connection) -> None:
    spend(conn, call(NOON), call(NOON - WEEK, model=None))

    assert spending.began(conn) == (NOON - WEEK).replace(minute=0)
    assert spending.models(conn, TODAY - WEEK) == ["", "opus"]
    assert spending.models(conn, TODAY) == ["opus"]


def test_what_the_writer_records_is_what_is_read(conn: Connection, scribe: Scribe) -> None:
    used = [Usage(10, 5, 3, 2, cost, "opus", "anthropic", NOW) for cost in (0.25, None)]
    told = scribe.write(
        registered("builder"),
        seen("run-1"),
        *(UsageReported(f"c{n}", "builder", NOW, one, "run-1") for n, one in enumerate(used)),
        RunEnded("builder", RunStatus.COMPLETED, NOW, "run-1"),
    )
    assert sum(isinstance(one, UsageAdded) for one in told) == 2

    day = datetime.fromtimestamp(NOW / 1000, UTC).date()
    [line] = spending.lines(conn, day, day)

    assert (line.agent_id, line.model, line.provider) == ("builder", "opus", "anthropic")
    assert line.spent == Spent(2, 40, 20, 10, 6, 4, 0.25, 1, 20)


def test_a_figure_beyond_all_reason_is_cut_and_breaks_nothing(
    conn: Connection,
) -> None:
    spend(conn, call(NOON, tokens=2**62), call(NOON, tokens=2**62))

    [line] = spending.lines(conn, TODAY, TODAY)

    assert line.spent.tokens == 2**63 - 1


def test_what_was_not_observed_is_told_once_where_gaps_overlap(
    conn: Connection, database: Database
) -> None:
    hour = timedelta(hours=1)
    gap(database, NOON - 5 * hour, NOON - 3 * hour)
    gap(database, NOON - 4 * hour, NOON - 2 * hour)
    gap(database, NOON - 48 * hour, NOON - 24 * hour)

    found = gaps.unseen(conn, NOON - 4 * hour, NOON)

    assert found == [(NOON - 4 * hour, NOON - 2 * hour)]


def test_a_gateway_that_is_out_of_sight_now_is_not_observed_since_it_was_heard(
    conn: Connection, database: Database
) -> None:
    record(conn, LinkFacts(LinkState.OFFLINE))
    database.run("UPDATE gateway SET observed_at = :at", at=NOON - timedelta(hours=1))

    assert gaps.unseen(conn, NOON - WEEK, NOON) == [(NOON - timedelta(hours=1), NOON)]

    conn.rollback()
    record(conn, LinkFacts(LinkState.CONNECTED))
    assert gaps.unseen(conn, NOON - WEEK, NOON) == []


def test_of_very_many_models_the_largest_are_told_and_the_others_together(
    conn: Connection, database: Database
) -> None:
    spend(conn, call(NOON, 5.0), call(NOON - WEEK, 7.0, model="haiku"))
    conn.commit()
    database.run(TEN_THOUSAND)

    found = spending.by_day(conn, TODAY - WEEK, TODAY)

    by_model = [one for one in found if one.agent_id is None]
    assert len({one.model for one in by_model}) == spending.MODELS + 1
    assert {"opus", "haiku", spending.OTHERS} < {one.model for one in by_model}
    by_agent = total(one.spent for one in found if one.agent_id)
    assert total(one.spent for one in by_model) == by_agent
    assert by_agent.calls == 10_002
    assert len(spending.models(conn, TODAY - WEEK)) == spending.MODELS
