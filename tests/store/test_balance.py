"""Both books as they are read: by UTC days, with what was not watched and what came late."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event

from palais.domain.account import ConversationUsage, UsageListed, UsageWithheld
from palais.domain.books import Amount, Reason
from palais.domain.events import Blindness, RunSeen, Unobserved, Usage, UsageReported
from palais.store import reconciliation
from palais.store.reconciliation import Balance
from tests.database import Database, Scribe
from tests.store.rows import registered

TODAY = date(2026, 11, 23)
NOON = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp() * 1000)
HOUR = 3_600_000
MANY = """
    INSERT INTO agents (id, name) VALUES ('cfo', 'CFO');
    INSERT INTO agent_sessions (id, run_id, agent_id, status, started_at)
    VALUES ('s', 'r', 'cfo', 'completed', '2026-11-23');
    INSERT INTO usage (session_id, key, agent_id, run_id, at, tokens, basis)
    SELECT 's', n, 'a' || n % 500, 'r', '2026-11-24'::timestamptz - n * interval '10 min', 1,
      'unknown'
    FROM generate_series(1, 30000) n;
    INSERT INTO gateway_usage
      (day, conversation, agent_id, tokens, cost, unpriced_calls, archived)
    SELECT '2026-11-24'::date - n % 300, 'c' || n, 'cfo', 1, 1, 0, false
    FROM generate_series(1, 30000) n;
    ANALYZE usage, gateway_usage;
