"""A session's tree as its page first shows it: rows with bars on one axis of time. Pure.

``static/js/trace-tree.js`` and its neighbours draw the same rows from the same list, and take over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from palais.domain.rollup import Total, end_of, together, totals
from palais.domain.tree import Node, forest
from palais.store.spans import SpanView
from palais.store.views import SessionView

FIRST: Final = 200
"""Rows that the server draws; the script draws the others as they come into view."""

OPEN: Final = 500
"""Up to so many steps, all of them are open at first; else the first levels, and what failed."""

MS: Final = timedelta(milliseconds=1)
SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
STEPS: Final = (
    *(1, 2, 5, 10, 20, 50, 100, 200, 500),
    *(SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND),
    *(MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR),
)
"""Milliseconds from tick to tick; beyond, days."""

TICKS: Final = 5
RUNNING: Final = "running"


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the axis, in percent of it, as SVG takes lengths."""

    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Row:
    """One step as a row: ``own`` is its bar, ``whole`` that of all below it."""

    step: SpanView
    total: Total
    depth: int
    place: int
    siblings: int
    open: bool | None
    own: Bar | None
    whole: Bar | None

    @property
    def words(self) -> tuple[str, str]:
        """Its name and title; of a title that begins with the name, the title alone."""
        name, title = self.step.name, self.step.title or ""
        said = title and title.casefold().startswith(name.casefold())
        return (title, "") if said else (name, title)


@dataclass(frozen=True, slots=True)
class Axis:
    """The time that a tree takes: from a moment, so many milliseconds."""

    start: datetime
    length: int

    @property
    def ticks(self) -> list[tuple[str, int]]:
        """Where the axis is marked, in percent, and with how many milliseconds."""
        step = next((one for one in STEPS if self.length <= one * TICKS), 0)
        step = step or DAY * max(1, -(-self.length // (DAY * TICKS)))
        return [(percent(ms, self.length), ms) for ms in range(0, self.length + 1, step)]

    def bar(self, since: datetime | None, until: datetime | None) -> Bar | None:
        """Return the bar from one moment to another; None without a first one."""
        if since is None:
            return None
        left = max(0, (since - self.start) // MS)
        took = 0 if until is None else max(0, (until - since) // MS)
        return Bar(percent(left, self.length), percent(max(took, self.length / 2000), self.length))


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The first rows of a tree, how many there are, and what all of it comes to.

    ``delegated`` says that steps of other sessions are in it: those of sub-agents.
    """

    rows: list[Row]
    visible: int
    total: Total
    axis: Axis
    delegated: bool


def drawn(steps: Sequence[SpanView], run: SessionView, now: datetime) -> Waterfall:
    """Return a session's tree, as it stands now."""
    roots = forest(steps)
    sums = totals(roots)
    whole = together([sums[root.step.id] for root in roots])
    alive = {step.id for step in steps if step.status == RUNNING and end_of(step) is None}
    ends = [whole.ended_at, run.ended_at, now if alive or run.status == RUNNING else None]
    start = min(filter(None, (whole.started_at, run.started_at)))
    end = max(filter(None, (start, *ends)))
    axis = Axis(start, max(1, (end - start) // MS))
    shown = list(_shown(roots, sums))
    rows = [_row(one, sums, axis, now, alive) for one in shown[:FIRST]]
    delegated = any(step.session_id != run.id for step in steps)
    return Waterfall(rows, len(shown), whole, axis, delegated)


def opened(node: Node[SpanView], total: Total, steps: int) -> bool:
    """Whether a step is open at first; what failed below one opens it."""
    return steps <= OPEN or node.depth < 1 or total.errors > int(node.step.status == "error")


def percent(part: float, whole: float) -> str:
    """Return a share as SVG has it: ``12.5%``."""
    return f"{part * 100 / whole:.3f}".rstrip("0").rstrip(".") + "%"


_Placed = tuple[Node[SpanView], int, int, bool | None]


def _shown(roots: Sequence[Node[SpanView]], sums: dict[str, Total]) -> Iterator[_Placed]:
    waiting = [(node, place, len(roots)) for place, node in enumerate(roots, 1)][::-1]
    while waiting:
        node, place, siblings = waiting.pop()
        is_open = opened(node, sums[node.step.id], len(sums)) if node.children else None
        yield node, place, siblings, is_open
        if is_open:
            below = [(child, at, len(node.children)) for at, child in enumerate(node.children, 1)]
            waiting += reversed(below)


def _row(shown: _Placed, sums: dict[str, Total], axis: Axis, now: datetime, alive: set[str]) -> Row:
    node, place, siblings, is_open = shown
    step, total = node.step, sums[node.step.id]
    end = now if step.id in alive else end_of(step)
    own = axis.bar(step.started_at, end)
    whole = axis.bar(total.started_at, total.ended_at) if node.children else None
    return Row(step, total, node.depth, place, siblings, is_open, own, whole)
