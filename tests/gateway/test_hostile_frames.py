"""Frames made to hurt: too deep, too large, out of time. The next one counts all the same."""

import json
import sys
from typing import Any

import pytest

from palais.domain import text as texts
from palais.domain.changes import Logged
from palais.gateway import fields
from palais.gateway.frames import MAX_INT
from palais.store import wire
from tests.gateway.frames import event, lifecycle
from tests.gateway.replay import Replay
from tests.hostile import HOSTILE, HUGE, agent, end, life

FLAT = ["agent.status", "session.completed", "span.started", "galaxy.exploded"]
LIFE = [frame["type"] for frame in life("a", "r", "x")]


def flat(*frames: Any) -> Replay:
    """Give a connection on which an agent has introduced itself, and then said this."""
    replay = Replay()
    for frame in ({"type": "agent.registered", "agentId": "a", "name": "A"}, *frames):
        replay.receive(frame)
    return replay


def lines(replay: Replay) -> list[Logged]:
    return [change for change in replay.changes if isinstance(change, Logged)]


def still_works(replay: Replay) -> bool:
    replay.receive({"type": "session.started", "agentId": "a", "sessionId": "next"})
    return any(run.run_id == "next" for run in replay.runs())


@pytest.mark.parametrize("kind", FLAT)
def test_nesting_of_any_depth_is_survived_in_the_flat_dialect(kind: str) -> None:
    replay = flat()
    deepest = sys.getrecursionlimit()
    for depth in (*range(deepest - 300, deepest + 2), 5_000):
        nested = "[" * depth + "]" * depth
        replay.receive(f'{{"type":"{kind}","agentId":"a","status":{nested},"span":{nested}}}')
    assert sum(replay.link.faults.values()) > 300
    assert still_works(replay)


def test_nesting_of_any_depth_is_survived_in_unknown_events() -> None:
    replay = Replay().connect()
    deepest = sys.getrecursionlimit()
    for depth in range(deepest - 300, deepest + 2):
        frame = json.dumps(event("galaxy.exploded", {"data": "HERE"}))
        replay.receive(frame.replace('"HERE"', "[" * depth + "]" * depth))
    replay.receive(lifecycle("next", "start", replay.now))
    assert replay.not_idle() == {"builder": "busy"}


@pytest.mark.parametrize(
    "when",
    [
        *(MAX_INT, 253_402_300_800_000, -5, 1e300, "9999-12-31T23:59:59-23:59"),
        *("0001-01-01T00:00:00+23:59", "1969-01-01T00:00:00Z", "soon", "\ud800", [], {}),
    ],
)
def test_a_step_at_no_time_is_a_step_all_the_same(when: Any) -> None:
    span = {"id": "s", "type": "tool_call", "name": "exec", "startedAt": when, "endedAt": when}
    of = {"agentId": "a", "sessionId": "r", "span": span}
    replay = flat(
        {"type": "session.started", **of},
        *({"type": f"span.{end}", **of} for end in ("started", "completed")),
    )
    (step,) = replay.run("r").steps.values()
    assert (step.started_at, step.ended_at) == (replay.now, replay.now)
    assert [json.loads(wire.event_text(line))["type"] for line in lines(replay)][-2:] == [
        "span.started",
        "span.completed",
    ]


@pytest.mark.parametrize(("tokens", "cost"), [(MAX_INT, 1e15), (10**12 + 1, 10**6 + 1)])
def test_figures_beyond_reason_are_not_believed(tokens: float, cost: float) -> None:
    ended = end("a", "r", "x", tokens=tokens, cost=cost)
    run = flat(*life("a", "r", "x"), ended).run("r")
    assert (run.tokens, run.cost) == (None, None)


def test_a_number_in_the_sequence_that_is_beyond_reason_is_none() -> None:
    replay = Replay().connect()
    for seq in (1, -(10**4299), 10**4299, MAX_INT + 1):
        body = json.dumps(lifecycle("r", "start", replay.now))
        # Text that orjson does not read goes to a parser that knows numbers of any size.
        replay.receive(body.replace("{", f'{{"seq":{seq},"x":"\\ud800",', 1))
    assert "the gateway dropped events" not in replay.link.faults


@pytest.mark.parametrize("said", HOSTILE)
def test_whatever_an_agent_says_is_a_clean_line_everywhere(said: str) -> None:
    replay = flat(agent("a", said), *life("a", "r", said), end("a", "r", said))
    for line in lines(replay):
        told = wire.event_text(line)
        assert told.isprintable() or "\u200d" in told
        assert len(told) < 20_000


@pytest.mark.parametrize(
    "place", ["name", "task", "summary", "output", "status", "type", "agentId"]
)
def test_ten_megabytes_are_not_kept(place: str, palais_log: pytest.LogCaptureFixture) -> None:
    said = "é" * HUGE
    frames = {
        "name": agent("a", said),
        "task": life("a", "r", said)[0],
        "summary": end("a", "r", said),
        "output": life("a", "r", said)[2],
        "status": {"type": "agent.status", "agentId": "a", "status": said},
        "type": {"type": f"a.{said}", "agentId": "a"},
        "agentId": {"type": "agent.status", "agentId": said, "status": "busy"},
    }
    replay = flat(life("a", "r", "x")[0], frames[place])
    kept = [repr(replay.court), repr(replay.changes), repr(replay.link.faults)]
    assert max(map(len, kept)) < 200_000
    assert sum(len(one.getMessage()) for one in palais_log.records) < 2_000
    assert still_works(replay)


def test_a_picture_that_is_too_long_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    monkeypatch.setattr(texts, "is_plain", lambda text: bool(read.append(len(text))) or True)
    for url in ("data:image/png;base64," + "é" * HUGE, "é" * HUGE, "https://x/" + "é" * HUGE):
        assert fields.picture({"avatarUrl": url}, "avatarUrl") is None
    assert read == []
