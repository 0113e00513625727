"""Days as stacked columns: who, or which model, had which part in each. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from palais.domain.spending import Spent, by_rank, total
from palais.web import plots
from palais.web.spending import Day

SERIES: Final = 5
"""How many have a part of their own; the others are one."""

Shares = Callable[[Day], Mapping[str, Spent]]
Measure = Callable[[Spent], float]


def of_agents(day: Day) -> Mapping[str, Spent]:
    """Return the agents' shares of a day."""
    return day.agents


def of_models(day: Day) -> Mapping[str, Spent]:
    """Return the models' shares of a day."""
    return day.models


def in_dollars(spent: Spent) -> float:
    """Return what is known of a cost."""
    return spent.known


def in_tokens(spent: Spent) -> float:
    """Return all tokens."""
    return spent.tokens


@dataclass(frozen=True, slots=True)
class Series:
    """One of a plot; ``name`` is None for all the others together, of whom there are ``many``."""

    index: int
    name: str | None
    spent: Spent
    many: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A day with its place and parts; ``spent`` has what each series came to."""

    day: Day
    place: plots.Place
    parts: Sequence[plots.Part]
    spent: Sequence[Spent]
    top: float
    ghost: float | None = None
    """Where the forecast of today ends."""

    @property
    def known(self) -> bool:
        """Whether it is known that this is all."""
        return self.day.kept and not self.day.blind


@dataclass(frozen=True, slots=True)
class Stacks:
    """A plot of days."""

    series: Sequence[Series]
    columns: Sequence[Column]
    axis: plots.Scale
    labelled: frozenset[int]

    @property
    def empty(self) -> bool:
        """Whether nothing was spent at all."""
        return not self.series


def stacks(
    days: Sequence[Day],
    shares: Shares,
    measure: Measure,
    foretold: float | None = None,
    *,
    beside: "Stacks | None" = None,
) -> Stacks:
    """Return the plot of days, a column each; the first series is that with most, at the foot.

    ``foretold`` is what the last of them will come to. ``beside`` is another plot of the same
    shares: then what has a place there has the same one here.
    """
    series = _series(days, shares, measure, beside)
    spent = [_of_series(shares(day), series) for day in days]
    tall = [sum(measure(one) for one in column) for column in spent]
    axis = plots.scale(max([*tall, foretold or 0.0], default=0.0))
    columns = [
        Column(day, place, plots.stacked([measure(one) for one in of], axis), of, axis.y(height))
        for day, place, of, height in zip(days, plots.places(len(days)), spent, tall, strict=True)
    ]
    if columns and foretold is not None and foretold > tall[-1]:
        last = columns[-1]
        columns[-1] = Column(
            last.day, last.place, last.parts, last.spent, last.top, axis.y(foretold)
        )
    return Stacks(series, columns, axis, plots.labelled(len(days)))


def _series(
    days: Sequence[Day], shares: Shares, measure: Measure, beside: Stacks | None
) -> list[Series]:
    ranked = by_rank(part for day in days for part in shares(day).items())
    ranked.sort(key=lambda one: -measure(one[1]))
    if beside is not None:
        places = {one.name: one.index for one in beside.series if one.name is not None}
        ranked.sort(key=lambda one: places.get(one[0], SERIES))
    # Where one alone would be left, it has its place rather than be called the others.
    own = ranked if len(ranked) <= SERIES + 1 else ranked[:SERIES]
    rest = ranked[len(own) :]
    series = [Series(index, name, spent) for index, (name, spent) in enumerate(own)]
    if rest:
        series.append(Series(len(own), None, total(one for _, one in rest), len(rest)))
    return series


def _of_series(shares: Mapping[str, Spent], series: Sequence[Series]) -> list[Spent]:
    own = {one.name for one in series}
    others = total(spent for name, spent in shares.items() if name not in own)
    return [others if one.name is None else shares.get(one.name, Spent()) for one in series]
