"""Changes as rows: plain values by column name, times in milliseconds since the epoch."""

from collections.abc import Iterable, Sequence
from typing import Final

from palais.domain.agent import Agent, Run
from palais.domain.changes import (
    AgentChanged,
    Change,
    GapNoted,
    RunChanged,
    SpanChanged,
    UsageAdded,
)
from palais.domain.events import Usage
from palais.domain.ledger import is_total
from palais.domain.quality import confidence

Rows = list[dict[str, object]]


def agents(changes: Iterable[Change]) -> tuple[Rows, Rows]:
    """Return the rows of agents whose profile is as it was, and of those where it is new."""
    told = [change for change in changes if isinstance(change, AgentChanged)]
    latest = {change.agent.id: change.agent for change in told}
    new = {change.agent.id for change in told if change.profile}
    return (
        [_agent(agent) for agent in latest.values() if agent.id not in new],
        [_agent(agent) for agent in latest.values() if agent.id in new],
    )


def sessions(changes: Iterable[Change]) -> Rows:
    """Return the latest state of each run."""
    latest = {c.run.run_id: c.run for c in changes if isinstance(c, RunChanged)}
    return [_session(run) for run in latest.values()]


def usage(changes: Iterable[Change]) -> Rows:
    """Return the model calls, each once."""
    counted = {(c.run.id, c.key): c for c in changes if isinstance(c, UsageAdded)}
    return [_usage(change) for change in counted.values()]


def settled(changes: Iterable[Change]) -> list[str]:
    """Return the sessions of which a total was told that has what their calls cost."""
    told = (change for change in changes if isinstance(change, UsageAdded))
    return sorted({c.run.id for c in told if c.usage.cost is not None and is_total(c.key)})


def spans(changes: Iterable[Change]) -> Sequence[Rows]:
    """Return the steps, in as many sets as the most told of them was told times.

    No set has a step twice: one statement cannot update a row twice.
    """
    sets: list[dict[tuple[str, str], dict[str, object]]] = []
    told: dict[tuple[str, str], int] = {}
    for change in changes:
        if isinstance(change, SpanChanged):
            key = (change.run.id, change.span.id)
            at = told[key] = told.get(key, -1) + 1
            if at == len(sets):
                sets.append({})
            sets[at][key] = _span(change)
    return [list(one.values()) for one in sets]


def gaps(changes: Iterable[Change]) -> Rows:
    """Return the periods without observation, by their start."""
    noted = {c.gap.started_at: c.gap for c in changes if isinstance(c, GapNoted)}
    return [
        {"started_at": gap.started_at, "ended_at": gap.ended_at, "reason": gap.reason.value}
        for gap in noted.values()
    ]


PRICES: Final = "prices "
"""How the basis of a cost begins that is from a price table; the table's version follows."""


def basis(usage: Usage) -> str:
    """Return where a cost is from, as the ledger has it; ``priced_by`` reads it back."""
    if usage.cost is None:
        return "unknown"
    return "gateway" if usage.priced is None else PRICES + usage.priced


def priced_by(told: str) -> str | None:
    """Return the version of the price table that a cost is from; None for any other."""
    return told.removeprefix(PRICES) if told.startswith(PRICES) else None


def _agent(agent: Agent) -> dict[str, object]:
    return {
        "id": agent.id,
        "name": agent.name,
        "persona": agent.persona,
        "bio": agent.bio,
        "emoji": agent.emoji,
        "model": agent.model,
        "avatar_url": agent.avatar_url,
        "seeded": agent.seeded,
        "present": agent.present,
        "failed": agent.failed,
        "reported": agent.reported.value if agent.reported else None,
        "reported_task": agent.reported_task,
        "reported_task_id": agent.reported_task_id,
        "status": agent.status.value,
        "status_since": agent.status_since,
        "activity": agent.activity,
        "current_task": agent.task,
        "current_task_id": agent.task_id,
        "active_sessions": agent.active_sessions,
        "last_seen_at": agent.last_seen_at,
    }


def _session(run: Run) -> dict[str, object]:
    return {
        "id": run.id,
        "run_id": run.run_id,
        "agent_id": run.agent_id,
        "conversation": run.conversation,
        "spawned_by": run.spawned_by,
        "status": run.status.value,
        "started_at": run.started_at or run.touched_at,
        "ended_at": run.ended_at,
        "model": run.model,
        "task": run.task,
        "task_id": run.task_id,
        "tokens": run.tokens,
        "cost": run.cost,
        "summary": run.summary,
        "error": run.error,
        "inferred": run.inferred,
        "touched_at": run.touched_at,
        "confidence": confidence(run),
    }


def _usage(change: UsageAdded) -> dict[str, object]:
    usage = change.usage
    whole = usage.total is not None
    return {
        "session_id": change.run.id,
        "key": change.key,
        "agent_id": change.run.agent_id,
        "run_id": change.run.run_id,
        "conversation": change.run.conversation,
        "at": usage.at,
        "model": usage.model,
        "provider": usage.provider,
        "tokens": usage.tokens,
        "tokens_in": None if whole else usage.tokens_in,
        "tokens_out": None if whole else usage.tokens_out,
        "cache_read": None if whole else usage.cache_read,
        "cache_write": None if whole else usage.cache_write,
        "cost": usage.cost,
        "basis": basis(usage),
    }


def _span(change: SpanChanged) -> dict[str, object]:
    span = change.span
    return {
        "session_id": change.run.id,
        "id": span.id,
        "parent_id": span.parent_id,
        "type": span.type,
        "name": span.name,
        "title": span.title,
        "status": span.status,
        "started_at": span.started_at,
        "ended_at": span.ended_at,
        "duration_ms": span.duration_ms,
        "model": span.model,
        "tokens_in": span.tokens_in,
        "tokens_out": span.tokens_out,
        "cache_read": span.cache_read,
        "cache_write": span.cache_write,
        "cost": span.cost,
        "input": span.input,
        "output": span.output,
        "error": span.error,
        "input_clipped": span.input_clipped,
        "output_clipped": span.output_clipped,
        "child_session_id": span.child_session_id,
        "child_agent_id": span.child_agent_id,
    }
