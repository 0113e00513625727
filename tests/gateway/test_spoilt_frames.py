"""Good frames of which one field is missing or is something else: never fatal, whichever it is."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.gateway.frames import (
    T0,
    TEN,
    Json,
    active,
    audited,
    event,
    lifecycle,
    log,
    of_run,
    spent,
)
from tests.gateway.recording import connections, recordings
from tests.gateway.replay import Replay, consistent

MISSING = object()
INSTEAD: tuple[Any, ...] = (
    *(MISSING, None, True, False, 0, -1, 7, 2**60, 1.5, float("nan"), float("inf")),
    *("", " ", "x", "\x00\ud800", "agent:", "x" * 2000),
    *([], [[]], ["x"], [{}], {}, {"x": {}}),
)
"""What a field may hold instead."""

KEY = "agent:builder:main"
ROW: Json = {
    "key": KEY,
    "agentId": "builder",
    "status": "running",
    "hasActiveRun": True,
    "activeRunIds": ["r1"],
    "startedAt": T0,
    "endedAt": T0,
    "lastRunId": "r0",
    "lastRunError": "broke",
    "abortedLastRun": False,
    "modelProvider": "mock",
    "model": "large",
    "estimatedCostUsd": 0.5,
    "snapshotAt": T0,
}
TOOL: Json = {
    "name": "exec",
    "toolCallId": "c1",
    "parentToolCallId": "c0",
    "title": "Exec",
    "startedAt": T0,
    "endedAt": T0,
}
RESULT: Json = {"content": [{"type": "text", "text": "out"}], "details": {"exitCode": 3}}
QUESTION: Json = {"role": "user", "content": "What?", "idempotencyKey": "r1:user"}
TASK: Json = {
    "id": "t",
    "runId": "r1",
    "agentId": "builder",
    "sessionKey": KEY,
    "title": "What?",
    "status": "running",
    "runtime": "cli",
    "createdAt": T0,
}

EVENTS: dict[str, Json] = {
    "start": lifecycle("r1", "start", startedAt=T0),
    "model": lifecycle("r1", "model", provider="mock", model="large"),
    "end": lifecycle("r1", "end", startedAt=T0, endedAt=T0, terminalReply={"text": "Done."}),
    "error": lifecycle("r1", "error", endedAt=T0, error="broke", timeoutPhase="provider"),
    "aborted": lifecycle("r1", "end", status="cancelled", aborted=True),
    "waiting": lifecycle("r1", "waiting-approval", approvalId="a"),
    "retrying": event("agent", of_run("r1", stream="run_status", data={"phase": "retrying"})),
    "typing": event("agent", of_run("r1", stream="assistant", data={"delta": "x"})),
    "tool start": event(
        "session.tool",
        of_run("r1", stream="tool", data={**TOOL, "phase": "start", "args": {"command": "ls"}}),
    ),
    "tool result": event(
        "session.tool",
        of_run("r1", stream="tool", data={**TOOL, "phase": "result", "result": RESULT}),
    ),
    "item end": event(
        "agent",
        of_run("r1", stream="item", data={**TOOL, "kind": "tool", "phase": "end", "status": "x"}),
    ),
    "chat delta": event("chat", of_run("r1", state="delta")),
    "chat final": event("chat", of_run("r1", state="final")),
    "task": event("task", {"task": TASK}),
    "question": event("session.message", {"sessionKey": KEY, "message": QUESTION}),
    "answer": event("session.message", spent("r1", "k1")),
    "row": event(
        "sessions.changed",
        {"sessionKey": KEY, "agentId": "builder", "runId": "r1", "phase": "start", "session": ROW},
    ),
    "flat row": event("sessions.changed", {"sessionKey": KEY, **ROW}),
    "shutdown": event("shutdown", {"reason": "gateway stopping"}),
}
ANSWERS: dict[str, Json] = {
    "agents.list": {
        "agents": [
            *({"id": agent_id} for agent_id in TEN),
            {
                "id": "b",
                "identity": {"name": "B", "theme": "t", "emoji": "e"},
                "model": {"primary": "m"},
            },
        ]
    },
    "sessions.subscribe": {"list": {"sessions": [ROW]}},
    "sessions.list": active("builder")["payload"],
    "audit.activity.list": log(audited("r0", T0, "succeeded"), audited("r0", T0))["payload"],
    "chat.history": {"messages": [spent("r1", "k1")["message"], QUESTION]},
}
SPAN: Json = {
    "id": "s",
    "type": "tool_call",
    "name": "exec",
    "parentId": "p",
    "input": {"a": [1]},
    "output": "out",
    "model": "m",
    "tokensIn": 1,
    "tokensOut": 2,
    "cost": 0.5,
    "error": "e",
    "startedAt": "2026-11-22T20:00:00Z",
    "endedAt": T0,
    "durationMs": 5,
}
FLAT: dict[str, Json] = {
    "agent.registered": {"name": "n", "persona": "p", "bio": "b", "model": "m", "avatarUrl": "u"},
    "agent.status": {"status": "busy", "taskId": 12, "task": "t"},
    "session.started": {"sessionId": "r1", "taskId": "T", "model": "m", "task": "t"},
    "session.completed": {"sessionId": "r1", "status": "failed", "tokens": 5, "cost": 0.5},
    "span.started": {"sessionId": "r1", "span": SPAN},
    "span.completed": {"sessionId": "r1", "span": SPAN},
}


def places(node: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every field, however deep."""
    keys = node if isinstance(node, dict) else range(len(node))
    for key in list(keys):
        yield (key,)
        if isinstance(node[key], dict | list):
            yield from ((key, *path) for path in places(node[key]))


