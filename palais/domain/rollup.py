"""What the steps below a step come to: time, tokens, money and errors, added up. Pure.

An unknown part stays unknown: a sum says beside what is known how many parts of it are not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

from palais.domain.tree import Node, Step, walk

MODEL_CALL: Final = "llm_call"
DELEGATION: Final = "delegation"
MS: Final = timedelta(milliseconds=1)


class Measured(Step, Protocol):
    """What is asked of a step to add it up."""

    @property
    def type(self) -> str:
        """``llm_call``, ``tool_call``, ``decision`` or ``delegation``."""

    @property
    def status(self) -> str | None:
        """``running``, ``ok``, ``error``, ``aborted`` or ``lost``."""

    @property
    def ended_at(self) -> datetime | None:
        """When it ended."""

    @property
    def duration_ms(self) -> int | None:
        """How long it took, as it says itself."""

    @property
    def tokens(self) -> int | None:
        """All tokens of it, those of the cache included."""

    @property
    def cost(self) -> float | None:
        """What it cost, in USD."""


M = TypeVar("M", bound=Measured)


@dataclass(slots=True)
class Total:
    """A step and all below it.

    ``started_at`` and ``ended_at`` span all of it. ``tokens`` and ``cost`` are what is known,
    None where nothing is; ``uncounted`` and ``unpriced`` are how many parts are not. ``own_ms`` is
    the time of the step itself in which none of its children was at work.
    """

    started_at: datetime | None
    ended_at: datetime | None
    own_ms: int | None
    steps: int = 1
    errors: int = 0
    tokens: int | None = None
    uncounted: int = 0
    cost: float | None = None
    unpriced: int = 0

    @property
    def duration_ms(self) -> int | None:
        """Milliseconds from the first start to the last end; None while either is unknown."""
        if self.started_at is None or self.ended_at is None:
            return None
        return max(0, (self.ended_at - self.started_at) // MS)


def totals(roots: Sequence[Node[M]]) -> dict[str, Total]:
    """Return what each step comes to with all below it, by the step's id."""
    found: dict[str, Total] = {}
    for node in reversed(list(walk(roots))):
        found[node.step.id] = _total(node, [found[child.step.id] for child in node.children])
    return found


def end_of(step: Measured) -> datetime | None:
    """Return when a step ended: as it was told, or as its duration says; None beyond all dates."""
    if step.ended_at is not None or step.started_at is None or step.duration_ms is None:
        return step.ended_at
    try:
        return step.started_at + step.duration_ms * MS
    except OverflowError:
        return None


def together(parts: Sequence[Total]) -> Total:
    """Return the sum of several, such as of all that stands at the top."""
    whole = Total(None, None, None, steps=0)
    for part in parts:
        _add(whole, part)
    return whole


def _total(node: Node[M], below: Sequence[Total]) -> Total:
    step = node.step
    total = Total(step.started_at, end_of(step), _own(node), errors=int(step.status == "error"))
    # What a sub-agent's session came to is in its own steps, once they are there.
    if not (step.type == DELEGATION and below):
        billed = step.type in {MODEL_CALL, DELEGATION}
        total.tokens, total.uncounted = step.tokens, int(billed and step.tokens is None)
        total.cost, total.unpriced = step.cost, int(billed and step.cost is None)
    for part in below:
        _add(total, part)
    return total


def _add(total: Total, part: Total) -> None:
    starts = [one for one in (total.started_at, part.started_at) if one is not None]
    ends = [one for one in (total.ended_at, part.ended_at) if one is not None]
    total.started_at, total.ended_at = min(starts, default=None), max(ends, default=None)
    total.steps += part.steps
    total.errors += part.errors
    total.uncounted += part.uncounted
    total.unpriced += part.unpriced
    if part.tokens is not None:
        total.tokens = (total.tokens or 0) + part.tokens
    if part.cost is not None:
        total.cost = (total.cost or 0.0) + part.cost


def _own(node: Node[M]) -> int | None:
    start, end = node.step.started_at, end_of(node.step)
    if start is None or end is None:
        return None
    covered, upto = timedelta(), start
    for child in node.children:  # by start
        since, until = child.step.started_at, end_of(child.step)
        if since is None or until is None:
            continue
        since, until = max(since, upto), min(until, end)
        if until > since:
            covered, upto = covered + (until - since), until
    return max(timedelta(), end - start - covered) // MS
