"""The frames of a running run: ``agent``, ``session.tool``, ``chat`` and ``task`` events.

See PROTOCOL.md, sections 3, 4 and 6.
"""

from typing import Final

from palais.domain.agent import session_id
from palais.domain.events import (
    Event,
    RunEnded,
    RunSeen,
    RunStatus,
    RunWithdrawn,
    Span,
    SpanCompleted,
    SpanStarted,
)
from palais.domain.text import NAME_LIMIT, SUMMARY_LIMIT
from palais.gateway import fields
from palais.gateway.dialects.openclaw import decisions, model_calls
from palais.gateway.dialects.openclaw.names import (
    agent_of,
    content,
    owner,
    qualified,
    run_of,
    text_of,
)
from palais.gateway.frames import Json

RUN_RUNTIMES: Final = frozenset({"cli", "subagent"})
"""Task runtimes whose ``runId`` is the run's own; a cron task's is the job's."""

BAD_STATUSES: Final = frozenset({"failed", "blocked", "error"})
TYPING: Final = "typing"
THINKING: Final = "thinking"


def agent_frame(payload: Json, now: int) -> list[Event]:
    """Translate an ``agent`` or ``session.tool`` event."""
    data = fields.mapping(payload, "data")
    match payload.get("stream"):
        case "lifecycle":
            return _lifecycle(payload, data, now)
        case "assistant":
            # A retry takes back what was written by a delta without a text.
            return [_seen(payload, now, TYPING if data.get("delta") else None)]
        case "tool":
            return _tool(payload, data, now)
        case "item" if data.get("kind") == "tool":
            return _tool(payload, data, now)
        case "run_status":
            return _status_told(payload, data, now)
        case _:
            return [_seen(payload, now, None)]


def chat_frame(payload: Json, now: int) -> list[Event]:
    """Translate a ``chat`` event: only signs of life, the ends come by ``agent`` events.

    One exception: a question that was queued behind another run gets an empty ``final`` under
    the id it was accepted with, and is answered by a run of another id.
    """
    match payload.get("state"):
        case "delta":
            return [_seen(payload, now, TYPING)]
        case "status":
            return [_seen(payload, now, None)]
        case "final" if not payload.get("message"):
            return [RunWithdrawn(run_of(payload), owner(payload), now)]
        case _:
            return []


def task_frame(payload: Json, now: int) -> list[Event]:
    """Translate a ``task`` event: the earliest word of a run, with its title."""
    task = fields.mapping(payload, "task")
    running = task.get("status") == "running" and fields.word(task, "runtime") in RUN_RUNTIMES
    if not running or not task.get("runId") or not task.get("sessionKey"):
        return []
    return [
        RunSeen(
            run_id=run_of(task),
            agent_id=owner(task),
            at=fields.instant(task, "createdAt") or now,
            conversation=fields.run_id(task, "sessionKey"),
            task=fields.said(task, "title"),
            task_id=fields.line(task, "id", NAME_LIMIT),
        )
    ]


def _seen(
    payload: Json,
    now: int,
    activity: str | None,
    model: str | None = None,
    started_at: int | None = None,
) -> RunSeen:
    return RunSeen(
        run_id=run_of(payload),
        agent_id=owner(payload),
        at=fields.instant(payload, "ts") or now,
        conversation=fields.run_id(payload, "sessionKey"),
        started_at=started_at,
        model=model,
        activity=activity,
        spawned_by=fields.run_id(payload, "spawnedBy"),
    )


def _status_told(payload: Json, data: Json, now: int) -> list[Event]:
    if data.get("phase") != "retrying":
        return [_seen(payload, now, THINKING)]
    seen = _seen(payload, now, "retrying")
    failed = model_calls.retried(data, seen.at)
    if failed is None:
        return [seen]
    return [seen, SpanCompleted(seen.agent_id, failed, seen.at, seen.run_id, whole=True)]


