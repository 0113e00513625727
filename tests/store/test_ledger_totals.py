"""Sessions and ledger tell the same sums, whatever a bridge tells, and whoever takes over when."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import Engine

from palais.domain.events import Event, RunEnded, RunStatus, Usage, UsageReported
from palais.store import recall
from tests.database import Database, Scribe
from tests.store.hours import wrong
from tests.store.rows import NOW, registered, seen

BOOKS = """
    SELECT run.tokens, run.cost, coalesce(sum(usage.tokens), 0), sum(usage.cost),
           bool_or(basis = 'unknown')
    FROM agent_sessions AS run LEFT JOIN usage ON session_id = run.id GROUP BY run.id
"""
AMOUNTS = some.sampled_from([None, 0.0, 0.1, 0.5, 2.0])


def call(key: str, tokens: int, cost: float | None) -> Event:
    usage = Usage(tokens_in=tokens, cost=cost, at=NOW)
    return UsageReported(key, "builder", NOW, usage, "run-1")


def total(tokens: int | None, cost: float | None) -> Event:
    done = RunStatus.COMPLETED
    return RunEnded("builder", done, NOW + 1, "run-1", tokens=tokens, cost=cost)


told = some.lists(
    some.builds(call, some.sampled_from(["a", "b", "c"]), some.integers(1, 99), AMOUNTS)
    | some.builds(total, some.none() | some.integers(0, 300), AMOUNTS),
    max_size=10,
)


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(first=told, second=told)
def test_a_session_has_what_its_entries_add_up_to_also_after_a_takeover(
    first: list[Event], second: list[Event], database: Database, engine: Engine
) -> None:
    database.empty()
    scribe, heir = Scribe(engine), Scribe(engine)
    scribe.write(registered(), seen(), *first)
    with engine.connect() as conn:
        heir.court = recall.court(conn)
    heir.write(*first, *second)

    [(tokens, cost, counted, known, unpriced)] = database.run(BOOKS)
    assert (tokens or 0) == counted
    if cost:
        assert cost == pytest.approx(known)
    assert cost is not None or unpriced or known is None
    assert cost is None or not unpriced
    assert wrong(database) == []


def test_a_total_is_recalled_as_what_it_is(engine: Engine, scribe: Scribe) -> None:
    scribe.write(registered(), seen(), call("a", 10, None), total(100, 0.5))

    with engine.connect() as conn:
        recalled = recall.court(conn).ended["run-1"]

    assert recalled.usage == scribe.court.ended["run-1"].usage
    assert (recalled.tokens, recalled.cost) == (100, 0.5)


def test_a_total_pays_for_the_calls_before_it_that_had_no_price(
    scribe: Scribe, database: Database
) -> None:
    unpriced = (
        "SELECT sum(unpriced_calls), sum(unpriced_tokens), sum(cost)::float FROM usage_hourly"
    )
    story = [call("a", 10, None), call("b", 20, 0.1)]
    scribe.write(registered(), seen(), *story)
    assert database.run(unpriced) == [(1, 10, 0.1)]

    for _ in range(2):
        scribe.write(*story, total(100, 0.5))

    assert database.run(unpriced) == [(0, 0, 0.5)]
    told = "SELECT key, basis, cost::float FROM usage ORDER BY key"
    assert database.run(told) == [
        ("a", "total", None),
        ("b", "gateway", 0.1),
        ("total", "gateway", 0.4),
    ]


def test_a_total_that_was_free_pays_for_its_calls_as_well(
    scribe: Scribe, database: Database
) -> None:
    for _ in range(2):
        scribe.write(registered(), seen(), call("a", 10, None), total(10, 0.0))

    told = "SELECT sum(unpriced_calls), sum(cost)::float, sum(tokens) FROM usage_hourly"
    assert database.run(told) == [(0, 0.0, 10)]
    assert database.run("SELECT cost::float FROM agent_sessions") == [(0.0,)]


def test_a_total_of_more_tokens_costs_what_the_total_before_it_did(
    scribe: Scribe, database: Database
) -> None:
    scribe.write(registered(), seen(), total(10, 0.5))
    scribe.write(total(50, None))

    told = "SELECT sum(unpriced_calls), sum(cost)::float, sum(tokens) FROM usage_hourly"
    assert database.run(told) == [(0, 0.5, 50)]
    assert database.run("SELECT cost::float FROM agent_sessions") == [(0.5,)]


def test_a_total_of_tokens_alone_pays_for_nothing(scribe: Scribe, database: Database) -> None:
    scribe.write(registered(), seen(), call("a", 10, None), total(100, None))

    assert database.value("SELECT sum(unpriced_calls) FROM usage_hourly") == 2
