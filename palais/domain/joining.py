"""What two tellings of a step say together, whichever comes first."""

from dataclasses import fields, replace
from typing import Final

from palais.domain.events import Span, SpanCompleted, SpanStarted

RUNNING: Final = "running"

RANKS: Final = {RUNNING: 1, "lost": 2, "aborted": 3, "ok": 4, "error": 5}
"""Which status of a step wins: a late beginning undoes no end, and what was observed of an end
wins over what was concluded."""

REAL: Final = RANKS["ok"]
"""From here on an end was observed."""

_NAMES: Final = tuple(field.name for field in fields(Span))


def rank(span: Span) -> int:
    """Return how much the status of a step weighs; 0 for one that nobody knows."""
    return RANKS.get(span.status or "", 0)


def joined(before: Span | None, event: SpanStarted | SpanCompleted) -> Span:
    """Return the step with what an event tells, and with its time where it tells none."""
    return _timed(event.span if before is None else _merged(before, event.span), event)


def _merged(before: Span, told: Span) -> Span:
    said = ((name, getattr(told, name)) for name in _NAMES)
    known = {name: value for name, value in said if value is not None and value is not False}
    if rank(told) < rank(before):
        known.pop("status", None)
    if rank(told) >= REAL > rank(before):
        known["ended_at"] = told.ended_at  # the end that was only concluded is void
    if before.error and told.error:
        # One frame has the words, another the JSON around them; whichever comes first.
        known["error"] = min(before.error, told.error, key=lambda error: (len(error), error))
    return replace(before, **known)


def _timed(span: Span, event: SpanStarted | SpanCompleted) -> Span:
    if isinstance(event, SpanStarted):
        late = span.ended_at is not None and span.ended_at < event.at
        return span if late or span.started_at is not None else replace(span, started_at=event.at)
    if event.whole or span.ended_at is not None or rank(span) < REAL:
        return span
    return replace(span, ended_at=event.at)
