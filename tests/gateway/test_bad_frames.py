"""Frames that make no sense: counted by kind, logged once a kind, never fatal, the next counts."""

import json
import logging
import sys

import pytest

from palais.gateway.frames import CLIP
from tests.gateway.frames import T0, TEN, Json, challenge, event, lifecycle, of_run, spent
from tests.gateway.replay import Replay

YEAR_10000 = 253_402_300_800_000
LOG = "palais.gateway.link"

NOT_JSON = ["", " ", "{", "nonsense", '{"type":"event"', "\x00", "{'type': 'event'}", "[1,"]
NO_OBJECT = ["[]", "null", "1", '"event"', "true", "NaN", "-Infinity"]
NO_TYPE = ["{}", '{"type":null}', '{"type":"req"}', '{"type":7}', '{"type":["event"]}']
NO_EVENT = [
    '{"type":"event"}',
    '{"type":"event","event":7}',
    '{"type":"event","event":"agent","payload":[]}',
    '{"type":"event","event":"agent","payload":"x"}',
    '{"type":"res"}',
    '{"type":"res","id":7,"ok":true}',
    '{"type":"res","id":"p1","ok":"yes"}',
]


@pytest.fixture
def replay() -> Replay:
    """Give a connection on which all is well."""
    return Replay().connect()


def still_works(replay: Replay) -> bool:
    """Whether the next frame is handled."""
    replay.receive(lifecycle("next", "start", replay.now))
    return replay.not_idle() == {"builder": "busy"}


@pytest.mark.parametrize("text", NOT_JSON + NO_OBJECT + NO_TYPE + NO_EVENT)
def test_a_text_that_is_no_frame_is_counted_and_the_next_one_handled(
    replay: Replay, text: str
) -> None:
    court = replay.court
    assert replay.receive(text) == []
    assert replay.court is court
    assert sum(replay.link.faults.values()) == 1
    assert still_works(replay)


@pytest.mark.parametrize("text", NOT_JSON + NO_OBJECT + NO_TYPE + NO_EVENT)
def test_a_text_that_is_no_frame_is_no_greeting_either(text: str) -> None:
    replay = Replay()
    replay.receive(text)
    assert not replay.link.connected
    assert sum(replay.link.faults.values()) == 1
    assert replay.connect().link.connected


def test_faults_of_one_kind_are_counted_together_and_logged_once(
    replay: Replay, palais_log: pytest.LogCaptureFixture
) -> None:
    for number in range(50):
        replay.receive(f"nonsense {number} " + "x" * 5000)
    replay.receive("[]")
    assert replay.link.faults == {"a frame is not JSON": 50, "a frame is not an object": 1}
    lines = [one for one in palais_log.records if one.name == LOG]
    assert [one.levelno for one in lines] == [logging.WARNING] * 2
    assert "nonsense 0 xxx" in lines[0].getMessage()
    assert len(lines[0].getMessage()) < CLIP + 200


def test_an_unknown_event_is_counted_under_its_name_with_a_copy_in_the_log(
    replay: Replay, palais_log: pytest.LogCaptureFixture
) -> None:
    replay.receive(event("galaxy.exploded", {"agentId": "builder", "size": 42}))
    replay.receive(event("galaxy.exploded", {"agentId": "builder", "size": 43}))
    assert replay.link.faults == {"unknown event galaxy.exploded": 2}
    (line,) = [one.getMessage() for one in palais_log.records if one.name == LOG]
    assert "galaxy.exploded" in line
    assert "42" in line
    assert still_works(replay)


@pytest.mark.parametrize("name", ["x\nERROR forged", "x\r\n\x1b[2J", "\ud800", "x" * 5000])
def test_an_unknown_name_cannot_forge_a_line_of_the_log(
    replay: Replay, palais_log: pytest.LogCaptureFixture, name: str
) -> None:
    replay.receive(event(name, {}))
    (line,) = [one.getMessage() for one in palais_log.records if one.name == LOG]
    assert line.isprintable()
    assert line.encode()
    assert len(line) < 400
    assert sum(replay.link.faults.values()) == 1


