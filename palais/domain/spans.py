"""The steps of a run: the gateway tells each twice, in frames that differ in detail."""

from dataclasses import asdict, replace
from typing import Final

from palais.domain.agent import Run, revised
from palais.domain.changes import SpanChanged
from palais.domain.events import Span, SpanCompleted, SpanStarted
from palais.domain.step import Step

RUNNING: Final = "running"
STEPS_KEPT: Final = 256
"""Steps of a run kept in mind, so that the second telling of one is known as such."""


def told(step: Step, event: SpanStarted | SpanCompleted) -> None:
    """Put the beginning or end of a step on record, once."""
    run = _runner(step, event)
    if run is None:
        return
    before = run.steps.get(event.span.id)
    span = _timed(_joined(before, event.span), before, event)
    step.keep_steps(revised(run, steps=_recent({**run.steps, span.id: span})))
    step.changes.append(SpanChanged(run, span))
    if before is None or (isinstance(event, SpanCompleted) and before.status == RUNNING):
        kind = "span.completed" if isinstance(event, SpanCompleted) else "span.started"
        line, key = span.title or span.name, f"{kind}:{run.run_id}:{span.id}"
        step.log(kind, event.at, event.agent_id, run, line, key, span=span)


def _runner(step: Step, event: SpanStarted | SpanCompleted) -> Run | None:
    if event.run_id is not None:
        return step.court.run(event.run_id)
    return max(step.open_runs(event.agent_id), key=lambda run: run.touched_at, default=None)


def _joined(before: Span | None, told: Span) -> Span:
    """Return what both tellings of a step say; an end is not undone by a late start."""
    if before is None:
        return told
    known = {name: value for name, value in asdict(told).items() if value is not None}
    if before.status != RUNNING and told.status != "error":
        known.pop("status", None)
    return replace(before, **known)


def _timed(span: Span, before: Span | None, event: SpanStarted | SpanCompleted) -> Span:
    """Return the step with the time of the frame where none is told, until a better one is."""
    if isinstance(event, SpanStarted) and before is None and span.started_at is None:
        return replace(span, started_at=event.at)
    closes = isinstance(event, SpanCompleted) and before is not None and before.status == RUNNING
    return replace(span, ended_at=event.at) if closes and span.ended_at is None else span


def _recent(steps: dict[str, Span]) -> dict[str, Span]:
    ended = [key for key, span in steps.items() if span.status != RUNNING]
    for key in ended[: max(0, len(steps) - STEPS_KEPT)]:
        del steps[key]
    return steps
