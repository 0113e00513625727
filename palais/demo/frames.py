"""From a step of a run to the frames the real gateway sends for it, in its order.

Measured: tests/frames/02 (plain), 04 (tools), 07b (retries).
"""

from functools import singledispatch

from palais.demo import endings, tool_frames
from palais.demo.events import Frame, RunEvents, text_content
from palais.demo.faults import retry_notice
from palais.demo.steps import (
    Aborted,
    Accepted,
    Answered,
    ApprovalAsked,
    ApprovalGranted,
    AttemptFailed,
    Completed,
    Delta,
    Failed,
    ModelCalled,
    Retried,
    Started,
    TimedOut,
    ToolEnded,
    ToolPrinted,
    ToolStarted,
)


@singledispatch
def frames(step: object, run: RunEvents, now: int) -> list[Frame]:  # noqa: ARG001 - the signature
    """Return the frames of one step, in order, and bring the run and its session up to date."""
    raise TypeError(f"{step!r} is not a step of a run.")


frames.register(Completed, endings.completed)
frames.register(Failed, endings.failed)
frames.register(Aborted, endings.aborted)
frames.register(TimedOut, endings.timed_out)
frames.register(ToolStarted, tool_frames.started)
frames.register(ToolPrinted, tool_frames.printed)
frames.register(ToolEnded, tool_frames.ended)
frames.register(ApprovalAsked, tool_frames.approval_asked)
frames.register(ApprovalGranted, tool_frames.approval_granted)


@frames.register
def _(_step: Accepted, run: RunEvents, now: int) -> list[Frame]:
    new = not run.session.message_count
    run.session.accept(run.run_id, now)
    reasons = ("create", "send", "participants") if new else ("send", "participants")
    return [
        run.task(now, "running", "unknown"),
        *(run.changed(now, reason=reason) for reason in reasons),
        run.task(now, "running", "running"),
    ]


@frames.register
def _(_step: Started, run: RunEvents, now: int) -> list[Frame]:
    run.session.announced = False
    settled = run.changed(now, reason="agent.run.started")
    run.session.begin(now)
    run.begun_at = now
    asked = {
        "role": "user",
        "content": run.run.ask,
        "timestamp": run.session.accepted_at,
        "idempotencyKey": f"{run.run_id}:user",
        "__openclaw": {"senderIsOwner": True, "idempotencyKey": f"{run.run_id}:user"},
    }
    return [
        settled,
        run.lifecycle("start", now, startedAt=now),
        run.task(now, "running", "running"),
        run.message(asked, now, of_run=False),
        run.changed(now, phase="start"),
    ]


@frames.register
def _(_step: ModelCalled, run: RunEvents, now: int) -> list[Frame]:
    run.model_calls += 1
    run.model_called_at = now
    run.words = ""
    return [run.model(now), run.changed(now, phase="model")]


@frames.register
def _(step: Delta, run: RunEvents, now: int) -> list[Frame]:
    gap = "\n\n" if run.said and not run.words else ""
    run.words += step.text
    run.said += gap + step.text
    item = f"{run.run_id}:{run.model_calls}"
    data = {"text": run.words, "delta": step.text, "itemId": item}
    return [
        run.agent("assistant", data, now),
        run.chat("delta", now, deltaText=gap + step.text),
    ]


@frames.register
def _(step: Answered, run: RunEvents, now: int) -> list[Frame]:
    model = run.session.agent.model
    usage = model.usage(step.tokens)
    run.output_tokens += step.tokens.output
    run.session.spend(usage)
    asks = [tool_frames.request(run, invocation) for invocation in step.invocations]
    message = {
        "role": "assistant",
        # The real gateway keeps what is said before a tool call out of the message (frames/10).
        "content": asks or text_content(run.words),
        "api": model.api,
        "provider": model.provider,
        "model": model.name,
        "usage": usage,
        "stopReason": "toolUse" if asks else "stop",
        "timestamp": run.model_called_at,
        "responseId": f"resp-{run.run_id[:8]}-{run.model_calls}",
    }
    spent = run.agent("usage", {"outputTokens": run.output_tokens}, now)
    return [spent, run.message(message, now)]


@frames.register
def _(step: AttemptFailed, run: RunEvents, now: int) -> list[Frame]:
    fault = step.fault
    status = {
        "phase": "retrying",
        "message": retry_notice(step),
        "retryAttempt": step.attempt,
        "maxRetries": fault.retries,
        "delayMs": round(step.delay * 1000),
        "attempt": step.attempt + 1,
        "maxAttempts": fault.retries + 1,
        "reason": fault.reason,
    }
    return [endings.finishing(run, fault, now), run.agent("run_status", status, now)]


@frames.register
def _(_step: Retried, run: RunEvents, now: int) -> list[Frame]:
    run.words = ""
    item = f"{run.run_id}:{run.model_calls}"
    run.session.begin(now)
    return [
        run.agent("assistant", {"itemId": item, "text": "", "delta": "", "replace": True}, now),
        run.lifecycle("start", now, startedAt=now),
        run.changed(now, phase="start"),
    ]
