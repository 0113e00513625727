"""Whose model call it is: protocol 3 does not name the run that says something."""

from typing import Final

from palais.domain.agent import Run
from palais.domain.events import SpanCompleted, SpanStarted, UsageReported
from palais.domain.step import Step

PROMPT_MS: Final = 250
"""A run may begin this shortly before its question is on record."""


def owner(step: Step, event: UsageReported | SpanCompleted) -> Run | None:
    """Return the run that a model call belongs to, by its turn or its time where it names none."""
    if event.run_id is not None:
        return step.court.run(event.run_id)
    if event.conversation is None:
        return step.latest(event.agent_id)
    runs = _runs(step, event.agent_id, event.conversation)
    if event.turn is not None:
        asked, until = event.turn
        answer = [run for run in runs if asked <= (run.started_at or 0) + PROMPT_MS]
        run = min(answer, key=lambda run: run.started_at or 0, default=None)
        late = run is not None and until is not None and until <= (run.started_at or 0) + PROMPT_MS
        return None if late else run
    begun = [run for run in runs if (run.started_at or 0) <= event.at]
    return max(begun, key=lambda run: (run.open, run.started_at or 0), default=None)


def during(step: Step, event: SpanStarted | SpanCompleted) -> Run | None:
    """Return the run that was open in the event's conversation at its time."""
    runs = _runs(step, event.agent_id, event.conversation)
    going = [run for run in runs if _goes_on(run, event.at)]
    return max(going, key=lambda run: run.started_at or 0, default=None)


def _goes_on(run: Run, at: int) -> bool:
    return (run.started_at or 0) <= at and (run.ended_at is None or at <= run.ended_at)


def _runs(step: Step, agent_id: str, conversation: str | None) -> list[Run]:
    return [
        run
        for run in (*step.court.ended.values(), *step.court.open.values())
        if run.agent_id == agent_id and run.conversation == conversation
    ]
