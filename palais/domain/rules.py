"""What each event means for runs: late, repeated and missing events are the normal case."""

from typing import Final

from palais.domain import ledger, spans
from palais.domain.agent import Run, revised, same
from palais.domain.changes import GapNoted
from palais.domain.events import (
    ConversationsActive,
    GatewayRebooted,
    RunEnded,
    RunSeen,
    RunStatus,
    RunWithdrawn,
    Unobserved,
)
from palais.domain.quality import confidence
from palais.domain.silence import RunsUnheard
from palais.domain.step import Step

FRESH_MS: Final = 500
"""A run touched this shortly before a snapshot may be younger than the snapshot."""


def run_seen(step: Step, event: RunSeen) -> None:
    """Open the run, or learn more about it. An ended run stays ended, a lost one may return."""
    run = step.court.run(event.run_id)
    if run is None:
        _start(step, event)
    elif run.open:
        _learn(step, run, event)
    elif run.status is RunStatus.LOST and event.live and event.at > (run.ended_at or 0):
        _revive(step, run, event)


def run_ended(step: Step, event: RunEnded) -> None:
    """Close the run: the first real end wins, an inferred one yields to it."""
    run = _find(step, event)
    if run is None:
        return
    final = not run.open and not run.inferred
    if final or (run.inferred and event.inferred):
        ledger.total_told_again(step, run, event)
        return
    counted, added = ledger.with_total(run, event)
    ended = revised(
        counted,
        status=event.status,
        started_at=event.started_at or run.started_at,
        ended_at=event.at,
        model=run.model or event.model,
        summary=event.summary or run.summary,
        error=event.error,
        inferred=event.inferred,
        activity=None,
        touched_at=max(run.touched_at, event.at),
    )
    if added is not None:
        step.changes.append(added)
    _close(step, ended, event.at)


def run_withdrawn(step: Step, event: RunWithdrawn) -> None:
    """Close a run that was announced and never began."""
    run = step.court.open.get(event.run_id)
    if run is not None and run.activity is None and not run.usage:
        ended = revised(run, status=RunStatus.ABORTED, ended_at=event.at, touched_at=event.at)
        _close(step, ended, event.at)


def conversations_active(step: Step, event: ConversationsActive) -> None:
    """End the open runs that two snapshots in a row do not have: one alone may be late."""
    for run in tuple(step.court.open.values()):
        if run.conversation is None or run.touched_at > event.at - FRESH_MS:
            continue
        if run.conversation in event.conversations:
            step.touch_run(revised(run, missing_since=None))
        elif run.missing_since is None:
            step.touch_run(revised(run, missing_since=event.at))
        elif run.missing_since < event.at:
            _lose(step, run, event.at)


def gateway_rebooted(step: Step, event: GatewayRebooted) -> None:
    """End every open run of the old gateway process: its terminal event will never come."""
    for run in tuple(step.court.open.values()):
        if run.conversation is not None and run.run_id not in event.survivors:
            _lose(step, run, event.at)


def runs_unheard(step: Step, event: RunsUnheard) -> None:
    """End the open runs from before sight came back that nobody has spoken of since."""
    for run in tuple(step.court.open.values()):
        heard = run.run_id in event.runs or run.agent_id in event.agents
        if not heard and run.touched_at < event.since:
            _lose(step, run, event.at)


def unobserved(step: Step, event: Unobserved) -> None:
    """Put a period without observation on record."""
    step.changes.append(GapNoted(event))
    step.log(
        "gap",
        event.ended_at,
        None,
        None,
        event.reason.value,
        f"gap:{event.started_at}:{event.reason}",
        started_at=event.started_at,
        ended_at=event.ended_at,
        reason=event.reason.value,
    )


def _start(step: Step, event: RunSeen) -> None:
    run = Run(
        run_id=event.run_id,
        agent_id=event.agent_id,
        conversation=event.conversation,
        started_at=event.started_at or event.at,
        model=event.model,
        task=event.task,
        task_id=event.task_id,
        activity=event.activity,
        touched_at=event.at,
        spawned_by=event.spawned_by,
    )
    step.put_run(run)
    step.put_agent(revised(step.court.agents[run.agent_id], failed=False))
    _started(step, run, event.at)
    spans.delegated(step, run, event.at)


def _started(step: Step, run: Run, at: int) -> None:
    step.log(
        "session.started",
        at,
        run.agent_id,
        run,
        run.task or "",
        f"started:{run.run_id}",
        status=run.status.value,
        task=run.task,
        task_id=run.task_id,
        model=run.model,
        started_at=run.started_at,
    )


def _known(run: Run, event: RunSeen) -> Run:
    """Return the run with what the event adds to it; what is known is not unlearnt."""
    return revised(
        run,
        model=event.model or run.model,
        task=run.task or event.task,
        task_id=run.task_id if event.task_id is None else event.task_id,
        conversation=run.conversation or event.conversation,
        spawned_by=run.spawned_by or event.spawned_by,
    )


def _learn(step: Step, run: Run, event: RunSeen) -> None:
    known = _known(run, event)
    live = revised(
        known,
        activity=event.activity or run.activity,
        touched_at=max(run.touched_at, event.at),
        missing_since=None,
    )
    if same(known, run):
        step.touch_run(live)
        return
    step.put_run(live)
    if (known.task, known.model) != (run.task, run.model):
        step.log_update(live, event.at)
    if known.spawned_by != run.spawned_by:
        spans.delegated(step, live, event.at)


def _revive(step: Step, run: Run, event: RunSeen) -> None:
    again = revised(
        _known(run, event),
        status=RunStatus.RUNNING,
        ended_at=None,
        error=None,
        inferred=False,
        missing_since=None,
        activity=event.activity,
        touched_at=event.at,
    )
    step.put_run(again)
    step.log_update(again, event.at)


def _close(step: Step, run: Run, at: int) -> None:
    run = spans.closed(step, run, at)
    step.put_run(run)
    agent = step.court.agents[run.agent_id]
    if run.status is not RunStatus.LOST:
        failed = run.status in {RunStatus.FAILED, RunStatus.TIMEOUT}
        step.put_agent(revised(agent, failed=failed))
    step.log(
        "session.completed",
        at,
        run.agent_id,
        run,
        run.error or run.summary or run.task or "",
        _end_key(run),
        status=run.status.value,
        model=run.model,
        tokens=run.tokens,
        cost=run.cost,
        summary=run.summary,
        error=run.error,
        confidence=confidence(run),
        inferred=run.inferred or None,
        started_at=run.started_at,
        ended_at=run.ended_at,
    )
    step.settle(run.agent_id, at)


def _end_key(run: Run) -> str:
    """Return the key of a run's end: a run really ends once, but may be inferred to have twice."""
    if run.inferred:
        return f"inferred:{run.run_id}:{run.status}:{run.ended_at}"
    return f"ended:{run.run_id}"


def _lose(step: Step, run: Run, at: int) -> None:
    lost = revised(
        run, status=RunStatus.LOST, ended_at=at, activity=None, inferred=True, touched_at=at
    )
    _close(step, lost, at)


def _find(step: Step, event: RunEnded) -> Run | None:
    if event.run_id is None:
        return step.latest(event.agent_id)
    run = step.court.run(event.run_id)
    if run is None and event.adopt:
        seen = RunSeen(
            run_id=event.run_id,
            agent_id=event.agent_id,
            at=event.started_at or event.at,
            conversation=event.conversation,
            started_at=event.started_at,
            model=event.model,
            live=not event.inferred,
        )
        run_seen(step, seen)
        run = step.court.run(event.run_id)
    return run
