"""Recorded runs that went wrong, were stopped, or had to wait."""

from palais.domain.agent import SIGNAL_ACTIVITIES
from palais.domain.events import RunStatus
from tests.gateway.frames import Json, audited, event, of_run
from tests.gateway.recording import at_seq, connection, is_end
from tests.gateway.replay import Replay, replayed

FLAKY = "47e3a35c-10c8-4260-990a-d628cca6b9e1"
FLAKY_KEY = "agent:explorer:e82dd"
FLAKY_ERROR = "⚠️ flaky/mock-flaky request failed (provider internal error, HTTP 500)."
FLAKY_END = 1_795_376_185_050
FINAL_FAILURE = event(
    "agent",
    {
        "runId": FLAKY,
        "stream": "lifecycle",
        "data": {
            "phase": "error",
            "startedAt": 1_795_376_110_104,
            "endedAt": FLAKY_END,
            "error": FLAKY_ERROR,
            "executionSettled": True,
        },
        "sessionKey": FLAKY_KEY,
        "agentId": "explorer",
        "seq": 40,
        "ts": FLAKY_END,
    },
)
"""How run 47e3a35c ended, from PROTOCOL.md: the recording leaves the frame out."""


def of_explorer(phase: str, at: int) -> Json:
    payload = of_run("next", at, "explorer", stream="lifecycle", data={"phase": phase})
    return event("agent", payload)


def signals(replay: Replay, agent_id: str) -> list[object]:
    """What of the agent's activity went into history."""
    told = [line.fields.get("activity") for line in replay.logged("agent.status", agent_id)]
    return [activity for activity in told if activity in SIGNAL_ACTIVITIES]


def test_an_aborted_run_is_aborted_and_its_agent_idle() -> None:
    replay = replayed("06")
    run = replay.run("162e883f")
    assert run.status is RunStatus.ABORTED
    assert (run.started_at, run.ended_at) == (1_795_375_960_717, 1_795_375_964_852)
    assert replay.statuses("artist") == ["idle", "busy", "idle"]
    assert len(replay.logged("session.completed")) == 1


def test_the_error_frame_that_follows_an_abort_is_not_a_failure() -> None:
    replay = replayed("06")
    assert replay.run("162e883f").error is None
    assert not replay.agent("artist").failed


def test_what_the_gateway_writes_into_an_aborted_conversation_is_no_model_call() -> None:
    run = replayed("06").run("162e883f")
    assert dict(run.usage) == {}
    assert run.model == "mock/mock-large"
    assert (run.tokens, run.cost) == (None, None)


def test_a_refused_model_call_fails_the_run_with_its_reason() -> None:
    replay = replayed("07")
    first, second = replay.run("dff7bb39"), replay.run("c646bbe5")
    assert first.status is second.status is RunStatus.FAILED
    assert first.error is not None
    assert first.error.startswith("LLM request failed: provider rejected the request schema")
    assert second.error is not None
    assert "authentication failed, HTTP 401" in second.error
    assert [run.tokens for run in (first, second)] == [None, None]


def test_a_failed_agent_stays_in_error_until_its_next_run_starts() -> None:
    replay = Replay().play(connection("07"), until=is_end)
    assert replay.not_idle() == {"explorer": "error"}
    replay.wait(120_000)
    assert replay.not_idle() == {"explorer": "error"}
    replay.receive(of_explorer("start", replay.now))
    assert replay.not_idle() == {"explorer": "busy"}
    replay.receive(of_explorer("end", replay.now + 9))
    assert replay.not_idle() == {}


def test_two_failures_in_a_row_are_an_error_each() -> None:
    assert replayed("07").statuses("explorer") == ["idle", "busy", "error", "busy", "error"]


def test_an_attempt_that_fails_is_not_the_end_of_its_run() -> None:
    replay = Replay().play(connection("07b"), until=at_seq(64))
    assert replay.run("47e3a35c").open
    assert replay.statuses("explorer") == ["idle", "busy"]


