"""What a process counts while it works, readable by all processes of its host.

Plain numbers, so that counting costs next to nothing: each process writes a row of its own in
memory that gunicorn's master shared with it when it forked, and nobody else writes there, so there
is no lock, no file and no system call. gunicorn.conf.py loads this file by itself, outside of
the package: it needs the standard library alone.
"""

import mmap
import os
from bisect import bisect_left
from enum import IntEnum
from typing import Final

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds up to which the buckets of a batch's time reach; one more takes all that is longer."""

COUNTERS: Final = 48
WIDTH: Final = 64
"""Numbers a row has; the first ``COUNTERS`` only grow, and outlive their process."""

ROWS: Final = 256
"""One for the processes that are gone, and more than workers there can be, during a reload too."""

TRIES: Final = 100


class Count(IntEnum):
    """What only grows, by its place in a row."""

    EVENTS = 0
    DROPPED = 1
    CHANGES = 2
    BATCH_SECONDS = 3
    BATCHES = 4  # and the buckets after it


class Level(IntEnum):
    """What goes up and down, by its place in a row; ``PID`` is 0 where the row has no process."""

    PID = COUNTERS
    VIEWERS = COUNTERS + 1
    SEEN = COUNTERS + 2
    VERSION = COUNTERS + 3


class Board:
    """Rows of numbers that all children of the process that made it have in common."""

    def __init__(self, rows: int = ROWS) -> None:
        self.numbers = memoryview(mmap.mmap(-1, rows * WIDTH * 8)).cast("d")
        self._free = list(range(rows - 1, 0, -1))

    def claim(self) -> int | None:
        """Give a row to a process that is about to be forked; None where all are taken."""
        return self._free.pop() if self._free else None

    def release(self, row: int | None) -> None:
        """Take the row of a process that has ended; what it counted stays in the totals."""
        if row is None:
            return
        numbers, start = self.numbers, row * WIDTH
        numbers[Level.VERSION] += 1
        for place in range(COUNTERS):
            numbers[place] += numbers[start + place]
        for place in range(start, start + WIDTH):
            numbers[place] = 0.0
        numbers[Level.VERSION] += 1
        self._free.append(row)


class Tally:
    """What this process counts. By itself until ``join``; then one of those on the board."""

    def __init__(self) -> None:
        self._all = self._mine = memoryview(bytearray(WIDTH * 8)).cast("d")
        self._mine[Level.PID] = os.getpid()

    def join(self, board: Board, row: int | None) -> None:
        """Go on counting in a row of the board, claimed for this process before it was forked."""
        if row is None:
            return
        mine = board.numbers[row * WIDTH : (row + 1) * WIDTH]
        mine[:] = self._mine
        mine[Level.PID] = os.getpid()
        self._all, self._mine = board.numbers, mine

    def add(self, count: Count, more: float = 1) -> None:
        """Count something that happened in this process."""
        self._mine[count] += more

    def set(self, level: Level, value: float) -> None:
        """Note how something stands in this process."""
        self._mine[level] = value

    def time(self, seconds: float) -> None:
        """Count a batch that took so long to commit."""
        self._mine[Count.BATCH_SECONDS] += seconds
        self._mine[Count.BATCHES + bisect_left(BOUNDS, seconds)] += 1

    def rows(self) -> list[list[float]]:
        """Return the rows of all processes, first that of those that are gone.

        While the master takes in the row of one that ended, it would be found twice or not at all:
        the version is then odd, or has changed.
        """
        for _ in range(TRIES):
            before = self._all[Level.VERSION]
            numbers: list[float] = self._all.tolist()  # type: ignore[assignment]
            if before % 2 == 0 and self._all[Level.VERSION] == before:
                break
        return [numbers[start : start + WIDTH] for start in range(0, len(numbers), WIDTH)]
