"""The steps of a run, a tree: each is told in several frames, in any order, some of them never."""

from dataclasses import replace
from typing import Final

from palais.domain import ownership
from palais.domain.agent import Run, bare, revised
from palais.domain.changes import SpanChanged
from palais.domain.delegations import child_of, parent_of
from palais.domain.events import RunStatus, Span, SpanCompleted, SpanStarted
from palais.domain.joining import REAL, RUNNING, joined, rank
from palais.domain.quality import counted, noted
from palais.domain.step import Step

STEPS_KEPT: Final = 256
"""Steps of a run kept in mind at least, so that another telling of one is known as such."""

SLACK: Final = 64
"""So many more are kept before the oldest go, all at once: to forget takes a look at each."""

RUNNING_KEPT: Final = 1024
"""Running steps kept in mind: more at a time than any agent takes, less than a liar can tell."""

Told = SpanStarted | SpanCompleted


def told(step: Step, event: Told) -> None:
    """Put the beginning or end of a step on record, once, and what it tells of the tree."""
    run = _runner(step, event)
    if run is None:
        return
    before = run.steps.get(event.span.id)
    whole = isinstance(event, SpanCompleted) and event.whole
    if before is None or rank(before) < REAL or not whole:
        run = _record(step, run, before, event)
    if isinstance(event, SpanCompleted) and event.calls:
        _adopt(step, run, event)


def closed(step: Step, run: Run, at: int) -> Run:
    """Return an ended run, its steps that still ran ended with it: nobody saw them end."""
    steps = dict(run.steps)
    for span in run.steps.values():
        ended = _ended_with(run, span)
        if ended is not span:
            steps[span.id] = light(ended)
            _tell(step, run, ended, at, inferred=True)
    return revised(run, steps=steps)


def delegated(step: Step, child: Run, at: int) -> None:
    """Link a run to the step that delegated it, where only who did so is known."""
    found = parent_of(step, child)
    if found is not None:
        parent, span = found
        _again(step, parent, _with_child(span, child), at)


def _runner(step: Step, event: Told) -> Run | None:
    if event.run_id is not None:
        return step.court.run(event.run_id)
    if event.conversation is None:
        return step.latest(event.agent_id)
    if isinstance(event, SpanCompleted) and event.whole:
        return ownership.owner(step, event)
    return ownership.during(step, event)


def _record(step: Step, run: Run, before: Span | None, event: Told) -> Run:
    span = joined(before, event)
    if span.parent_id is None and span.id in run.asked:
        span = replace(span, parent_id=run.asked[span.id])
    child = child_of(step, run, span)
    span = span if child is None else _with_child(span, child)
    run = _keep(step, run, span)
    step.changes.append(SpanChanged(bare(run), span))
    _news(step, run, before, span, event)
    ended = span if run.open else _ended_with(run, span)
    if ended is span:
        return run
    run = _keep(step, run, ended)
    if before is None and run.partial:  # how it ended may be on record, which outweighs this
        step.changes.append(SpanChanged(bare(run), ended))
    else:
        _tell(step, run, ended, event.at, inferred=True)
    return run


def _news(step: Step, run: Run, before: Span | None, span: Span, event: Told) -> None:
    """Tell that a step began or ended, once; again where its place in the tree has changed."""
    kind = "span.started" if isinstance(event, SpanStarted) else "span.completed"
    ends = kind == "span.completed" and rank(span) >= REAL
    if before is None or (ends and rank(before) < REAL):
        line, key = span.title or span.name, f"{kind}:{run.run_id}:{span.id}"
        step.log(kind, event.at, run.agent_id, run, line, key, span=span)
    elif _place(before) != _place(span):
        _log_again(step, run, span, event.at, again=True)


def _place(span: Span) -> tuple[object, ...]:
    return span.parent_id, span.child_session_id, rank(span) >= REAL and span.status


def _adopt(step: Step, run: Run, event: SpanCompleted) -> None:
    """Make a model call the parent of the tool calls that it asked for."""
    fresh = [call for call in event.calls if call not in run.asked]
    if not fresh:
        return
    asked = {**run.asked, **dict.fromkeys(fresh, event.span.id)}
    for call in list(asked)[: max(0, len(asked) - STEPS_KEPT)]:
        del asked[call]
    run = revised(run, asked=asked)
    step.keep_steps(run)
    for call in fresh:
        span = run.steps.get(call)
        if span is not None and span.parent_id is None:
            run = _again(step, run, replace(span, parent_id=event.span.id), event.at)


def _again(step: Step, run: Run, span: Span, at: int) -> Run:
    run = _keep(step, run, span)
    _tell(step, run, span, at, again=True)
    return run


def _tell(step: Step, run: Run, span: Span, at: int, **how: bool) -> None:
    step.changes.append(SpanChanged(bare(run), span))
    _log_again(step, run, span, at, **how)


def _log_again(step: Step, run: Run, span: Span, at: int, **how: bool) -> None:
    """Tell of a step as it is now; the key is that of what a viewer's tree depends on."""
    kind = "span.started" if span.status == RUNNING else "span.completed"
    place = f"{span.status}:{span.parent_id}:{span.child_session_id}"
    key = f"{kind}:{run.run_id}:{span.id}:{place}"
    step.log(kind, at, run.agent_id, run, span.title or span.name, key, span=span, **how)


def _ended_with(run: Run, span: Span) -> Span:
    """Return a step whose end nobody told, as the end of its run leaves it."""
    if rank(span) >= REAL:
        return span
    if run.status is not RunStatus.ABORTED:
        return replace(span, status="lost") if span.status == RUNNING else span
    if (span.status, span.ended_at) == ("aborted", run.ended_at):
        return span
    return replace(span, status="aborted", ended_at=run.ended_at)


def _with_child(span: Span, child: Run) -> Span:
    return replace(span, child_session_id=child.id, child_agent_id=child.agent_id)


def _keep(step: Step, run: Run, span: Span) -> Run:
    steps = dict(run.steps)
    steps.pop(span.id, None)  # what was told last is forgotten last
    steps[span.id] = light(span)
    gone = run.forgotten
    if len(steps) > STEPS_KEPT + SLACK:
        gone = counted(gone, _forget(steps))
    run = revised(run, steps=steps, calls=noted(run.calls, span), forgotten=gone)
    step.keep_steps(run)
    return run


def _forget(steps: dict[str, Span]) -> list[Span]:
    """Forget the oldest steps that are over, and of too many that run the oldest too."""
    ended = [key for key, span in steps.items() if span.status != RUNNING]
    gone = [steps.pop(key) for key in ended[: max(0, len(steps) - STEPS_KEPT)]]
    running = list(steps)[: max(0, len(steps) - RUNNING_KEPT)]
    return [*gone, *(steps.pop(key) for key in running)]


def light(span: Span) -> Span:
    """Return what of a step is kept in mind: the texts of one that is over are on record."""
    if span.status == RUNNING or (span.input is None and span.output is None):
        return span
    return replace(span, input=None, output=None)
