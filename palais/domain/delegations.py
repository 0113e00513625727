"""Who delegated which run: said by the step that did, else concluded from the run itself.

A run names at least the conversation that spawned it. Where exactly one step can have done so, it
did.
"""

from collections.abc import Iterable
from typing import Final, TypeVar

from palais.domain.agent import Run
from palais.domain.events import Span
from palais.domain.step import Step

DELEGATION: Final = "delegation"

One = TypeVar("One")


def parent_of(step: Step, child: Run) -> tuple[Run, Span] | None:
    """Return the step of an open run that delegated this run, with its run; None if unclear."""
    if child.spawned_by is None:
        return None
    for run in step.court.open.values():
        if run.conversation == child.spawned_by:
            steps = run.steps.values()
            found = _only(span for span in steps if _childless(span))
            known = any(span.child_session_id == child.id for span in steps)
            return None if known or found is None else (run, found)
    return None


def child_of(step: Step, run: Run, span: Span) -> Run | None:
    """Return the open run that this step of ``run`` delegated; None if unclear, or known."""
    if not _childless(span) or run.conversation is None:
        return None
    others = run.steps.values()
    known = {other.child_session_id for other in others}
    spawned = [one for one in step.court.open.values() if one.spawned_by == run.conversation]
    rivals = any(_childless(other) for other in others if other.id != span.id)
    found = _only(one for one in spawned if one.id not in known)
    return None if rivals else found


def _childless(span: Span) -> bool:
    return (
        span.type == DELEGATION
        and span.child_session_id is None
        and span.status in {"running", "ok"}
    )


def _only(found: Iterable[One]) -> One | None:
    several = list(found)
    return several[0] if len(several) == 1 else None