"""
MAIN = "agent:cfo:main"


@pytest.fixture
def books(scribe: Scribe, database: Database) -> Scribe:
    """Give a cockpit that has watched the gateway since long ago."""
    database.run("UPDATE gateway SET first_observed_at = '2026-01-01'")
    scribe.write(registered("cfo", at=NOON))
    return scribe


def spend(
    scribe: Scribe, key: str, tokens: int, at: int = NOON, cost: float | None = 0.5, to: str = MAIN
) -> None:
    usage = Usage(tokens_in=tokens, cost=cost, at=at)
    scribe.write(
        RunSeen(f"run-{to}", "cfo", NOON - HOUR, to),
        UsageReported(key, "cfo", at, usage, f"run-{to}", to),
    )


def told(*both: tuple[str, int, float], day: date = TODAY, at: int = NOON + HOUR) -> UsageListed:
    found = tuple(ConversationUsage(name, "cfo", tokens, cost) for name, tokens, cost in both)
    return UsageListed(day, at, found)


def balance(engine: Engine, days: int = 7) -> Balance:
    with engine.connect() as conn:
        return reconciliation.read(conn, days, TODAY)


def test_two_books_that_agree(books: Scribe, engine: Engine) -> None:
    spend(books, "a", 70)
    spend(books, "b", 20, cost=0.25)
    books.write(told((MAIN, 90, 0.75)))

    read = balance(engine)

    [row] = read.rows
    assert (row.day, row.agent_id) == (TODAY, "cfo")
    assert row.ours == row.theirs == Amount(90, Decimal("0.75"))
    assert (row.explained, read.offered) == (True, True)
    assert read.told_at == datetime(2026, 11, 23, 13, tzinfo=UTC)


def test_a_conversation_that_the_gateway_forgot_is_ours_only(books: Scribe, engine: Engine) -> None:
    spend(books, "a", 70)
    spend(books, "b", 20, to="agent:cfo:side")
    books.write(told((MAIN, 70, 0.5), ("agent:cfo:side", 20, 0.5)))
    assert balance(engine).rows[0].parts == {}

    books.write(told((MAIN, 70, 0.5)))

    [row] = balance(engine).rows
    assert row.parts == {Reason.DELETED: Amount(20, Decimal("0.5"))}
    assert row.explained


def test_what_was_before_the_gateway_s_transcript_begins_was_deleted_there(
    books: Scribe, engine: Engine
) -> None:
    spend(books, "a", 70, at=NOON)
    spend(books, "b", 20, at=NOON + 60_000)
    again = ConversationUsage(MAIN, "cfo", 20, 0.5, began_at=NOON + 30_000)
    books.write(UsageListed(TODAY, NOON + HOUR, (again,)))

    assert balance(engine).rows[0].parts == {Reason.DELETED: Amount(70, Decimal("0.5"))}


def test_the_runs_of_a_cron_job_are_laid_against_the_job(books: Scribe, engine: Engine) -> None:
    job = "agent:cfo:cron:7"
    spend(books, "a", 30, to=f"{job}:run:1")
    spend(books, "b", 40, to=f"{job}:run:2")
    books.write(told((job, 70, 1.0)))

    assert balance(engine).rows[0].parts == {}


def test_what_was_recorded_after_the_gateway_added_up_came_late(
    books: Scribe, engine: Engine
) -> None:
    spend(books, "a", 70)
    spend(books, "b", 20, at=NOON + 2 * HOUR)
    books.write(told((MAIN, 70, 0.5)))

    assert balance(engine).rows[0].parts == {Reason.TIMING: Amount(20, Decimal("0.5"))}


@pytest.mark.parametrize("gap", [(NOON, NOON + 1), (NOON - 24 * HOUR, NOON)])
def test_a_gap_leaves_its_days_unwatched(
    books: Scribe, engine: Engine, gap: tuple[int, int]
) -> None:
    spend(books, "a", 70)
    books.write(told((MAIN, 90, 0.75)))
    assert list(balance(engine).rows[0].parts) == [Reason.OTHER]

    books.write(Unobserved(*gap, Blindness.GATEWAY))

    assert list(balance(engine).rows[0].parts) == [Reason.UNOBSERVED]


@pytest.mark.parametrize(
    ("gap", "reason"),
    [
        ((NOON - 2 * HOUR, NOON - HOUR), Reason.OTHER),
        ((NOON + HOUR, NOON + 2 * HOUR), Reason.OTHER),
        ((NOON - 2 * HOUR, NOON - 30_000), Reason.UNOBSERVED),
        ((NOON + 1_000, NOON + 2_000), Reason.UNOBSERVED),
        ((NOON + 630_000, NOON + HOUR), Reason.UNOBSERVED),
    ],
)
def test_a_gap_excuses_only_conversations_that_were_active_then(
    books: Scribe, engine: Engine, gap: tuple[int, int], reason: Reason
) -> None:
    active = ConversationUsage(MAIN, "cfo", 90, 0.5, began_at=NOON, ended_at=NOON + 600_000)
    books.write(UsageListed(TODAY, NOON + HOUR, (active,)), Unobserved(*gap, Blindness.GATEWAY))

    assert list(balance(engine).rows[0].parts) == [reason]


def test_while_the_gateway_is_out_of_sight_nothing_is_watched(
    books: Scribe, engine: Engine, database: Database
) -> None:
    books.write(told((MAIN, 90, 0.75)))
    database.run("UPDATE gateway SET state = 'offline', observed_at = '2026-11-23 12:00Z'")

    assert list(balance(engine).rows[0].parts) == [Reason.UNOBSERVED]


def test_a_gap_of_another_day_excuses_nothing(books: Scribe, engine: Engine) -> None:
    books.write(told((MAIN, 90, 0.75)))
    books.write(Unobserved(NOON - 48 * HOUR, NOON - 24 * HOUR, Blindness.GATEWAY))

    assert list(balance(engine).rows[0].parts) == [Reason.OTHER]


def test_a_day_before_palais_first_observed_was_not_watched(
    books: Scribe, engine: Engine, database: Database
) -> None:
    books.write(told((MAIN, 90, 0.75)))
    database.run("UPDATE gateway SET first_observed_at = '2026-11-23 00:00:01Z'")

    assert list(balance(engine).rows[0].parts) == [Reason.UNOBSERVED]


def test_a_call_without_a_price_is_counted_as_such(books: Scribe, engine: Engine) -> None:
    spend(books, "a", 70, cost=None)
    books.write(told((MAIN, 70, 0.5)))

    [row] = balance(engine).rows
    assert row.parts == {Reason.UNPRICED: Amount(0, Decimal("-0.5"))}
    assert row.unpriced_calls == 1


def test_more_tokens_than_a_column_holds_are_added_up(books: Scribe, engine: Engine) -> None:
    for key in range(3):
        spend(books, str(key), 2**62)

    assert balance(engine).rows[0].ours.tokens == 3 * 2**62


def test_days_are_those_of_utc_whatever_the_server_s_zone(
    books: Scribe, engine: Engine, database: Database
) -> None:
    midnight = NOON + 12 * HOUR
    spend(books, "a", 70, at=midnight - 1)
    spend(books, "b", 20, at=midnight)
    with engine.connect() as conn:
        conn.exec_driver_sql("SET timezone = 'Pacific/Auckland'")
        rows = reconciliation.read(conn, 2, TODAY + timedelta(days=1)).rows

    assert [(row.day.day, row.ours.tokens) for row in rows] == [(24, 20), (23, 70)]


def test_only_the_days_that_are_asked_for_are_told(books: Scribe, engine: Engine) -> None:
    for ago in range(9):
        spend(books, f"c{ago}", 10, at=NOON - ago * 24 * HOUR)

    assert [row.day.day for row in balance(engine, 1).rows] == [23]
    assert [row.day.day for row in balance(engine, 7).rows] == [*range(23, 16, -1)]


def test_a_gateway_that_tells_no_figures_is_told_from_one_that_was_not_asked(
    books: Scribe, engine: Engine
) -> None:
    assert balance(engine).offered is None

    books.write(UsageWithheld(NOON))

    read = balance(engine)
    assert (read.offered, read.told_at, read.total) == (False, None, None)


def test_both_books_are_read_by_their_days(database: Database) -> None:
    database.run(MANY)
    made: list[tuple[str, Any]] = []

    def note(_c: Any, _cur: Any, sql: str, values: Any, _ctx: Any, _many: bool) -> None:
        made.append((sql, values))

    engine = database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        with engine.connect() as conn:
            reconciliation.read(conn, 2, TODAY)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as conn:
        found = [conn.exec_driver_sql(f"EXPLAIN {sql}", values) for sql, values in made]
        steps = "\n".join(line for told in found for line in told.scalars())

    assert "pk_gateway_usage" in steps
    assert "ix_usage_at" in steps
