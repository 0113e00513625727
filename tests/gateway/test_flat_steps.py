"""Steps in the flat dialect: what went in, what came out, and whose they are."""

import json
from typing import Any

import pytest

from tests.gateway.frames import flat
from tests.gateway.replay import Replay


@pytest.fixture
def replay() -> Replay:
    """Give a link on which the builder has introduced itself."""
    replay = Replay()
    replay.receive(flat("agent.registered", name="Imhotep"))
    return replay


def step(replay: Replay, run_id: str, type_: str = "span.started", **span: Any) -> Any:
    """Send a step of a run; return it as it is on record."""
    said = {"id": "s1", "type": "tool_call", "name": "exec", **span}
    replay.receive(flat(type_, sessionId=run_id, span=said))
    return replay.steps(run_id)[str(said["id"])]


def test_a_step_says_what_went_in_and_what_came_out(replay: Replay) -> None:
    replay.receive(flat("session.started", sessionId="s"))
    begun = {"input": {"command": "ls"}, "startedAt": "2026-11-22T20:00:00.500Z", "parentId": "p"}
    assert step(replay, "s", **begun).status == "running"
    done = step(
        replay,
        "s",
        "span.completed",
        output="a b",
        model="mock/large",
        tokensIn=7,
        tokensOut=3,
        cost=0.5,
        endedAt=1_795_377_601_000,
        durationMs=500,
    )
    assert (done.status, done.parent_id, done.input) == ("ok", "p", '{"command": "ls"}')
    assert (done.output, done.model, done.cost) == ("a b", "mock/large", 0.5)
    assert (done.tokens_in, done.tokens_out, done.duration_ms) == (7, 3, 500)
    assert (done.started_at, done.ended_at) == (1_795_377_600_500, 1_795_377_601_000)


def test_what_a_step_says_keeps_its_lines_up_to_a_bound_and_no_secret(replay: Replay) -> None:
    replay.receive(flat("session.started", sessionId="s", task="use token=hunter2"))
    said = {"name": "exec password=hunter2", "title": "login --password hunter2"}
    done = step(
        replay,
        "s",
        "span.completed",
        input={"api_key": "hunter2", "x": "y" * 9_000},
        output="a\n\tb hunter2".replace("hunter2", "Authorization: hunter2"),
        error="secret: hunter2",
        **said,
    )
    assert "hunter2" not in repr([replay.changes])
    assert done.output == "a\n\tb Authorization: \u2022\u2022\u2022\u2022"
    assert (len(done.input or ""), done.input_clipped, done.output_clipped) == (8_000, True, False)


def test_a_step_with_an_error_is_in_error(replay: Replay) -> None:
    replay.receive(flat("session.started", sessionId="s"))
    done = step(replay, "s", "span.completed", error="exit 3")
    assert (done.status, done.error) == ("error", "exit 3")


def test_a_step_that_names_no_session_belongs_to_the_latest_running_one(replay: Replay) -> None:
    for name in ("first", "second"):
        replay.now += 1000
        replay.receive(flat("session.started", sessionId=name))
    span = {"id": "x", "type": "decision", "name": "choose"}
    replay.receive(flat("span.started", span=span))
    assert list(replay.run("second").steps) == ["x"]
    assert list(replay.run("first").steps) == []


@pytest.mark.parametrize(
    "span",
    [
        {"type": "dream", "id": "1", "name": "x"},
        {"type": ["tool_call"], "id": "1", "name": "x"},
        {"type": "tool_call", "name": "x"},
        {"type": "tool_call", "id": "1"},
        {"type": "tool_call", "id": 1, "name": "x"},
        {"type": "tool_call", "id": "\x00\x07", "name": "x"},
        {"type": "tool_call", "id": "1", "name": "\u202e"},
        None,
        "s",
    ],
)
def test_a_step_that_cannot_be_told_from_others_is_a_fault(replay: Replay, span: object) -> None:
    replay.receive(flat("session.started", sessionId="s"))
    replay.receive(flat("span.started", sessionId="s", span=span))
    assert dict(replay.run("s").steps) == {}
    assert sum(replay.link.faults.values()) == 1