def spoilt(frame: Json, path: tuple[Any, ...], instead: Any) -> Json:
    """Return a copy of the frame with something else in one place."""
    copied = copy.deepcopy(frame)
    node: Any = copied
    for key in path[:-1]:
        node = node[key]
    if instead is MISSING:
        del node[path[-1]]
    else:
        node[path[-1]] = instead
    return copied


def variants(frame: Json) -> Iterator[Json]:
    for path in places(frame):
        for instead in INSTEAD:
            yield spoilt(frame, path, instead)


@pytest.mark.parametrize("name", EVENTS)
def test_no_field_of_an_event_can_be_fatal(name: str) -> None:
    replay = Replay().connect()
    replay.receive(lifecycle("r1", "start"))
    for frame in variants(EVENTS[name]):
        replay.receive(frame)
    assert consistent(replay)
    replay.receive(lifecycle("next", "start", replay.now))
    assert replay.run("next").open


@pytest.mark.parametrize("method", ANSWERS)
def test_no_field_of_an_answer_can_be_fatal(method: str) -> None:
    for payload in variants(ANSWERS[method]):
        said = {"ok": True, "payload": payload}
        replay = Replay(answers={"sessions.list": lambda _: active("builder")})
        replay.answers[method] = lambda _, said=said: said
        replay.connect()
        assert consistent(replay)


@pytest.mark.parametrize("method", [method for method in ANSWERS if method != "agents.list"])
def test_no_field_of_an_answer_keeps_palais_from_catching_up(method: str) -> None:
    for payload in variants(ANSWERS[method]):
        said = iter([{"ok": True, "payload": payload}])
        good = {"ok": True, "payload": ANSWERS[method]}
        replay = Replay(answers={method: lambda _, it=said, good=good: next(it, good)}).connect()
        replay.wait(5_000)
        assert set(TEN) <= set(replay.court.agents)


@pytest.mark.parametrize("type_", FLAT)
def test_no_field_of_a_flat_frame_can_be_fatal(type_: str) -> None:
    replay = Replay()
    replay.receive({"type": "agent.registered", "agentId": "builder"})
    replay.receive({"type": "session.started", "agentId": "builder", "sessionId": "r1"})
    for frame in variants({"type": type_, "agentId": "builder", **FLAT[type_]}):
        replay.receive(frame)
    assert consistent(replay)
    replay.receive({"type": "session.started", "agentId": "builder", "sessionId": "next"})
    assert replay.run("next").open


@pytest.mark.parametrize("name", recordings())
@pytest.mark.parametrize("seed", range(3))
def test_a_recording_with_every_fourth_event_spoilt_is_survived(name: str, seed: int) -> None:
    chance = random.Random(f"{name} {seed}")
    replay = Replay().connect()
    for recorded in connections(name.partition("-")[0]):
        events = [frame for _, frame in recorded.frames if frame["type"] == "event"]
        for frame in events:
            path, instead = chance.choice([*places(frame)]), chance.choice(INSTEAD)
            replay.receive(spoilt(frame, path, instead) if chance.random() < 0.25 else frame)
    assert consistent(replay)
    replay.receive(lifecycle("next", "start", replay.now))
    assert replay.run("next").open
