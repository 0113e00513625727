"""The gateway's own figures on record: what replaces what, and what is never deleted."""

from datetime import date

import pytest
from sqlalchemy import Engine

from palais.domain.account import ConversationUsage, UsageListed, UsageWithheld
from palais.domain.changes import Change
from palais.store import journal
from tests.database import Database
from tests.store.rows import NOW, entries

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
ROWS = "SELECT day, conversation, tokens, cost FROM gateway_usage ORDER BY 1, 2"
DAYS = "SELECT day, complete FROM gateway_days ORDER BY 1"


def of(name: str, tokens: int, cost: float = 0.25) -> ConversationUsage:
    return ConversationUsage(f"agent:cfo:{name}", "cfo", tokens, cost)


def commit(engine: Engine, *changes: Change) -> None:
    with engine.connect() as conn:
        journal.commit(conn, entries(*changes))


def listed(
    *told: ConversationUsage, day: date = MONDAY, at: int = NOW, complete: bool = True
) -> UsageListed:
    return UsageListed(day, at, told, complete)


def kept(database: Database) -> dict[str, object]:
    return {str(name).rpartition(":")[2]: tokens for _, name, tokens, _ in database.run(ROWS)}


def test_an_answer_takes_the_place_of_the_one_before_it_of_the_same_day(
    engine: Engine, database: Database
) -> None:
    commit(engine, listed(of("a", 1), of("b", 2)), listed(of("a", 5), day=TUESDAY))

    commit(engine, listed(of("a", 3, 0.1234567891)))

    [monday, tuesday] = database.run(ROWS)
    assert (monday[0], monday[2], float(monday[3])) == (MONDAY, 3, 0.1234567891)  # type: ignore[arg-type]
    assert tuesday[:3] == (TUESDAY, "agent:cfo:a", 5)
    assert database.run(DAYS) == [(MONDAY, True), (TUESDAY, True)]


def test_an_answer_that_is_not_complete_deletes_nothing(engine: Engine, database: Database) -> None:
    commit(engine, listed(of("a", 1), of("b", 2)))

    commit(engine, listed(of("a", 3), complete=False))

    assert kept(database) == {"a": 3, "b": 2}
    assert database.run(DAYS) == [(MONDAY, False)]


def test_a_day_on_which_the_gateway_counts_nothing_is_told_as_well(
    engine: Engine, database: Database
) -> None:
    commit(engine, listed(of("a", 1)))

    commit(engine, listed(at=NOW + 1_000))

    assert kept(database) == {}
    told_at = "SELECT extract(epoch FROM told_at) * 1000 FROM gateway_days"
    assert int(database.value(told_at)) == NOW + 1_000  # type: ignore[call-overload]


def test_a_batch_may_be_written_twice(engine: Engine, database: Database) -> None:
    batch = (listed(of("a", 1)), listed(of("a", 2), of("b", 4)))
    commit(engine, *batch)

    commit(engine, *batch)

    assert kept(database) == {"a": 2, "b": 4}


@pytest.mark.parametrize("names", [("a' OR '1'='1", 'b"; --'), ("é%s", "\\x00")])
def test_a_name_is_only_a_name(engine: Engine, database: Database, names: tuple[str, str]) -> None:
    commit(engine, listed(*(of(name, 1) for name in names)))

    found = database.run("SELECT conversation FROM gateway_usage")
    assert {name for (name,) in found} == {f"agent:cfo:{name}" for name in names}


def test_whether_the_gateway_tells_figures_at_all_is_on_record(
    engine: Engine, database: Database
) -> None:
    tells = "SELECT tells_usage FROM gateway"
    assert database.value(tells) is None

    commit(engine, UsageWithheld(NOW))
    assert database.value(tells) is False

    commit(engine, listed())
    assert database.value(tells) is True
