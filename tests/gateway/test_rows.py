"""Rows: the newest state of a conversation, which says more and less than the frame around it."""

import pytest

from palais.domain.events import RunStatus
from tests.gateway.frames import T0, Json, event, lifecycle, spent
from tests.gateway.replay import Replay

KEY = "agent:builder:main"


def row(**said: object) -> Json:
    session = {"key": KEY, "hasActiveRun": False, "snapshotAt": T0 + 5000, **said}
    return event("sessions.changed", {"sessionKey": KEY, "phase": "end", "session": session})


def over(**said: object) -> Json:
    """Return a row after run ``a`` has ended at T0 + 900."""
    return row(lastRunId="a", endedAt=T0 + 900, startedAt=T0 - 100, **said)


@pytest.fixture
def replay() -> Replay:
    """Give a connection on which run ``a`` goes on."""
    replay = Replay().connect()
    replay.receive(lifecycle("a", "start"))
    return replay


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"status": "done"}, "completed"),
        ({"status": "failed"}, "failed"),
        ({"status": "killed"}, "aborted"),
        ({"status": "timeout"}, "timeout"),
        ({"status": "running"}, "completed"),
        ({"status": "running", "lastRunError": "broke"}, "failed"),
        ({"status": "running", "abortedLastRun": True}, "aborted"),
        ({"status": "running", "lastRunError": "stopped", "abortedLastRun": True}, "aborted"),
        ({}, "completed"),
    ],
)
def test_a_row_tells_how_the_last_run_ended(replay: Replay, said: Json, status: str) -> None:
    replay.receive(over(**said))
    run = replay.run("a")
    assert run.status == status
    assert (run.started_at, run.ended_at) == (T0 - 100, T0 + 900)
    assert run.error == said.get("lastRunError")


def test_the_estimate_in_a_row_is_no_cost_that_was_counted(replay: Replay) -> None:
    replay.receive(over(status="done", estimatedCostUsd=0.25, model="large", modelProvider="mock"))
    assert (replay.run("a").tokens, replay.run("a").cost) == (None, None)
    assert replay.run("a").model == "mock/large"


def test_calls_that_were_told_outweigh_the_price_in_the_row(replay: Replay) -> None:
    replay.receive(event("session.message", spent("a", "k")))
    replay.receive(over(status="done", estimatedCostUsd=9.0))
    assert (replay.run("a").tokens, replay.run("a").cost) == (15, 0.5)


def test_a_cost_of_nothing_is_what_a_gateway_tells_of_a_model_without_a_price(
    replay: Replay,
) -> None:
    said = spent("a", "k")
    said["message"]["usage"]["cost"] = {"input": 0, "output": 0, "total": 0}
    replay.receive(event("session.message", said))
    assert (replay.run("a").tokens, replay.run("a").cost) == (15, None)
    assert [step.cost for step in replay.run("a").steps.values()] == [None]


def test_a_row_about_a_run_that_nobody_saw_opens_no_session(replay: Replay) -> None:
    replay.receive(row(lastRunId="older", endedAt=T0 - 9_000_000, status="failed"))
    assert [run.run_id for run in replay.runs()] == ["a"]
    assert replay.not_idle() == {"builder": "busy"}


def test_a_row_that_says_a_run_is_active_again_does_not_reopen_an_ended_one(
    replay: Replay,
) -> None:
    replay.receive(lifecycle("a", "end", T0 + 900))
    late = {"key": KEY, "hasActiveRun": True, "snapshotAt": T0 + 5000}
    for phase in ("start", "model", "end"):
        payload = {"sessionKey": KEY, "phase": phase, "runId": "a", "session": late}
        replay.receive(event("sessions.changed", payload))
    assert replay.run("a").status is RunStatus.COMPLETED
    assert replay.not_idle() == {}


@pytest.mark.parametrize(
    ("session", "busy"),
    [
        ({"hasActiveRun": True}, True),
        ({"hasActiveRun": False}, False),
        ({"status": "running"}, True),
        ({"status": "done"}, False),
        ({"hasActiveRun": False, "status": "running"}, False),
        ({}, False),
    ],
)
def test_a_phase_names_a_run_only_where_the_row_says_that_one_is_active(
    session: Json, busy: bool
) -> None:
    replay = Replay().connect()
    payload = {"sessionKey": KEY, "phase": "start", "runId": "new", "session": session}
    replay.receive(event("sessions.changed", payload))
    assert bool(replay.not_idle()) == busy


@pytest.mark.parametrize("phase", ["end", "error", "message", None])
def test_no_other_phase_opens_a_session(phase: str | None) -> None:
    replay = Replay().connect()
    payload = {"sessionKey": KEY, "phase": phase, "runId": "new"}
    replay.receive(event("sessions.changed", {**payload, "session": {"hasActiveRun": True}}))
    assert replay.runs() == []


@pytest.mark.parametrize("ids", [None, [], ["", 7, None, {}]])
def test_no_list_of_active_runs_opens_a_session_without_a_name(ids: object) -> None:
    replay = Replay().connect()
    replay.receive(row(hasActiveRun=True, activeRunIds=ids))
    assert replay.runs() == []


def test_a_change_of_no_conversation_in_particular_changes_nothing(replay: Replay) -> None:
    court = replay.court
    replay.receive(event("sessions.changed", {"reason": "delete"}))
    assert replay.court is court
    assert replay.link.faults == {}
