"""How well a run went, as far as its own steps tell: a confidence from 0 to 1. Pure.

confidence = outcome × (1 − errors / (2 × steps)) × 0.9 ^ retries × 0.85 ^ loops

See docs/quality.md for what each factor is meant to say.
"""

from collections.abc import Collection, Mapping
from typing import Final

from palais.domain.agent import Forgotten, Run
from palais.domain.events import RunStatus, Span

OUTCOMES: Final = {RunStatus.COMPLETED: 1.0, RunStatus.FAILED: 0.3, RunStatus.TIMEOUT: 0.3}
"""What a run is worth by its end. The others do not tell: they were broken off, or not seen."""

ERROR_WEIGHT: Final = 0.5
RETRY: Final = 0.9
LOOP: Final = 0.85

CALLS_KEPT: Final = 256
"""Tool calls of a run of which it is kept in mind what they did."""


def confidence(run: Run) -> float | None:
    """Return how far the run can be relied on, 0 to 1 in hundredths; None where nothing tells.

    That is a run that is not over, was aborted or lost, has no step, or of whose steps some are
    neither in mind nor counted.
    """
    outcome = OUTCOMES.get(run.status)
    steps, gone = run.steps.values(), run.forgotten
    count = len(steps) + gone.steps
    if outcome is None or not count or run.partial:
        return None
    score = outcome * (1 - ERROR_WEIGHT * (sum(map(is_error, steps)) + gone.errors) / count)
    again = retries(steps) + gone.failed_calls
    return round(score * RETRY**again * LOOP ** loops(run.calls), 2)


def unrated(status: str) -> str:
    """Return why a run of this status has no confidence: ``running``, ``aborted``, ``lost``.

    Where its end would tell, it is its ``steps`` that do not.
    """
    return "steps" if status in OUTCOMES else status


def is_error(step: Span) -> bool:
    """Whether the step failed."""
    return step.status == "error" or bool(step.error)


def retries(steps: Collection[Span]) -> int:
    """Return how many model calls failed and were followed by another one."""
    calls = [step for step in steps if step.type == "llm_call"]
    failed = sum(map(is_error, calls))
    last = max(calls, key=lambda call: (call.started_at or 0, call.id), default=None)
    return failed - (last is not None and is_error(last))


def loops(calls: Mapping[str, int]) -> int:
    """Return how many tool calls did just what one before them did: same tool, same input."""
    return len(calls) - len(set(calls.values()))


def counted(gone: Forgotten, steps: Collection[Span]) -> Forgotten:
    """Return what is forgotten with these steps: what they are worth outlives them."""
    failed = [step for step in steps if is_error(step)]
    calls = sum(step.type == "llm_call" for step in failed)
    return Forgotten(gone.steps + len(steps), gone.errors + len(failed), gone.failed_calls + calls)


def noted(calls: Mapping[str, int], *steps: Span) -> Mapping[str, int]:
    """Return ``Run.calls`` with what these steps did, in so far as they are tool calls.

    One whose input is not known, or not all of it, did nothing that could be repeated.
    """
    did = {
        step.id: hash((step.name, step.input))
        for step in steps
        if step.type == "tool_call" and step.input and not step.input_clipped
    }
    if not did:
        return calls
    both = {**calls, **did}
    for id_ in list(both)[: max(0, len(both) - CALLS_KEPT)]:
        del both[id_]
    return both
