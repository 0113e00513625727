"""A run of the demo is told in the order and with the fields of the recorded real ones."""

import json
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from palais.demo.day import compose
from palais.demo.events import RunEvents, child_ids
from palais.demo.faults import BAD_REQUEST, SERVER_ERROR
from palais.demo.frames import frames
from palais.demo.models import Tokens
from palais.demo.session import Session
from palais.demo.steps import (
    Aborted,
    Accepted,
    Answered,
    AttemptFailed,
    Completed,
    Delta,
    Failed,
    Invocation,
    ModelCalled,
    Retried,
    Run,
    Started,
    TimedOut,
    ToolEnded,
    ToolPrinted,
    ToolStarted,
)
from palais.demo.tools import Task, read, run, spawn

RECORDED = Path(__file__).parent.parent / "frames"
RUN_ID = "52202ee6-c902-41a0-b7a5-6c0290f3c6de"
NOISE = {"sessions.changed", "health", "task", "tick", "chat.metadata.changed", "connect.challenge"}
CALLS = (
    Invocation("1_0", run("echo un; sleep 1", "un\nfin")),
    Invocation("2_0", run("echo deux", "deux\nfin")),
    Invocation("2_1", read("AGENTS.md", "# Imhotep")),
)
HELLO = (Accepted(), Started(), ModelCalled())
SPEAKING = (*HELLO, Delta("Bonjour "), Delta("à tous."))
PLAIN = (*SPEAKING, Answered(Tokens(10, 5, 90, 3)), Completed())
WITH_TOOLS = (
    *HELLO,
    Answered(Tokens(10, 5, 90), CALLS[:1]),
    ToolStarted(CALLS[0]),
    ToolPrinted(CALLS[0], "un\n"),
    ToolEnded(CALLS[0]),
    ModelCalled(),
    Answered(Tokens(12, 6, 100), CALLS[1:]),
    ToolStarted(CALLS[1]),
    ToolStarted(CALLS[2]),
    ToolEnded(CALLS[2]),
    ToolPrinted(CALLS[1], "deux\n"),
    ToolEnded(CALLS[1]),
    ModelCalled(),
    Delta("C’est "),
    Delta("fait."),
    Answered(Tokens(14, 7, 110)),
    Completed(),
)


def told(steps, session=None, agent_id="builder"):
    """Play the steps one second apart; return the frames as they go over the wire."""
    session = session or Session(f"agent:{agent_id}:main", 1_000)
    play = Run(agent_id, "Fais cela.", tuple((float(n), step) for n, step in enumerate(steps)))
    events = RunEvents(play, RUN_ID, session)
    out = []
    for second, step in play.steps:
        for frame in frames(step, events, 10_000 + int(second * 1000)):
            wire = {"type": "event", "event": frame.event, "payload": frame.payload}
            out.append(json.loads(json.dumps(wire)))
    return out


def recorded(name):
    """Read the frames of the conversation that begins first in a recording."""
    lines = [json.loads(line) for line in (RECORDED / name).read_text().splitlines()]
    events = [line["frame"] for line in lines if line.get("frame", {}).get("type") == "event"]
    session = next(e["payload"]["sessionKey"] for e in events if e["event"] == "agent")
    return [e for e in events if e["payload"].get("sessionKey") == session or e["event"] == "task"]


def label(frame):
    payload = frame["payload"]
    data = payload.get("data", {})
    phase = data.get("phase") or payload.get("phase") or payload.get("reason")
    if phase == "model" and data.get("model", "") is None:
        phase = "model none"
    role = payload["message"]["role"] if frame["event"] == "session.message" else None
    parts = (frame["event"], payload.get("stream"), phase, payload.get("state"), role)
    return " ".join(part for part in parts if part)


def story(events: Iterable[dict], *, late: str = "") -> list[str]:
    """The order of what matters: without noise, with the words of an answer as one event."""
    out: list[str] = []
    for frame in events:
        name = label(frame)
        if frame["event"] in NOISE or name in {"chat delta", late} or out[-1:] == [name]:
            continue
        out.append(name)
    return out


def fields(events, kinds):
    """By kind of event: the names of its fields, and of those of its data, message or task."""
    shapes = {}
    for frame in events:
        if frame["event"] in kinds:
            payload = frame["payload"]
            inner = payload.get("data") or payload.get("message") or payload.get("task") or {}
            shapes.setdefault(label(frame), (set(payload), set(inner)))
    return shapes


def test_a_plain_run_has_the_order_of_the_recorded_one():
    # There the message came last; it is asynchronous, and in 04 it comes where the demo has it.
    late = "session.message assistant"
    assert story(told(PLAIN), late=late) == story(recorded("02-run-simple.jsonl"), late=late)
    assert late in story(told(PLAIN))


def test_a_run_with_tools_has_the_order_of_the_recorded_one():
    assert story(told(WITH_TOOLS)) == story(recorded("04-run-multi-tools.jsonl"))


@pytest.mark.parametrize(
    ("steps", "recording"),
    [
        ((*SPEAKING, Aborted()), "06-abort.jsonl"),
        ((*HELLO, Failed(BAD_REQUEST)), "07-model-errors.jsonl"),
        ((*SPEAKING, TimedOut()), "07d-run-timeout.jsonl"),
    ],
)
def test_a_run_that_ends_badly_has_the_order_of_the_recorded_one(steps, recording):
    assert story(told(steps)) == story(recorded(recording))


