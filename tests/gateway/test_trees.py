"""What running gateways were recorded to say makes exact trees, in whatever order it is told."""

import random
from collections.abc import Iterable
from functools import cache
from textwrap import dedent, indent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palais.domain.changes import Change
from palais.domain.events import (
    Event,
    RosterListed,
    RunEnded,
    RunSeen,
    Span,
    SpanCompleted,
    SpanStarted,
)
from palais.gateway.dialects.openclaw.results import results
from tests.domain.record import Steps, on_record, tree
from tests.domain.story import Story
from tests.gateway.books import history
from tests.gateway.frames import Json
from tests.gateway.recording import at_seq, connection, connections
from tests.gateway.replay import Replay, replayed
from tests.gateway.trees import TREES

Told = RunSeen | RunEnded | SpanStarted | SpanCompleted


@cache
def lived(name: str) -> Replay:
    """Return the last connection of a recording, lived through."""
    (*_, recorded) = connections(name)
    return Replay().play(recorded)


def drawn(replay: Replay) -> str:
    """Return the runs and their steps as the trees are written."""
    steps = on_record(replay.changes)
    runs = sorted(replay.runs(), key=lambda run: run.started_at or 0)
    lines = [
        f"{run.agent_id} {run.status}\n" + indent("\n".join(tree(steps.get(run.id, {}))), "  ")
        for run in runs
    ]
    return "\n".join(line.rstrip() for line in lines)


@pytest.mark.parametrize("name", TREES)
def test_a_recording_makes_exactly_this_tree(name: str) -> None:
    assert drawn(lived(name)) == dedent(TREES[name]).strip()


def test_a_model_call_knows_its_tokens_its_cost_its_times_and_what_it_asked_for() -> None:
    call, tool, last = sorted(replayed("03").steps("5249db96").values(), key=lambda it: it.ended_at)
    assert (call.type, call.name, call.model) == ("llm_call", "mock-large", "mock/mock-large")
    assert (call.tokens_in, call.tokens_out) == (3703, 14)
    assert (call.cache_read, call.cache_write) == (3702, 0)
    assert call.cost == pytest.approx(0.0124296)
    assert call.output == "\u2192 exec"
    assert tool.parent_id == call.id
    assert call.lasted is not None
    assert 0 < call.lasted < 1000
    assert (last.output, last.parent_id) == ("Tool said: hi\n.\n..\nAGENTS.md Done.", None)


def test_a_model_call_that_failed_says_why() -> None:
    (call,) = replayed("07d").steps("26253ea7").values()
    assert (call.status, call.error, call.tokens_out) == ("error", "request timed out", 0)


def test_a_failed_attempt_says_why_and_when_but_not_since_when() -> None:
    first = next(iter(lived("07b").steps("47e3a35c").values()))
    assert first.error is not None
    assert first.error.startswith("server_error: Provider temporarily unavailable. Retrying in 2s")
    assert (first.started_at, first.ended_at) == (None, 1795376110331)


def test_an_approval_tells_what_was_asked_and_how_it_was_decided() -> None:
    steps = replayed("10").steps("36f3748b")
    (decision,) = [step for step in steps.values() if step.type == "decision"]
    assert (decision.name, decision.input, decision.output) == (
        "approval",
        "uname -a",
        "allow-once",
    )
    assert decision.parent_id == "call_15_0"
    assert decision.lasted is not None
    assert decision.lasted > 900


def test_while_nobody_answers_the_approval_is_open() -> None:
    replay = Replay().play(connection("10"), until=at_seq(25))
    steps = replay.steps("36f3748b").values()
    assert [step.status for step in steps if step.type == "decision"] == ["running"]


def test_a_conversation_that_is_compacted_while_a_run_is_open_is_a_step_of_it() -> None:
    recorded = connection("23")
    replay = Replay().play(recorded, until=at_seq(30))
    (run,) = replay.court.open.values()
    for frame in operations(replay, str(run.conversation)):
        replay.receive(frame)
    (step,) = [it for it in replay.steps(run.run_id).values() if it.type == "decision"]
    assert (step.name, step.status, step.lasted) == ("compaction", "ok", 374)


def test_a_tool_that_ended_while_nobody_looked_on_is_read_in_the_transcript() -> None:
    replay = absent(23)
    (running,) = replay.used("5249db96")
    assert running.status == "running"
    back(replay)
    (call, last), (tool,) = calls(replay, "5249db96"), replay.used("5249db96")
    assert (tool.status, tool.output, tool.parent_id) == ("ok", "hi\n.\n..\nAGENTS.md", call.id)
    assert (tool.started_at, tool.ended_at) == (running.started_at, 1795375891611)
    assert last.output == "Tool said: hi\n.\n..\nAGENTS.md Done."


