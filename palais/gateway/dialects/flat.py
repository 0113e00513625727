"""The flat dialect: one JSON object a frame, no handshake, for bridges and scripts (docs/flat.md).

A frame that names no run refers to the agent's latest running one.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from palais.domain.events import (
    AgentRegistered,
    Event,
    Profile,
    RunEnded,
    RunSeen,
    RunStatus,
    Span,
    SpanCompleted,
    SpanStarted,
    Status,
    StatusReported,
    TaskId,
    Usage,
    UsageReported,
)
from palais.domain.ledger import TOTAL
from palais.domain.secrets import masked
from palais.domain.silence import RunsUnheard
from palais.domain.text import NAME_LIMIT, SUMMARY_LIMIT
from palais.errors import DecodeError
from palais.gateway import fields
from palais.gateway.frames import FlatFrame, Json

SPAN_TYPES: Final = frozenset({"llm_call", "tool_call", "decision", "delegation"})

QUIET_MS: Final = 900_000
"""How long after sight was lost and came back an old run may go unmentioned."""

HEARD: Final = 10_000
"""Runs and agents kept in mind until then."""


class FlatDialect:
    """Translates the flat frames of one connection.

    ``new_id`` makes the id of a run that its sender did not name; ``returned`` says that the agents
    were observed before it, and then for a while were not.
    """

    def __init__(self, new_id: Callable[[], str], *, returned: bool = False) -> None:
        self._new_id = new_id
        self._returned = returned
        self._began: int | None = None
        self._runs: set[str] = set()
        self._agents: set[str] = set()
        self._rules: dict[str, Callable[[Json, str, int], Event]] = {
            "agent.registered": _registered,
            "agent.status": _status,
            "session.started": self._started,
            "session.completed": _completed,
            "span.started": _span_started,
            "span.completed": _span_completed,
        }

    def receive(self, frame: FlatFrame, now: int) -> list[Event]:
        """Return the events of one frame; raise DecodeError where it is unknown or unusable."""
        rule = self._rules.get(frame.type)
        if rule is None:
            raise DecodeError(f"unknown flat event {frame.type[:60]}", str(frame.body)[:200])
        agent_id = fields.agent_id(frame.body, f"a flat {frame.type}")
        event = rule(frame.body, agent_id, now)
        events: list[Event] = [event]
        if isinstance(event, SpanCompleted):
            events += _usage(event)
        if not self._returned:
            return events
        self._note(event)
        return [*self._unheard(now), *events]

    def _note(self, event: Event) -> None:
        """Note of whose run a step says that it goes on."""
        if isinstance(event, SpanStarted | SpanCompleted):
            heard, name = self._runs, event.run_id
            if name is None:
                heard, name = self._agents, event.agent_id
            if len(heard) < HEARD:
                heard.add(name)

    def _unheard(self, now: int) -> list[Event]:
        """Return, once and in due time, that runs from before the connection are gone.

        No frame tells what is active: a bridge that was restarted never ends what it had begun.
        """
        self._began = self._began or now
        if now - self._began < QUIET_MS:
            return []
        self._returned = False
        return [RunsUnheard(self._began, now, frozenset(self._runs), frozenset(self._agents))]

    def _started(self, body: Json, agent_id: str, now: int) -> Event:
        return RunSeen(
            run_id=fields.run_id(body, "sessionId") or self._new_id(),
            agent_id=agent_id,
            at=now,
            model=fields.line(body, "model", NAME_LIMIT),
            task=fields.said(body, "task"),
            task_id=_task_id(body),
        )


def _registered(body: Json, agent_id: str, now: int) -> Event:
    profile = Profile(
        id=agent_id,
        name=fields.line(body, "name", NAME_LIMIT),
        persona=fields.line(body, "persona"),
        bio=fields.line(body, "bio", SUMMARY_LIMIT),
        model=fields.line(body, "model", NAME_LIMIT),
        avatar_url=fields.picture(body, "avatarUrl"),
    )
    return AgentRegistered(profile, now)


def _status(body: Json, agent_id: str, now: int) -> Event:
    try:
        status = Status(str(body.get("status")))
    except ValueError:
        raise fields.bad(body, "a flat agent.status has an unknown status") from None
    return StatusReported(
        agent_id, status, now, task_id=_task_id(body), task=fields.said(body, "task")
    )


def _completed(body: Json, agent_id: str, now: int) -> Event:
    try:
        status = RunStatus(body.get("status") or "completed")
    except ValueError:
        raise fields.bad(body, "a flat session.completed has an unknown status") from None
    if status is RunStatus.RUNNING:
        raise fields.bad(body, "a flat session.completed says that the session is running")
    return RunEnded(
        agent_id=agent_id,
        status=status,
        at=now,
        run_id=fields.run_id(body, "sessionId"),
        model=fields.line(body, "model", NAME_LIMIT),
        summary=fields.said(body, "summary", SUMMARY_LIMIT),
        error=fields.fault(body, "error"),
        tokens=fields.tokens(body, "tokens"),
        cost=fields.cost(body, "cost"),
    )


def _span_started(body: Json, agent_id: str, now: int) -> Event:
    return SpanStarted(agent_id, _span(body, "running"), now, fields.run_id(body, "sessionId"))


def _span_completed(body: Json, agent_id: str, now: int) -> Event:
    return SpanCompleted(agent_id, _span(body, "ok"), now, fields.run_id(body, "sessionId"))


def _span(body: Json, status: str) -> Span:
    span = fields.mapping(body, "span")
    kind = span.get("type")
    if not isinstance(kind, str) or kind not in SPAN_TYPES:
        raise fields.bad(body, "a flat span has an unknown type")
    span_id = fields.step_id(span, "id")
    if span_id is None:
        raise fields.bad(body, "a flat span lacks id")
    error = fields.fault(span, "error")
    given, given_clipped = fields.as_contents(span, "input")
    made, made_clipped = fields.as_contents(span, "output")
    return Span(
        id=span_id,
        type=kind,
        name=masked(fields.required_line(span, "name", "a flat span", NAME_LIMIT)),
        parent_id=fields.step_id(span, "parentId"),
        title=fields.said(span, "title"),
        status="error" if error else status,
        model=fields.line(span, "model", NAME_LIMIT),
        tokens_in=fields.tokens(span, "tokensIn"),
        tokens_out=fields.tokens(span, "tokensOut"),
        cache_read=fields.tokens(span, "cacheRead"),
        cache_write=fields.tokens(span, "cacheWrite"),
        cost=fields.cost(span, "cost"),
        input=given,
        output=made,
        input_clipped=given_clipped,
        output_clipped=made_clipped,
        error=error,
        started_at=_instant(span, "startedAt"),
        ended_at=_instant(span, "endedAt"),
        duration_ms=fields.duration(span, "durationMs"),
    )


def _usage(event: SpanCompleted) -> list[Event]:
    """Return the model call that a step is, where it says what it consumed or cost."""
    span = event.span
    told = [tokens for tokens in (span.tokens_in, span.tokens_out) if tokens is not None]
    cached = (span.cache_read or 0, span.cache_write or 0)
    if span.type != "llm_call" or not (any(told) or any(cached) or span.cost):
        return []
    usage = Usage(
        *(span.tokens_in or 0, span.tokens_out or 0, *cached),
        cost=span.cost,
        model=span.model,
        at=min(span.ended_at or event.at, event.at),
        total=None if len(told) == 2 else sum(told) + sum(cached),
    )
    key = f"span:{span.id}" if span.id.startswith(TOTAL) else span.id
    return [UsageReported(key, event.agent_id, event.at, usage, event.run_id)]


def _task_id(body: Json) -> TaskId | None:
    return fields.line(body, "taskId", NAME_LIMIT) or fields.whole(body, "taskId")


def _instant(span: Json, key: str) -> int | None:
    value = span.get(key)
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
            at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError, OSError):
            return None
        return fields.instant({key: int(at * 1000)}, key)
    return fields.instant(span, key)
