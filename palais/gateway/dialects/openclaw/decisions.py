"""Decisions as steps of a run: a person approves a tool call, or the context is compacted."""

from dataclasses import replace

from palais.domain.events import Event, Span, SpanCompleted, SpanStarted
from palais.domain.text import NAME_LIMIT
from palais.gateway import fields
from palais.gateway.dialects.openclaw.names import owner, run_of
from palais.gateway.frames import Json


def approval(payload: Json, data: Json, now: int) -> list[Event]:
    """Translate what a run's own frames tell of an approval: it waits for it, or has it."""
    key = fields.step_id(data, "approvalId")
    if key is None:
        return []
    waits = data.get("phase") == "waiting-approval"
    said = fields.word(data, "decision") or fields.word(data, "outcome")
    span = _approval(key, data, "running" if waits else "ok", said)
    at = fields.instant(payload, "ts") or now
    told = SpanStarted if waits else SpanCompleted
    return [told(owner(payload), span, at, run_of(payload))]


def reviewed(payload: Json, now: int) -> list[Event]:
    """Translate what a reviewer is told of an approval: what is asked, or how it was decided."""
    request, key = fields.mapping(payload, "request"), fields.step_id(payload, "id")
    run_id = fields.run_id(request)
    if key is None or run_id is None or not request.get("agentId"):
        return []
    decision = fields.word(payload, "decision")
    span = _approval(key, request, "ok" if decision else "running", decision)
    asked, decided = fields.instant(payload, "createdAtMs"), fields.instant(payload, "ts")
    if decision:
        span = replace(span, ended_at=decided)
        return [SpanCompleted(owner(request), span, decided or now, run_id)]
    span = replace(span, started_at=asked)
    return [SpanStarted(owner(request), span, asked or now, run_id)]


def operation(payload: Json, now: int) -> list[Event]:
    """Translate a ``session.operation``: the compaction of what was said so far."""
    key, conversation = (
        fields.step_id(payload, "operationId"),
        fields.run_id(payload, "sessionKey"),
    )
    if payload.get("operation") != "compact" or key is None or conversation is None:
        return []
    at = fields.instant(payload, "ts") or now
    done = payload.get("phase") == "end"
    failed = done and payload.get("completed") is False
    status = "error" if failed else "ok" if done else "running"
    span = Span(
        id=key,
        type="decision",
        name="compaction",
        status=status,
        error=fields.said(payload, "reason") or "not completed" if failed else None,
    )
    told = SpanCompleted if done else SpanStarted
    return [told(owner(payload), span, at, conversation=conversation)]


def _approval(key: str, told: Json, status: str, said: str) -> Span:
    given, clipped = fields.as_contents(told, "command")
    return Span(
        id=key,
        type="decision",
        name="approval",
        parent_id=fields.step_id(told, "toolCallId"),
        status=status,
        input=given,
        input_clipped=clipped,
        output=fields.safe_line(said, NAME_LIMIT),
    )