def _lifecycle(payload: Json, data: Json, now: int) -> list[Event]:
    match data.get("phase"):
        case "end" | "error":
            return [_ended(payload, data, now)]
        case "start":
            started = fields.instant(data, "startedAt")
            return [_seen(payload, now, THINKING, started_at=started)]
        case "model":
            model = qualified(data)
            return [_seen(payload, now, THINKING if model else None, model)]
        case "waiting-approval":
            return [_seen(payload, now, "waiting"), *decisions.approval(payload, data, now)]
        case "approval-resolved":
            return [_seen(payload, now, THINKING), *decisions.approval(payload, data, now)]
        case _:
            return [_seen(payload, now, None)]


def _ended(payload: Json, data: Json, now: int) -> RunEnded:
    return RunEnded(
        agent_id=owner(payload),
        status=_status(data),
        at=fields.instant(data, "endedAt") or fields.instant(payload, "ts") or now,
        run_id=run_of(payload),
        conversation=fields.run_id(payload, "sessionKey"),
        started_at=fields.instant(data, "startedAt"),
        summary=fields.said(fields.mapping(data, "terminalReply"), "text", SUMMARY_LIMIT),
        error=fields.said(data, "error", SUMMARY_LIMIT),
    )


def _status(data: Json) -> RunStatus:
    if data.get("aborted") is True or data.get("status") == "cancelled":
        return RunStatus.ABORTED
    if data.get("phase") == "end":
        return RunStatus.COMPLETED
    return RunStatus.TIMEOUT if data.get("timeoutPhase") else RunStatus.FAILED


def _tool(payload: Json, data: Json, now: int) -> list[Event]:
    """Translate a tool call, told twice: by an ``item`` and by a ``tool`` frame of one call id."""
    call_id = fields.step_id(data, "toolCallId")
    name = fields.line(data, "name", NAME_LIMIT)
    if call_id is None or name is None:
        return [_seen(payload, now, None)]
    span = tool_span(call_id, name, data)
    at = fields.instant(payload, "ts") or now
    agent_id, run_id = owner(payload), run_of(payload)
    match data.get("phase"):
        case "start":
            seen = _seen(payload, now, f"tool:{name}")
            return [seen, SpanStarted(agent_id, span, at, run_id)]
        case "result" | "end":
            seen = _seen(payload, now, THINKING)
            return [seen, SpanCompleted(agent_id, span, at, run_id)]
        case _:
            return [_seen(payload, now, f"tool:{name}")]


def tool_span(call_id: str, name: str, data: Json) -> Span:
    """Return a tool call as one of its frames, or its result in a transcript, tells it."""
    result = fields.mapping(data, "result")
    done = fields.word(data, "phase") in {"result", "end"}
    failed = done and _failed(data, result)
    given, given_clipped = fields.as_contents(data, "args")
    output, clipped = fields.contents(text_of(result))
    error = fields.said(data, "error", SUMMARY_LIMIT) or (content(result) if failed else None)
    child = fields.mapping(result, "details")
    child_run = fields.run_id(child) if child.get("childSessionKey") else None
    return Span(
        id=call_id,
        type="delegation" if name == "sessions_spawn" else "tool_call",
        name=name,
        parent_id=fields.step_id(data, "parentToolCallId"),
        title=fields.said(data, "title"),
        status="error" if failed else "ok" if done else "running",
        input=given,
        output=output,
        input_clipped=given_clipped,
        output_clipped=clipped,
        error=error if failed else None,
        started_at=fields.instant(data, "startedAt"),
        ended_at=fields.instant(data, "endedAt"),
        child_session_id=session_id(child_run) if child_run else None,
        child_agent_id=agent_of(fields.run_id(child, "childSessionKey")) if child_run else None,
    )


def _failed(data: Json, result: Json) -> bool:
    # isError is false for a command that exits 3: the exit code is the fact.
    exit_code = fields.number(fields.mapping(result, "details"), "exitCode")
    bad_status = fields.word(data, "status") in BAD_STATUSES
    return bool(data.get("isError")) or bad_status or bool(exit_code)