def test_nesting_of_any_depth_is_survived(replay: Replay) -> None:
    """Some depths can just be read, but not be written into a log line."""
    deepest = sys.getrecursionlimit()
    depths = [*range(deepest - 250, deepest + 2), 5_000, 200_000]
    for count, depth in enumerate(depths, 1):
        nested = "[" * depth + "]" * depth
        frame = json.dumps(event("agent", {"sessionKey": "x", "data": "HERE"}))
        replay.receive(frame.replace('"HERE"', nested))
        assert sum(replay.link.faults.values()) == count
    assert still_works(replay)


def test_deeply_nested_arguments_of_a_tool_are_survived(replay: Replay) -> None:
    deepest = sys.getrecursionlimit()
    data = {"phase": "start", "name": "exec", "toolCallId": "c", "args": "HERE"}
    frame = json.dumps(event("session.tool", of_run("next", stream="tool", data=data)))
    for depth in range(deepest - 250, deepest + 2):
        replay.receive(frame.replace('"HERE"', '{"a":' * depth + "1" + "}" * depth))
    assert still_works(replay)


def test_the_arguments_of_a_tool_are_shown_as_they_were_written(replay: Replay) -> None:
    args = {"query": "été à Kinshasa 日本\u202e\ud800"}
    data = {"phase": "start", "name": "search", "toolCallId": "c", "args": args}
    replay.receive(event("session.tool", of_run("r", stream="tool", data=data)))
    assert replay.run("r").steps["c"].input == '{"query": "été à Kinshasa 日本"}'


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"runId": "r"},
        {"agentId": "builder"},
        {"agentId": "builder", "runId": 7},
        {"agentId": "builder", "runId": ""},
        {"agentId": "builder", "runId": "\x00\u202e"},
        {"agentId": 7, "runId": "r"},
        {"agentId": ["builder"], "runId": "r"},
        {"sessionKey": "builder", "runId": "r"},
        {"sessionKey": "agent:builder", "runId": "r"},
        {"sessionKey": "agent::main", "runId": "r"},
        {"sessionKey": "agent:a b:main", "runId": "r"},
    ],
)
def test_a_frame_that_names_no_run_or_agent_is_a_fault(replay: Replay, payload: Json) -> None:
    whole = {"stream": "lifecycle", "data": {"phase": "start"}, "ts": T0, **payload}
    assert replay.receive(event("agent", whole)) == []
    assert sum(replay.link.faults.values()) == 1
    assert replay.runs() == []


@pytest.mark.parametrize(
    "agent_id",
    [
        *("../../etc/passwd", "..", "", " ", "a b", "a/b", "a?b", "a#b", "<b>", "a%2e"),
        *("builder\n", "\u202ebuilder", "builder\x00", "é", "-rf", ".env", "x" * 129),
    ],
)
def test_a_hostile_agent_id_is_never_taken_in(agent_id: str) -> None:
    listed = {"ok": True, "payload": {"agents": [{"id": agent_id}, {"id": "builder"}]}}
    replay = Replay(answers={"agents.list": lambda _: listed}).connect()
    assert set(replay.court.agents) == {"builder"}
    payload = of_run("r", agent_id=agent_id, stream="lifecycle", data={"phase": "start"})
    replay.receive(event("agent", payload))
    assert replay.runs() == []
    assert sum(replay.link.faults.values()) == 1


def test_an_agent_that_the_gateway_did_not_list_is_dropped(replay: Replay) -> None:
    payload = of_run("r", agent_id="ghost", stream="lifecycle", data={"phase": "start"})
    replay.receive(event("agent", payload))
    assert replay.unknown == ["ghost"]
    assert set(replay.court.agents) == set(TEN)


