"""What a measure gives back: one row a figure, a value a run for each contestant."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Final

Values = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Goal:
    """What Palais ought to reach; ``met`` is asked with the row."""

    text: str
    met: Callable[["Row"], bool]


@dataclass(slots=True)
class Row:
    """One figure. ``values`` holds one number a run, by contestant; NaN where it failed."""

    title: str
    unit: str
    values: Values
    digits: int = 1
    goal: Goal | None = None
    compared: bool = True
    """Whether a ratio to the others says anything."""

    notes: list[str] = field(default_factory=list)
    out_of_order: dict[str, float] = field(default_factory=dict)
    """The share of deliveries, in the worst run."""
    load_cpu: dict[str, float] = field(default_factory=dict)
    """Seconds that the load client took, all runs together."""

    def median(self, name: str) -> float:
        """Return the median over the runs; NaN where there is none."""
        given = self.values.get(name, [])
        return median(given) if given and not any(map(math.isnan, given)) else math.nan

    def ratio(self, name: str, of: str = "palais") -> float:
        """Return the median of the ratios to a contestant, each taken within one run."""
        pairs = zip(self.values.get(of, []), self.values.get(name, []), strict=False)
        ratios = [ours / theirs if theirs else math.nan for ours, theirs in pairs]
        return median(ratios) if ratios and not any(map(math.isnan, ratios)) else math.nan


def at_least(ratio: float, name: str) -> Goal:
    """Return the goal of being so many times as good, where more is better."""
    return Goal(f"≥ {ratio:g}× {TITLES[name]}", lambda row: row.ratio(name) >= ratio)


def at_most(ratio: float, name: str) -> Goal:
    """Return the goal of needing at most so many times as much."""
    return Goal(f"≤ {ratio:g}× {TITLES[name]}", lambda row: row.ratio(name) <= ratio)


def below(limit: float, unit: str) -> Goal:
    """Return the goal of an absolute figure."""
    return Goal(f"≤ {limit:g} {unit}", lambda row: row.median("palais") <= limit)


TITLES: Final = {
    "palais": "Palais",
    "seed": "seed",
    "flask": "Flask",
    "raw": "raw C",
    "nchan": "nchan",
    "ledger": "no hours",
}