def test_a_tool_that_nobody_saw_at_all_is_read_in_the_transcript() -> None:
    replay = absent(20)
    assert replay.used("5249db96") == []
    back(replay)
    (tool,) = replay.used("5249db96")
    assert (tool.status, tool.name, tool.input) == (
        "ok",
        "exec",
        '{"command": "echo hi; ls -a | head -3"}',
    )
    assert (tool.parent_id, tool.started_at) == (calls(replay, "5249db96")[0].id, None)


def absent(seq: int) -> Replay:
    """Live through a run with a tool up to this event, and miss what follows."""
    said = {"agent:builder:main": transcript("5249db96")}
    replay = Replay(
        answers={
            "chat.history": lambda asked: {"ok": True, "payload": said.get(asked["sessionKey"], {})}
        }
    )
    return replay.play(connection("03"), until=at_seq(seq))


def back(replay: Replay) -> None:
    """Notice that something was missed, and catch up."""
    replay.receive({"type": "event", "event": "tick", "payload": {}, "seq": 90})
    replay.wait(5_000)


@pytest.mark.parametrize("spoilt", [None, [], {}, 7, "\x00", "x" * 9_000, True])
@pytest.mark.parametrize("name", ["id", "toolCallId", "toolName", "arguments", "timestamp"])
def test_a_transcript_that_makes_no_sense_tells_no_step_and_harms_nothing(
    name: str, spoilt: object
) -> None:
    call = {"type": "toolCall", "id": "c", "name": "exec", "arguments": {"x": 1}} | {name: spoilt}
    result = {"role": "toolResult", "toolCallId": "c", "toolName": "exec", "timestamp": 5}
    result |= {"content": spoilt, name: spoilt, "__openclaw": {"runId": "r"}}
    said = [{"role": "assistant", "content": [call]}, result]
    found = results(said, "agent:builder:main")
    assert [getattr(event, "run_id", None) for event in found] in ([], ["r"])


def calls(replay: Replay, run_id: str) -> list[Span]:
    """Return the model calls of a run."""
    return [step for step in replay.steps(run_id).values() if step.type == "llm_call"]


def transcript(run_id: str) -> Json:
    """Return what a real gateway answered to ``chat.history``, as far as it is of this run."""
    answers = [frame.get("payload") for _, frame in connection("20").frames]
    told = [answer for answer in answers if isinstance(answer, dict)]
    said = [it for answer in told for it in answer.get("messages", ())]
    whole = [it for it in said if isinstance(it, dict)]  # the recording leaves some out
    mine = {
        it["__openclaw"]["id"]: it
        for it in whole
        if str(it.get("__openclaw", {}).get("runId")).startswith(run_id)
    }
    return {"messages": list(mine.values())}


def operations(replay: Replay, conversation: str) -> list[Json]:
    """Return the recorded compaction as if it happened now, in this conversation."""
    frames = [frame for _, frame in connection("23").frames]
    found = [frame for frame in frames if frame.get("event") == "session.operation"]
    first = found[0]["payload"]["ts"]
    return [
        {
            "type": "event",
            "event": frame["event"],
            "payload": {
                **frame["payload"],
                "sessionKey": conversation,
                "ts": replay.now + frame["payload"]["ts"] - first,
            },
        }
        for frame in found
    ]


@cache
def told(name: str) -> tuple[list[Event], list[Event]]:
    """Return the first word of each run of a recording, and all that is told of runs and steps."""
    events = lived(name).events
    roster = [event for event in events if isinstance(event, RosterListed)][:1]
    first: dict[str, Event] = {}
    for event in events:
        if isinstance(event, RunSeen):
            first.setdefault(event.run_id, event)
    later = [event for event in events if isinstance(event, Told) and not timely(event)]
    return [*roster, *first.values()], later


def timely(event: Event) -> bool:
    """Whether it names no run, and is about the one that is open when it is told."""
    return isinstance(event, SpanStarted | SpanCompleted) and event.span.name == "compaction"


def facts(steps: dict[str, Steps]) -> dict[str, Steps]:
    """Return the steps by id alone: in which order they were told is not a fact."""
    return {key: dict(sorted(found.items())) for key, found in sorted(steps.items())}


@pytest.mark.parametrize("name", sorted(TREES))
@given(chance=st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=20)
def test_the_same_told_in_any_order_and_often_makes_the_same_tree(
    chance: random.Random, name: str
) -> None:
    first, events = told(name)
    again = [*events, *chance.choices(events, k=len(events) // 2)]
    chance.shuffle(again)
    story = Story(*first, *again)
    whole = on_record(lived(name).changes)
    assert facts(on_record(story.changes)) == facts(whole)
    assert watched(story.changes) == {
        (session, step.id): (step.parent_id, step.status, step.child_session_id)
        for session, steps in whole.items()
        for step in steps.values()
    }


def watched(changes: Iterable[Change]) -> dict[tuple[str | None, str], tuple[object, ...]]:
    """Return what a viewer of the stream knows of each step in the end: lines are told once."""
    found = {}
    for line in history(changes):
        span = line.fields.get("span")
        if isinstance(span, Span):
            found[line.session_id, span.id] = (span.parent_id, span.status, span.child_session_id)
    return found