def test_a_retry_has_the_order_of_the_recorded_one():
    steps = (*HELLO, AttemptFailed(SERVER_ERROR, 1, 1.2), Retried(), ModelCalled())
    real = story(recorded("07b-model-error-500-429.jsonl"))
    ours = story(told(steps))
    assert ours == real[: len(ours)]


def test_the_fields_of_every_event_are_those_of_the_recorded_run():
    kinds = {"agent", "chat", "session.tool", "session.message", "sessions.changed", "task"}
    real = fields(recorded("04-run-multi-tools.jsonl"), kinds)
    ours = fields(told(WITH_TOOLS), kinds)
    assert set(real) - set(ours) == {"sessions.changed activity-summary"}
    for kind in ours.keys() & real.keys():
        assert ours[kind][0] == real[kind][0], kind
        assert ours[kind][1] >= real[kind][1], kind


def test_the_row_says_more_or_less_what_the_real_row_says():
    def last_row(events):
        return [e for e in events if e["event"] == "sessions.changed"][-1]["payload"]["session"]

    missing = set(last_row(recorded("04-run-multi-tools.jsonl"))) - set(last_row(told(WITH_TOOLS)))
    assert missing == {"derivedTitle"}


def test_the_row_lists_the_run_at_creation_says_nothing_while_it_runs_and_is_empty_after():
    changes = [
        (f["payload"].get("reason") or f["payload"]["phase"], f["payload"]["activeRunIds"])
        for f in told(PLAIN)
        if f["event"] == "sessions.changed"
    ]
    assert changes == [
        ("create", [RUN_ID]),
        ("send", [RUN_ID]),
        ("participants", [RUN_ID]),
        ("agent.run.started", None),
        ("start", None),
        ("model", None),
        ("model", []),
        ("end", []),
        ("agent.input.settled", []),
    ]


def test_the_row_of_a_session_in_use_keeps_the_figures_of_its_last_run_until_the_end():
    session = Session("agent:builder:main", 1_000)
    told(PLAIN, session)
    rows = [
        f["payload"]["session"]["inputTokens"]
        for f in told(WITH_TOOLS, session)
        if f["event"] == "sessions.changed"
    ]
    assert rows[0] == 10
    assert rows[-1] == 36


def test_the_numbers_of_a_run_count_up_and_an_abort_starts_again_at_one():
    def numbers(steps):
        return [f["payload"]["seq"] for f in told(steps) if f["event"] in {"agent", "session.tool"}]

    assert numbers(WITH_TOOLS) == list(range(1, len(numbers(WITH_TOOLS)) + 1))
    assert numbers((*SPEAKING, Aborted()))[-1] == 1


@pytest.mark.parametrize("scenario", ["completed", "failed", "aborted", "timeout", "approval"])
def test_the_bills_of_the_messages_add_up_to_the_final_row(scenario):
    for seed in range(12):
        play = compose(random.Random(seed), "builder", scenario)
        events = told([step for _, step in play.steps])
        usages = [
            f["payload"]["message"]["usage"]
            for f in events
            if label(f) == "session.message assistant"
            and f["payload"]["message"]["provider"] != "openclaw"
        ]
        row = events[-1]["payload"]["session"]
        assert row.get("inputTokens", 0) == sum(usage["input"] for usage in usages)
        assert row.get("outputTokens", 0) == sum(usage["output"] for usage in usages)
        cost = sum(usage["cost"]["total"] for usage in usages)
        assert row.get("estimatedCostUsd", 0) == pytest.approx(cost)


def test_a_bill_is_the_sum_of_its_parts():
    (usage,) = (
        f["payload"]["message"]["usage"]
        for f in told(PLAIN)
        if label(f) == "session.message assistant"
    )
    cost = usage["cost"]
    assert usage["totalTokens"] == 10 + 5 + 90 + 3
    assert cost["total"] == pytest.approx(sum(v for k, v in cost.items() if k != "total"))
    assert cost["output"] == pytest.approx(5 * 15 / 1e6)


def test_a_command_that_fails_is_no_tool_error_but_a_failed_item_with_its_exit_code():
    bad = Invocation("1_0", run("false", "non", code=3))
    steps = (*HELLO, Answered(Tokens(1, 1), (bad,)), ToolStarted(bad), ToolEnded(bad))
    events = {label(f): f["payload"]["data"] for f in told(steps) if "data" in f["payload"]}
    assert events["session.tool tool result"]["isError"] is False
    assert events["session.tool tool result"]["result"]["details"]["exitCode"] == 3
    assert events["agent item end"]["status"] == "failed"


def test_a_delegation_tells_the_run_and_the_session_of_the_child():
    task = Task("Cherche.", (), "Trouvé.")
    call = Invocation("1_0", spawn("explorer", "recherche", task))
    steps = (*HELLO, Answered(Tokens(1, 1), (call,)), ToolStarted(call), ToolEnded(call))
    inner, outer = (
        f["payload"]["data"] for f in told(steps) if label(f) == "session.tool tool result"
    )
    details = inner["result"]["details"]
    assert (inner["name"], outer["name"]) == ("sessions_spawn", "tool_call")
    assert inner["parentToolCallId"] == outer["toolCallId"]
    run_id, key = child_ids(RUN_ID, "explorer", "1_0")
    assert (details["runId"], details["childSessionKey"]) == (run_id, key)
    assert key.startswith("agent:explorer:subagent:")


def test_a_user_message_carries_the_run_only_in_its_idempotency_key():
    (message,) = (f["payload"]["message"] for f in told(PLAIN) if label(f).endswith("user"))
    assert message["idempotencyKey"] == f"{RUN_ID}:user"
    assert "runId" not in message["__openclaw"]