@pytest.mark.parametrize(
    "number",
    ["NaN", "Infinity", "-Infinity", "1e999", "-1", "true", '"9"', "[]", "9" * 4000, "2e15"],
)
def test_a_time_that_is_none_is_replaced_by_now(replay: Replay, number: str) -> None:
    frame = json.dumps(lifecycle("r", "start"))
    replay.receive(frame.replace(str(T0), number))
    run = replay.run("r")
    assert run.touched_at in {replay.now, int(2e15)}
    assert replay.agent("builder").status_since in {replay.now, int(2e15)}


@pytest.mark.parametrize("at", [YEAR_10000, 2**53])
def test_a_time_beyond_the_calendar_is_not_believed(replay: Replay, at: int) -> None:
    replay.receive(lifecycle("r", "start", at, startedAt=at))
    replay.receive(lifecycle("r", "end", at, startedAt=at, endedAt=at))
    replay.receive(event("session.message", spent("r", "k", at)))
    run, agent = replay.run("r"), replay.agent("builder")
    times = [run.started_at, run.ended_at, agent.status_since, agent.last_seen_at]
    times += [usage.at for usage in run.usage.values()]
    assert None not in times
    assert max(times) < YEAR_10000  # type: ignore[type-var]


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "1e999", "-3", "true", '"5"', "{}", "9" * 400]
)
def test_consumption_that_makes_no_sense_is_not_counted(replay: Replay, value: str) -> None:
    replay.receive(lifecycle("r", "start"))
    frame = json.dumps(event("session.message", spent("r", "k")))
    frame = frame.replace('"input": 10', f'"input": {value}').replace("0.5", value)
    replay.receive(frame)
    run = replay.run("r")
    assert (run.tokens, run.cost) == (5, None)


def test_texts_are_made_safe_before_anybody_sees_them(replay: Replay) -> None:
    evil = "one\u202etwo\x00\ud800\r\nthree" + "\u200b" * 9
    replay.receive(lifecycle("r\x00\ud800", "start"))
    replay.receive(lifecycle("r", "error", error=evil, terminalReply={"text": evil}))
    (run,) = replay.runs()
    assert run.run_id == "r"
    assert run.error == run.summary == "onetwo three"


def test_a_text_without_end_is_clipped(replay: Replay) -> None:
    replay.receive(lifecycle("r", "error", error="x" * 1_000_000))
    error = replay.run("r").error
    assert error is not None
    assert len(error) <= 600
    assert error.endswith("…")


@pytest.mark.parametrize("ts", ["NaN", "null", '"now"', "-5", "1e999", "{}"])
def test_a_challenge_whose_time_is_none_is_not_answered(ts: str) -> None:
    replay = Replay()
    replay.receive(json.dumps(challenge()).replace(str(T0), ts))
    assert replay.asked == []
    assert sum(replay.link.faults.values()) == 1


def test_a_refused_request_is_counted_and_changes_nothing(replay: Replay) -> None:
    replay.answers["agents.list"] = lambda _: {"ok": False, "error": {"message": "no\x00"}}
    court = replay.court
    replay.receive(event("config.changed", {}))
    assert replay.court is court
    assert replay.link.faults == {"agents.list was refused": 1}


def test_a_question_asked_right_after_an_answer_is_that_of_the_next_run(replay: Replay) -> None:
    """As recorded in 11: the last delta of a run's chat comes after its end."""
    replay.receive(lifecycle("first", "start", T0))
    replay.receive(lifecycle("first", "end", T0 + 100))
    replay.receive(event("chat", of_run("first", T0 + 101, state="delta")))
    message = {"role": "user", "content": "And now?", "timestamp": T0 + 150}
    replay.receive(
        event("session.message", {"sessionKey": "agent:builder:main", "message": message})
    )
    replay.receive(lifecycle("second", "start", T0 + 200))
    assert replay.run("second").task == "And now?"
    assert replay.run("first").task is None
