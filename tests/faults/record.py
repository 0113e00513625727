"""What is on record, beside what the gateway sent and what the viewers saw: what differs?"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

from tests.database import Database
from tests.faults.ledger import number_of
from tests.faults.viewer import Seen

Item = TypeVar("Item")
SLACK_MS = 250
"""How far two readings of one clock may be apart: a process waits for its turn in between."""

ROWS = "SELECT id, data FROM activity_log WHERE id > :after ORDER BY id"
GAPS = """
    SELECT extract(epoch FROM started_at) * 1000, extract(epoch FROM ended_at) * 1000, reason
    FROM gaps ORDER BY started_at
"""


@dataclass(frozen=True)
class Gap:
    """A period that is on record as not observed, in ms."""

    started_at: float
    ended_at: float
    reason: str

    def covers(self, at: int, slack: int) -> bool:
        """Whether what was sent at this time may be missing."""
        return self.started_at - slack <= at <= self.ended_at + slack


class Record:
    """The log and the gaps, read as they grow."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.log: list[Seen] = []
        self.gaps: list[Gap] = []

    def refresh(self) -> None:
        """Read what is new."""
        after = self.log[-1][0] if self.log else 0
        rows: Any = self._database.run(ROWS, after=after)
        self.log += [(row, number_of(data)) for row, data in rows]
        gaps: Any = self._database.run(GAPS)
        self.gaps = [Gap(float(begun), float(over), why) for begun, over, why in gaps]

    def reread(self) -> None:
        """Read everything again: what was there may be gone."""
        self.log = []
        self.refresh()

    def newest(self) -> int:
        """Return the newest number that the log has; 0 where it has none."""
        self.refresh()
        return next((number for _, number in reversed(self.log) if number is not None), 0)


def log_faults(
    sent: Mapping[int, int], log: Sequence[Seen], gaps: Sequence[Gap], slack: int = SLACK_MS
) -> list[str]:
    """Say where the log is not what was sent, up to the newest number that it has.

    ``sent`` has the time (ms) of each number. A number may be missing only within a gap.
    """
    numbers = [number for _, number in log if number is not None]
    faults = [f"{number} is {times} times in the log" for number, times in _repeated(numbers)]
    faults += [f"{later} is behind {earlier}" for earlier, later in _disorder(numbers)]
    faults += [f"{number} was never sent" for number in numbers if number not in sent]
    if not numbers:
        return faults
    had = set(numbers)
    for number in range(numbers[0], max(had)):
        if number not in had and not any(gap.covers(sent[number], slack) for gap in gaps):
            faults.append(f"{number} is missing, {_beside(sent[number], gaps)}")
    return faults


def viewer_faults(seen: Sequence[Seen], log: Sequence[Seen]) -> list[str]:
    """Say where a viewer has not seen exactly the log, in order, up to its own newest row."""
    newest = seen[-1][0] if seen else 0
    expected = [one for one in log if one[0] <= newest]
    had, have = set(seen), set(expected)
    faults = [f"never saw row {row} (number {number})" for row, number in sorted(have - had)]
    faults += [f"saw row {row}, which is not in the log" for row, _ in sorted(had - have)]
    faults += [f"saw row {row} {times} times" for (row, _), times in _repeated(seen)]
    if not faults and list(seen) != expected:
        faults.append("saw the rows in another order")
    return faults


def clipped(faults: Sequence[str], most: int = 12) -> str:
    """Return faults as the text of a failure."""
    rest = len(faults) - most
    return "; ".join(faults[:most]) + (f"; and {rest} more" if rest > 0 else "")


def _repeated(items: Iterable[Item]) -> list[tuple[Item, int]]:
    return [(item, times) for item, times in Counter(items).items() if times > 1]


def _disorder(numbers: Sequence[int]) -> list[tuple[int, int]]:
    return [(one, next_) for one, next_ in pairwise(numbers) if next_ < one]


def _beside(at: int, gaps: Sequence[Gap]) -> str:
    """Say how far the nearest gap is from a moment that no gap covers."""
    if not gaps:
        return "and there is no gap on record"
    nearest = min(gaps, key=lambda gap: max(gap.started_at - at, at - gap.ended_at))
    before, after = nearest.started_at - at, at - nearest.ended_at
    where = f"{before:.0f} ms before" if before > 0 else f"{after:.0f} ms after"
    return f"sent {where} the nearest gap ({nearest.reason})"
