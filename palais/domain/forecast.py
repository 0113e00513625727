"""What a day will have cost at midnight, judged by the days before it. Pure.

With S spent so far today, and of each of the last days (hour by hour) what it had spent by this
time and what it spent in the rest of it:

    B, R   = the means of both over those days
    pace   = S / B, within 1/4 and 4; 1 where B is 0
    weight = B / (B + R): how much of a usual day's spending lies behind us
    cost   = S + R · (1 + weight · (pace − 1))

So what is left is taken at the pace of the same hours of those days, scaled by how today compares
with them; early in the day, when little can be compared, hardly so. ``low`` and ``high`` put the
least and the most that any of those days still spent in the place of R.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

ENOUGH: Final = 3
"""Days of which at least is known what they spent; fewer say nothing."""

FASTEST: Final = 4.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a day will have cost at midnight (USD), and between which bounds, by how many days."""

    cost: float
    low: float
    high: float
    days: int


def forecast(spent: float, days: Sequence[Sequence[float]], elapsed: float) -> Forecast | None:
    """Return the forecast for a day that has spent so much (USD) in ``elapsed`` hours of it.

    ``days`` has what each of the days before it spent, in 24 hours. None where they are too few.
    """
    if len(days) < ENOUGH:
        return None
    usual = fmean(_before(day, elapsed) for day in days)
    rests = [_after(day, elapsed) for day in days]
    rest = min(max(fmean(rests), min(rests)), max(rests))
    scale = _scale(spent, usual, rest)
    return Forecast(
        spent + rest * scale, spent + min(rests) * scale, spent + max(rests) * scale, len(days)
    )


def _scale(spent: float, usual: float, rest: float) -> float:
    if usual <= 0:
        return 1.0
    pace = min(max(spent / usual, 1 / FASTEST), FASTEST)
    return 1 + usual / (usual + rest) * (pace - 1)


def _before(day: Sequence[float], elapsed: float) -> float:
    return sum(cost * min(max(elapsed - hour, 0.0), 1.0) for hour, cost in enumerate(day))


def _after(day: Sequence[float], elapsed: float) -> float:
    return sum(cost * min(max(hour + 1 - elapsed, 0.0), 1.0) for hour, cost in enumerate(day))
