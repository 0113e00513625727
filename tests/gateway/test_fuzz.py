"""Anything at all in place of what a gateway says: counted at most, and never fatal."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palais.errors import GatewayError
from tests.gateway.frames import Json, challenge, event, hello, lifecycle
from tests.gateway.replay import Replay, consistent

EVENTS = (
    *("agent", "session.tool", "chat", "task", "session.message", "sessions.changed"),
    *("config.changed", "shutdown", "health", "tick", "cron", "connect.challenge"),
)
METHODS = (
    *("agents.list", "sessions.subscribe", "sessions.list", "audit.activity.list"),
    *("chat.history", "sessions.messages.subscribe"),
)
FLAT = (
    *("agent.registered", "agent.status", "session.started", "session.completed"),
    *("span.started", "span.completed"),
)
KEYS = (
    *("runId", "agentId", "sessionKey", "stream", "data", "phase", "status", "kind", "name"),
    *("toolCallId", "args", "result", "details", "exitCode", "content", "task", "runtime", "id"),
    *("message", "role", "provider", "usage", "cost", "total", "stopReason", "__openclaw"),
    *("session", "hasActiveRun", "activeRunIds", "lastRunId", "endedAt", "state", "ts", "error"),
    *("agents", "sessions", "events", "messages", "action", "occurredAt", "key", "list", "type"),
    *("sessionId", "span", "input", "model", "identity", "nonce", "reason", "nextCursor"),
)
WORDS = (
    *("lifecycle", "tool", "item", "assistant", "start", "end", "error", "result", "running"),
    *("builder", "agent:builder:main", "r1", "assistant", "user", "final", "delta", "mock"),
    *("agent_run", "agent.run.started", "succeeded", "cli", "tool_call", "busy", "completed"),
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.sampled_from(WORDS)
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=12)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=25,
)
PAYLOADS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8)


def survives(replay: Replay, frame: Json) -> None:
    """Take a frame in, and be as able as before to take in the next."""
    replay.receive(frame)
    assert consistent(replay)


@pytest.mark.parametrize("name", EVENTS)
@settings(max_examples=25)
@given(payload=PAYLOADS)
def test_no_payload_of_any_event_is_fatal(name: str, payload: Json) -> None:
    replay = Replay().connect()
    survives(replay, event(name, payload))
    survives(replay, event(name, {"runId": "r1", "agentId": "builder", **payload}))
    survives(replay, lifecycle("next", "start", replay.now))
    assert replay.run("next").open


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25)
@given(answer=PAYLOADS | VALUES)
def test_no_answer_to_any_request_is_fatal(method: str, answer: Any) -> None:
    replay = Replay(answers={method: lambda _: {"ok": True, "payload": answer}}).connect()
    replay.receive(lifecycle("r1", "start", replay.now))
    replay.receive(event("config.changed", {}))
    replay.wait(3_000)
    assert consistent(replay)


@settings(max_examples=60)
@given(payload=PAYLOADS)
def test_no_hello_is_fatal_unless_it_lets_nobody_in(payload: Json) -> None:
    replay = Replay()
    replay.receive(challenge())
    with suppress(GatewayError):
        replay.receive(hello(**payload))
    assert replay.link.connected == (replay.link.protocol is not None)


@pytest.mark.parametrize("type_", FLAT)
@settings(max_examples=25)
@given(body=PAYLOADS)
def test_no_flat_frame_is_fatal(type_: str, body: Json) -> None:
    replay = Replay()
    replay.receive({"type": "agent.registered", "agentId": "builder"})
    replay.receive({"type": "session.started", "agentId": "builder", "sessionId": "r1"})
    survives(replay, {**body, "type": type_})
    survives(replay, {**body, "type": type_, "agentId": "builder"})
    survives(replay, {"type": "session.started", "agentId": "builder", "sessionId": "next"})
    assert replay.run("next").open


@settings(max_examples=80)
@given(text=st.text(max_size=60) | VALUES.map(json.dumps))
def test_no_text_is_fatal(text: str) -> None:
    replay = Replay().connect()
    replay.receive(text)
    assert consistent(replay)
