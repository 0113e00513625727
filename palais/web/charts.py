"""Small charts, drawn by the server as SVG paths: pure functions."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

HOURS: Final = 24
HOUR: Final = timedelta(hours=1)
STEP: Final = 4
BAR: Final = 3
HEIGHT: Final = 24
LEAST: Final = 3
"""Units of the drawing: from bar to bar, a bar's width, a full hour, and any work at all."""


def by_hour(periods: Iterable[tuple[datetime, datetime]], until: datetime) -> list[float]:
    """Return the seconds of each of the 24 hours up to ``until`` that the periods cover.

    The oldest hour is first. The periods do not overlap; what lies outside of the day is left out.
    """
    seconds = [0.0] * HOURS
    first = until - HOURS * HOUR
    for start, end in periods:
        for index in range(HOURS):
            since = first + index * HOUR
            shared = min(end, since + HOUR) - max(start, since)
            seconds[index] += max(0.0, shared.total_seconds())
    return seconds


def bars(seconds: Sequence[float]) -> str:
    """Return the path of a bar chart, an hour a bar, for a view box of 96 by 24."""
    return "".join(
        f"M{index * STEP} {HEIGHT}v-{_height(one)}h{BAR}v{_height(one)}z"
        for index, one in enumerate(seconds)
        if one > 0
    )


def _height(seconds: float) -> int:
    return max(LEAST, round(HEIGHT * min(1.0, seconds / HOUR.total_seconds())))
