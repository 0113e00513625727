"""What runs consumed: each call once, and of a total what the calls before it leave."""

from dataclasses import replace
from typing import Final

from palais.domain import ownership
from palais.domain.agent import DECIMALS, Run, bare, revised
from palais.domain.changes import UsageAdded
from palais.domain.events import Event, RunEnded, Usage, UsageReported
from palais.domain.step import Step

TOTAL: Final = "total"
"""The key of what a run told as a whole; no call has it, nor one that begins like it."""


BEGIN: Final = 946_684_800_000
"""The year 2000 in ms: an earlier time is none, or is told in seconds."""

AHEAD_MS: Final = 3_600_000
"""How far a gateway's clock may be ahead of ours, to be believed."""


def is_total(key: str) -> bool:
    """Whether an entry is of a whole run, and not of one call."""
    return key.partition(":")[0] == TOTAL


def dated(event: Event, now: int) -> Event:
    """Return the event, a model call dated now (ms) where no clock can have been so wrong.

    Else it would begin the ledger in 1970, or never come to be of any day that is looked at.
    """
    if type(event) is not UsageReported or BEGIN <= event.usage.at <= now + AHEAD_MS:
        return event
    return replace(event, usage=replace(event.usage, at=now))


def usage_reported(step: Step, event: UsageReported) -> None:
    """Count a model call once, also after its run ended."""
    run = ownership.owner(step, event)
    if run is None or event.key in run.usage:
        return
    usage = _beside_total(run, event.usage)
    if usage is None:
        return
    counted = revised(
        run,
        usage=run.usage.plus(event.key, usage),
        model=usage.model or run.model,
        summary=event.text or run.summary,
        touched_at=max(run.touched_at, event.at),
    )
    step.put_run(counted)
    step.changes.append(UsageAdded(bare(counted), event.key, usage))
    step.log_update(counted, event.at, f"usage:{run.run_id}:{event.key}")


def with_total(run: Run, event: RunEnded) -> tuple[Run, UsageAdded | None]:
    """Return the run with the total that its end tells, and what that adds to the ledger.

    A total is at least what was counted: it adds the difference, and nothing where it is smaller.
    """
    told = revised(
        run,
        reported_tokens=run.reported_tokens if event.tokens is None else event.tokens,
        reported_cost=run.reported_cost if event.cost is None else event.cost,
    )
    rest = _rest(run, event)
    if rest is None:
        return told, None
    key = TOTAL if TOTAL not in run.usage else f"{TOTAL}:{len(run.usage)}"
    counted = revised(told, usage=run.usage.plus(key, rest))
    return counted, UsageAdded(bare(counted), key, rest)


def total_told_again(step: Step, run: Run, event: RunEnded) -> None:
    """Count what a later telling of a run's end has more."""
    counted, added = with_total(run, event)
    if added is not None:
        step.put_run(counted)
        step.changes.append(added)
        step.log_update(counted, event.at, f"usage:{run.run_id}:{added.key}")


def _rest(run: Run, event: RunEnded) -> Usage | None:
    """Return what a total has beyond the calls that were counted; None where it has no more.

    The first that tells the cost is an entry in any case where it pays for calls without a price.
    """
    counted = run.usage
    tokens = max(0, (event.tokens or 0) - counted.tokens)
    told = run.reported_cost if event.cost is None else event.cost
    cost = None if told is None else max(0.0, round(told - counted.cost, DECIMALS))
    pays = cost is not None and run.reported_cost is None
    if not tokens and not cost and not (pays and _unpriced(run)):
        return None
    return Usage(total=tokens, cost=cost, model=event.model or run.model, at=event.at)


def _unpriced(run: Run) -> bool:
    return any(usage.cost is None for usage in run.usage.values())


def _beside_total(run: Run, usage: Usage) -> Usage | None:
    """Return what a call adds where its run's total is counted already: it is in that.

    A total that told the cost alone still lacks the tokens of the call.
    """
    total = run.usage.get(TOTAL)
    if total is None:
        # A run that was free as a whole has no entry for it, and no call that was not.
        free = run.reported_cost is not None and usage.cost is None
        return replace(usage, cost=0.0) if free else usage
    return None if total.tokens else replace(usage, cost=0.0, priced=None)