@pytest.mark.parametrize(
    "at", ["yesterday", "9999-99-99", [], -5, 2**60, "0001-01-01T00:00:00-23:59"]
)
def test_a_time_that_is_none_is_unknown_or_in_the_calendar(replay: Replay, at: object) -> None:
    replay.receive(flat("session.started", sessionId="s"))
    started_at = step(replay, "s", startedAt=at).started_at
    assert started_at is None or -62_135_596_800_000 <= started_at < 253_402_300_800_000


def test_a_duration_longer_than_the_calendar_is_unknown(replay: Replay) -> None:
    replay.receive(flat("session.started", sessionId="s"))
    assert step(replay, "s", durationMs=2**53).duration_ms is None
    assert step(replay, "s", durationMs=0).duration_ms == 0


def test_steps_whose_long_ids_begin_alike_are_two_and_each_is_paid_for(replay: Replay) -> None:
    replay.receive(flat("session.started", sessionId="s"))
    for number in range(2):
        call = {"id": f"{'call-' * 40}{number}", "type": "llm_call", "name": "m", "tokensIn": 5}
        tool = {"id": f"t{number}", "type": "tool_call", "name": "x", "parentId": call["id"]}
        replay.receive(flat("span.completed", sessionId="s", span=call))
        replay.receive(flat("span.completed", sessionId="s", span=tool))

    steps = replay.steps("s")
    assert len(steps) == 4
    assert steps["t0"].parent_id != steps["t1"].parent_id
    assert {steps["t0"].parent_id, steps["t1"].parent_id} < steps.keys()
    assert replay.run("s").tokens == 10


def test_a_call_is_in_the_ledger_no_later_than_it_was_told(replay: Replay) -> None:
    replay.receive(flat("session.started", sessionId="s"))
    span = {"id": "c", "type": "llm_call", "name": "m", "tokensIn": 5, "endedAt": "9999-01-01"}
    replay.receive(flat("span.completed", sessionId="s", span=span))
    assert replay.run("s").usage["c"].at == replay.now


def test_a_frame_that_makes_no_sense_tells_the_log_no_secret(
    replay: Replay, caplog: pytest.LogCaptureFixture
) -> None:
    said = {"id": "x", "type": "dream", "input": {"command": "login --password hunter2"}}
    replay.receive(flat("span.started", span=said))
    assert "a flat span has an unknown type" in caplog.text
    assert "--password" in caplog.text
    assert "hunter2" not in caplog.text


def test_all_frames_that_name_no_session_mean_the_same_one(replay: Replay) -> None:
    for name in ("first", "second"):
        replay.now += 1000
        replay.receive(flat("session.started", sessionId=name))
    call = {"id": "c", "type": "llm_call", "name": "m", "tokensIn": 5}
    replay.now += 1000
    replay.receive(flat("span.completed", sessionId="first", span=call))

    replay.receive(flat("span.completed", span={**call, "id": "d"}))
    replay.receive(flat("session.completed"))

    assert list(replay.run("second").steps) == list(replay.run("second").usage) == ["d"]
    assert (replay.run("first").open, replay.run("second").open) == (True, False)


@pytest.mark.parametrize("error", [{"code": 3}, ["no"], True, 3])
def test_an_error_that_is_no_text_is_one_all_the_same(replay: Replay, error: object) -> None:
    replay.receive(flat("session.started", sessionId="s"))
    done = step(replay, "s", "span.completed", error=error)
    assert (done.status, done.error) == ("error", json.dumps(error))


@pytest.mark.parametrize("none", [None, "", False, [], {}, 0])
def test_no_error_is_none_however_it_is_written(replay: Replay, none: object) -> None:
    replay.receive(flat("session.started", sessionId="s"))
    assert step(replay, "s", "span.completed", error=none).status == "ok"


@pytest.mark.parametrize(("made", "shown"), [(0, "0"), (False, "false"), ({}, None), (None, None)])
def test_a_result_of_0_or_false_is_a_result(
    replay: Replay, made: object, shown: str | None
) -> None:
    replay.receive(flat("session.started", sessionId="s"))
    assert step(replay, "s", "span.completed", output=made).output == shown
