"""Today's costs as a curve through the day, beside last week's, and on to midnight. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from palais.store.spending import midnight
from palais.web import plots
from palais.web.spending import Today


@dataclass(frozen=True, slots=True)
class Course:
    """Today's sum through the day beside that of a week ago, and what is foretold; SVG paths."""

    today: str
    ground: str
    before: str
    ahead: str
    band: str
    now: tuple[float, float]
    axis: plots.Scale
    unseen: Sequence[tuple[float, float]]
    """Periods that were not observed: from where, and how wide, in per cent."""


def course(day: Today) -> Course:
    """Return the plot of today."""
    run = plots.summed([one.known for one in day.hours], day.elapsed)
    whole = sum(one.known for one in day.hours)
    run[-1] = (day.elapsed, whole)
    # By a clock that is ahead of ours the ledger may begin in an hour that is to come.
    run = [point for point in run[:-1] if point[0] >= day.since] + run[-1:]
    before = plots.summed([one.known for one in day.before]) if day.before_kept else []
    told = day.forecast
    highest = max([whole, *(value for _, value in before), told.high if told else 0.0])
    axis = plots.scale(highest)
    here = run[-1]
    return Course(
        today=plots.curve(run, axis),
        ground=plots.area(run, axis),
        before=plots.curve(before, axis),
        ahead=plots.curve([here, (24.0, told.cost)], axis) if told else "",
        band=plots.curve([here, (24.0, told.high), (24.0, told.low)], axis) + "Z" if told else "",
        now=(round(day.elapsed / 24 * plots.FULL, 3), axis.y(whole)),
        axis=axis,
        unseen=[_across(since, until) for since, until in _within(day)],
    )


def _within(day: Today) -> list[tuple[float, float]]:
    start = midnight(day.now.date())
    return [
        (max(0.0, (since - start).total_seconds()), (until - start).total_seconds())
        for since, until in day.unseen
    ]


def _across(since: float, until: float) -> tuple[float, float]:
    share = plots.FULL / 86_400
    return round(since * share, 3), round(max(0.15, (until - since) * share), 3)
