"""What was written is what is recalled."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some
from sqlalchemy import Engine

from palais.domain.court import apply
from palais.domain.events import (
    ConversationsActive,
    Event,
    GatewayRebooted,
    RosterListed,
    RunEnded,
    RunSeen,
    RunStatus,
    RunWithdrawn,
    Status,
    StatusReported,
    Usage,
    UsageReported,
)
from palais.domain.step import ENDED_KEPT, Court
from palais.store import recall
from tests.database import Database, Scribe
from tests.store.rows import DAY, MINUTE, NOW, registered, seen

AGENTS = ("builder", "writer")
RUNS = ("run-1", "run-2", "run-3")
FLEETING = {
    *("activity", "steps", "touched_at", "missing_since"),  # signs of life
    *("calls", "forgotten", "partial"),  # what is in mind of its steps
    *("reported_tokens", "reported_cost"),  # what counts is tokens and cost
}
MANY_ENDED = f"""
    INSERT INTO agent_sessions (id, run_id, agent_id, status, started_at, ended_at)
    SELECT 'e' || n, 'e' || n, 'builder', 'completed', now(), now()
    FROM generate_series(1, {ENDED_KEPT}) n
"""

agent_ids, run_ids = some.sampled_from(AGENTS), some.sampled_from(RUNS)
times = some.integers(NOW - 30 * MINUTE, NOW)
words = some.none() | some.sampled_from(["opus", "haiku"])
chats = some.none() | some.sampled_from(["chat-1", "chat-2"])
counts = some.none() | some.integers(0, 2**50)
prices = some.none() | some.integers(0, 2**20).map(lambda eighths: eighths / 8)
calls = some.builds(
    Usage,
    *(some.integers(0, 2**40),) * 4,
    *(prices, words, words, times),
)
ended = some.sampled_from([status for status in RunStatus if status is not RunStatus.RUNNING])

events = some.one_of(
    some.builds(registered, agent_ids, times, model=words, emoji=words),
    some.builds(RosterListed, some.just((registered("builder").profile,)), times),
    some.builds(StatusReported, agent_ids, some.sampled_from(Status), times, counts, words),
    some.builds(RunSeen, run_ids, agent_ids, times, chats, times, words, words, counts, words),
    some.builds(
        RunEnded,
        agent_ids,
        ended,
        times,
        run_ids,
        chats,
        times,
        words,
        words,
        words,
        counts,
        prices,
    ),
    some.builds(RunWithdrawn, run_ids, agent_ids, times),
    some.builds(UsageReported, words.map(str), agent_ids, times, calls, run_ids, chats, words),
    some.builds(ConversationsActive, some.frozensets(some.just("chat-1")), times),
    some.builds(GatewayRebooted, times, some.frozensets(run_ids)),
)


def recalled(engine: Engine) -> Court:
    with engine.connect() as conn:
        return recall.court(conn)


def on_record(court: Court) -> dict[str, Any]:
    """Return what of a court has to outlive the process."""
    runs = {
        run.run_id: {
            **{one.name: getattr(run, one.name) for one in fields(run) if one.name not in FLEETING},
            "tokens": run.tokens,
            "cost": run.cost,
        }
        for run in (*court.open.values(), *court.ended.values())
    }
    return {"agents": court.agents, "runs": runs, "open": set(court.open)}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=some.lists(some.lists(events, max_size=6), max_size=6))
@example([[RunEnded("builder", RunStatus.COMPLETED, NOW, "run-1", tokens=0, cost=0.125)]])
def test_whatever_happened_the_court_is_recalled_as_it_was(
    database: Database, engine: Engine, batches: list[list[Event]]
) -> None:
    database.empty()
    scribe = Scribe(engine)
    scribe.write(*(registered(agent_id) for agent_id in AGENTS))

    for batch in batches:
        scribe.write(*batch)

    assert on_record(recalled(engine)) == on_record(scribe.court)


def test_a_run_goes_on_after_a_restart_where_it_was(scribe: Scribe, engine: Engine) -> None:
    called = UsageReported("call-1", "builder", NOW, Usage(tokens_in=5, cost=0.5), "run-1")
    scribe.write(registered(), seen(task="Draw the plan"), called)

    scribe.court = recalled(engine)

    assert scribe.write(called) == []
    again = UsageReported("call-2", "builder", NOW, Usage(tokens_out=7, cost=0.25), "run-1")
    scribe.write(again, RunEnded("builder", RunStatus.COMPLETED, NOW, "run-1"))
    run = recalled(engine).ended["run-1"]
    assert (run.tokens, run.cost, run.task) == (12, 0.75, "Draw the plan")


def test_an_end_that_is_repeated_after_a_restart_changes_nothing(
    scribe: Scribe, engine: Engine
) -> None:
    end = RunEnded("builder", RunStatus.FAILED, NOW, "run-1", error="no")
    scribe.write(registered(), seen(), end)

    court = recalled(engine)

    assert apply(court, end) == (court, ())


def test_a_task_that_an_agent_reported_is_its_task_again_when_its_run_ends(
    scribe: Scribe, engine: Engine
) -> None:
    scribe.write(registered(), StatusReported("builder", Status.BUSY, NOW, task="Watch the gate"))
    scribe.write(seen(task="Draw the plan"))

    scribe.court = recalled(engine)
    scribe.write(RunEnded("builder", RunStatus.COMPLETED, NOW + 1, "run-1"))

    assert scribe.court.agents["builder"].task == "Watch the gate"


def test_an_open_run_is_recalled_however_many_have_ended_since_it_began(
    scribe: Scribe, engine: Engine, database: Database
) -> None:
    scribe.write(registered(), seen(at=NOW - 60 * MINUTE))
    database.run(MANY_ENDED)

    court = recalled(engine)

    assert set(court.open) == {"run-1"}
    assert len(court.ended) <= ENDED_KEPT


@pytest.mark.parametrize(("age", "known"), [(DAY, {"run-1"}), (2 * DAY, set())])
def test_an_ended_run_is_recalled_for_longer_than_a_resync_looks_back(
    scribe: Scribe, engine: Engine, age: int, known: set[str]
) -> None:
    at = NOW - age
    scribe.write(registered(), seen(at=at), RunEnded("builder", RunStatus.COMPLETED, at, "run-1"))

    assert set(recalled(engine).ended) == known


def test_the_tables_as_new_give_an_empty_court(engine: Engine) -> None:
    assert recalled(engine) == Court()
