"""What a run was worth is kept, whatever the process that goes on has in mind of its steps."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from palais.domain.events import (
    Event,
    RunEnded,
    RunSeen,
    RunStatus,
    Span,
    SpanCompleted,
    SpanStarted,
)
from palais.store import queries, recall
from tests.database import Database, Scribe
from tests.store.rows import DAY, MINUTE, NOW, registered

LINES = (
    "SELECT type, data -> 'span' ->> 'status' FROM activity_log WHERE session_id = 'a' ORDER BY id"
)
KEPT = "SELECT status, confidence FROM agent_sessions ORDER BY id"


def begun(run_id: str = "a", at: int = NOW) -> RunSeen:
    return RunSeen(run_id, "builder", at, "agent:builder:main", started_at=at)


def over(run_id: str = "a", status: str = "completed", **known: bool) -> RunEnded:
    return RunEnded("builder", RunStatus(status), NOW + 9, run_id, "agent:builder:main", **known)


def step(run_id: str = "a", span_id: str = "s1", status: str = "ok") -> SpanCompleted:
    span = Span(span_id, "tool_call", "exec", status=status, started_at=NOW)
    return SpanCompleted("builder", span, NOW + 5, run_id)


@pytest.fixture(autouse=True)
def introduced(scribe: Scribe) -> None:
    scribe.write(registered("builder"))


def restart(engine: Engine) -> Scribe:
    """Give a writer that knows what is on record, and nothing else."""
    other = Scribe(engine)
    with engine.connect() as conn:
        other.court = recall.court(conn)
    return other


def average(engine: Engine) -> float | None:
    with engine.connect() as conn:
        [agent] = queries.agents(conn)
    return agent.avg_quality


def test_the_end_of_a_run_puts_what_it_was_worth_on_record(
    scribe: Scribe, engine: Engine, database: Database
) -> None:
    scribe.write(begun(), step())
    assert database.run(KEPT) == [("running", None)]

    scribe.write(over())

    assert database.run(KEPT) == [("completed", 1.0)]
    assert average(engine) == 1.0


def test_a_late_step_changes_it_on_record(scribe: Scribe, database: Database) -> None:
    scribe.write(begun(), step(), over())

    scribe.write(step(span_id="s2", status="error"))

    assert database.run(KEPT) == [("completed", 0.75)]


@pytest.mark.parametrize(
    "later",
    [[step(span_id="s2", status="error")], [over(status="failed", inferred=True)], [begun()]],
)
def test_a_restart_forgets_no_rating_whatever_comes_late(
    scribe: Scribe, engine: Engine, database: Database, later: list[Event]
) -> None:
    scribe.write(begun(), step(), over())

    restart(engine).write(*later)

    assert database.run(KEPT) == [("completed", 1.0)]


def test_a_run_that_goes_on_through_a_restart_is_rated_by_all_its_steps(
    scribe: Scribe, engine: Engine, database: Database
) -> None:
    scribe.write(begun(), step(status="error"))

    restart(engine).write(step(span_id="s2"), over())

    assert database.run(KEPT) == [("completed", 0.75)]


def test_a_long_run_that_goes_on_through_a_restart_is_rated_by_all_its_steps(
    scribe: Scribe, engine: Engine, database: Database
) -> None:
    status = ["error", "ok", "ok", "ok"]
    scribe.write(begun(), *(step(span_id=f"s{n}", status=status[n % 4]) for n in range(396)))

    restart(engine).write(*(step(span_id=f"t{n}") for n in range(4)), over())

    assert database.run(KEPT) == [("completed", round(1 - 99 / 800, 2))]


def test_a_step_that_a_restarted_process_has_not_in_mind_is_not_told_to_be_lost(
    scribe: Scribe, engine: Engine, database: Database
) -> None:
    at = NOW - 11 * MINUTE
    span = Span("s1", "tool_call", "exec", status="running", started_at=at)
    start = SpanStarted("builder", span, at, "a")
    end = replace(over(), at=at + 9)
    scribe.write(begun(at=at), start, replace(step(), at=at + 5), end)
    lines = database.run(LINES)

    restart(engine).write(start)

    assert database.run(LINES) == lines
    assert database.run("SELECT status FROM agent_spans") == [("ok",)]


def test_an_end_that_turns_out_to_be_another_takes_its_rating_along(
    scribe: Scribe, engine: Engine, database: Database
) -> None:
    scribe.write(begun(), step(), over(inferred=True))

    restart(engine).write(over(status="aborted"))

    assert database.run(KEPT) == [("aborted", None)]


def test_an_agent_s_quality_is_the_mean_of_its_rated_runs_of_30_days(
    scribe: Scribe, engine: Engine
) -> None:
    assert average(engine) is None

    old = begun("old", NOW - 31 * DAY)
    scribe.write(old, step("old", status="error"), over("old"))
    assert average(engine) is None

    for run_id, status in (("a", "ok"), ("b", "error"), ("c", "ok")):
        scribe.write(begun(run_id), step(run_id, status=status), over(run_id))
    scribe.write(begun("unrated"), over("unrated"))

    assert average(engine) == 0.83
