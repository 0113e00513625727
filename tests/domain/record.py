"""What the changes leave on record of the steps of runs, as the database joins it; as a tree."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields, replace

from palais.domain.changes import Change, SpanChanged
from palais.domain.events import Span
from palais.domain.joining import rank

Steps = dict[str, Span]
NAMES = [field.name for field in fields(Span)]


def on_record(changes: Iterable[Change]) -> dict[str, Steps]:
    """Return the steps of each session by their ids, in the order in which they were first told."""
    found: dict[str, Steps] = defaultdict(dict)
    for change in changes:
        if isinstance(change, SpanChanged):
            steps = found[change.run.id]
            before = steps.get(change.span.id)
            steps[change.span.id] = _merged(before, change.span) if before else change.span
    return dict(found)


def tree(steps: Steps) -> list[str]:
    """Return the steps as lines, each below its parent, siblings in the order of their times."""
    return [line for span in _children(steps, None) for line in _branch(steps, span, "")]


def _branch(steps: Steps, span: Span, indent: str) -> list[str]:
    child = f" > {span.child_agent_id}" if span.child_agent_id else ""
    below = [
        line for one in _children(steps, span.id) for line in _branch(steps, one, indent + "  ")
    ]
    return [f"{indent}{span.type} {span.name} {span.status}{child}", *below]


def _children(steps: Steps, parent: str | None) -> list[Span]:
    found = [
        span
        for span in steps.values()
        if span.parent_id == parent or (parent is None and span.parent_id not in steps)
    ]
    return sorted(found, key=lambda span: (span.started_at or span.ended_at or 0, span.id))


def _merged(before: Span, told: Span) -> Span:
    said = {name: getattr(told, name) for name in NAMES}
    known = {name: it for name, it in said.items() if it is not None and it is not False}
    if rank(told) < rank(before):
        known["status"] = before.status
        known |= {} if before.ended_at is None else {"ended_at": before.ended_at}
    known["error"] = told.error or before.error
    return replace(before, **known)