def test_each_retry_is_a_signal_that_goes_into_history() -> None:
    replay = Replay().play(connection("07b"), until=at_seq(64))
    assert signals(replay, "explorer") == ["retrying"] * 6
    assert replay.agent("explorer").activity == "retrying"


def test_a_retry_does_not_move_the_start_of_its_run() -> None:
    replay = Replay().play(connection("07b"), until=at_seq(7))
    started_at = replay.run("47e3a35c").started_at
    replay.go_on(until=at_seq(64))
    assert replay.run("47e3a35c").started_at == started_at


def test_the_last_failed_attempt_fails_the_run() -> None:
    replay = Replay().play(connection("07b"), until=at_seq(64))
    replay.receive(FINAL_FAILURE)
    run = replay.run("47e3a35c")
    assert (run.status, run.error) == (RunStatus.FAILED, FLAKY_ERROR)
    assert (run.started_at, run.ended_at) == (1_795_376_110_104, FLAKY_END)
    assert replay.not_idle() == {"explorer": "error"}


def test_an_end_lost_in_a_gap_is_read_from_the_audit_log() -> None:
    finished = audited(FLAKY, FLAKY_END, "failed", "explorer")
    audit = {"ok": True, "payload": {"events": [finished]}}
    replay = Replay(answers={"audit.activity.list": lambda _: audit}).play(connection("07b"))
    assert replay.link.faults == {"the gateway dropped events": 1}
    run = replay.run("47e3a35c")
    assert (run.status, run.ended_at, run.inferred) == (RunStatus.FAILED, FLAKY_END, False)
    assert replay.agent("explorer").active_sessions == 1


def test_an_end_lost_in_a_gap_without_trace_is_inferred() -> None:
    def only_the_second(_: Json) -> Json:
        row = {"key": "agent:explorer:ee500", "hasActiveRun": True}
        return {"ok": True, "payload": {"ts": replay.now, "sessions": [row]}}

    replay = Replay().play(connection("07b"), until=at_seq(64))
    replay.answers["sessions.list"] = only_the_second
    replay.wait(30_000)
    run = replay.run("47e3a35c")
    assert (run.status, run.inferred) == (RunStatus.LOST, True)


def test_a_run_that_takes_too_long_is_a_timeout_and_its_agent_in_error() -> None:
    replay = replayed("07d")
    run = replay.run("26253ea7")
    assert run.status is RunStatus.TIMEOUT
    assert run.error is not None
    assert run.error.startswith("Request timed out before a response was generated.")
    assert replay.statuses("tutor") == ["idle", "busy", "error"]
    assert (run.tokens, run.cost) == (None, None)


def test_a_delegation_that_is_blocked_is_a_step_in_error_within_a_good_run() -> None:
    replay = replayed("09")
    run = replay.run("bf281d09")
    (step,) = replay.used("bf281d09")
    assert (step.type, step.name, step.status) == ("delegation", "sessions_spawn", "error")
    assert step.error == "Tool sessions_spawn not found"
    assert run.status is RunStatus.COMPLETED
    assert replay.busy == [set(), {"concierge"}, set()]


def test_an_agent_that_waits_for_a_human_says_so_in_history_until_it_goes_on() -> None:
    replay = replayed("10")
    told = [line.fields.get("activity") for line in replay.logged("agent.status", "maintainer")]
    assert signals(replay, "maintainer") == ["waiting"]
    assert told[told.index("waiting") + 1] == "thinking"
    run = replay.run("36f3748b")
    assert run.status is RunStatus.COMPLETED
    assert [(step.name, step.status) for step in replay.used("36f3748b")] == [("exec", "ok")]


def test_an_agent_waits_for_as_long_as_nobody_answers() -> None:
    replay = Replay().play(connection("10"), until=at_seq(25))
    replay.wait(60_000)
    assert replay.not_idle() == {"maintainer": "busy"}
    assert replay.agent("maintainer").activity == "waiting"
