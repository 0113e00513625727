"""The geometry of plots that the server draws as SVG: pure functions of figures.

Heights are pixels, from the top down; what runs sideways is per cent of the plot's width, so that
a plot fills its place and its texts keep their size. A curve is in a box of its own that is as wide
as the plot: there, sideways is minutes of a day.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HEIGHT: Final = 200
MINUTES: Final = 24 * 60
FULL: Final = 100.0
FILLED: Final = 0.72
"""How much of its place a column takes."""

LEAST: Final = 1.5
"""Pixels of the smallest part that is there at all."""

TRACE: Final = 1e-10
"""What is less is nothing: the ledger keeps ten decimals."""

_STEPS: Final = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """A vertical axis from 0 to ``top``, with a tick each ``step``."""

    top: float
    step: float

    @property
    def ticks(self) -> list[float]:
        """The figures on the axis, 0 first."""
        return [number * self.step for number in range(round(self.top / self.step) + 1)]

    def y(self, value: float) -> float:
        """Return how far below the top a figure is, in pixels."""
        return round(HEIGHT * (1 - min(max(value / self.top, 0.0), 1.0)), 2)


@dataclass(frozen=True, slots=True)
class Part:
    """One series' part of a column."""

    series: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column stands: its ``x`` and ``width``, its ``middle``, and all that is its own."""

    left: float
    room: float
    x: float
    width: float
    middle: float


def scale(highest: float, intervals: int = 4) -> Scale:
    """Return the axis with steps of 1, 2 or 5 times a power of ten that holds a figure.

    It has at most so many intervals; an axis of nothing goes to 1.
    """
    if not (highest > TRACE and math.isfinite(highest)):
        return Scale(1.0, 1.0)
    least = highest / intervals
    power: float = 10.0 ** math.floor(math.log10(least))
    step = next((one * power for one in _STEPS if one * power >= least * (1 - 1e-9)), 10 * power)
    return Scale(step * max(1, math.ceil(highest / step * (1 - 1e-9))), step)


def places(number: int) -> list[Place]:
    """Return where so many columns stand side by side."""
    room = FULL / max(1, number)
    width = room * FILLED
    return [
        Place(
            left=round(index * room, 3),
            room=round(room, 3),
            x=round(index * room + (room - width) / 2, 3),
            width=round(width, 3),
            middle=round((index + 0.5) * room, 3),
        )
        for index in range(number)
    ]


def stacked(values: Sequence[float], axis: Scale) -> list[Part]:
    """Return the parts of a column, the first series at its foot; what is nothing has none."""
    parts: list[Part] = []
    foot = 0.0
    for series, value in enumerate(values):
        if value > 0:
            top, bottom = axis.y(foot + value), axis.y(foot)
            height = max(LEAST, bottom - top)
            parts.append(Part(series, round(bottom - height, 2), round(height, 2)))
        foot += max(0.0, value)
    return parts


def curve(points: Sequence[tuple[float, float]], axis: Scale) -> str:
    """Return the path through points: hours of the day, and figures."""
    return "".join(
        f"{'L' if index else 'M'}{_minute(hour)} {axis.y(value):g}"
        for index, (hour, value) in enumerate(points)
    )


def area(points: Sequence[tuple[float, float]], axis: Scale) -> str:
    """Return the path of what is below such a curve."""
    if not points:
        return ""
    first, last = _minute(points[0][0]), _minute(points[-1][0])
    return f"{curve(points, axis)}L{last} {HEIGHT}L{first} {HEIGHT}Z"


def summed(hours: Sequence[float], elapsed: float = 24.0) -> list[tuple[float, float]]:
    """Return the points of what hours come to, up to ``elapsed`` hours of the day."""
    points, sum_ = [(0.0, 0.0)], 0.0
    for hour, value in enumerate(hours):
        if hour >= elapsed:
            break
        sum_ += value
        points.append((min(hour + 1.0, elapsed), sum_))
    return points


def labelled(number: int) -> frozenset[int]:
    """Return which of so many days have a label: the last, and as many before it as there is room.

    Weeks where there are many, so that it is always the same weekday.
    """
    step = 1 if number <= 7 else 7 if number <= 45 else 7 * math.ceil(number / 49)
    return frozenset(range(number - 1, -1, -step))


def _minute(hour: float) -> str:
    return f"{hour * 60:.6g}"
