"""Runs that nobody speaks of any more, where no gateway tells what is active."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RunsUnheard:
    """Of the runs from before ``since`` (sight came back), only these were heard of by ``at``.

    Runs by their ids, and agents whose steps name no run. Times in ms.
    """

    since: int
    at: int
    runs: frozenset[str] = field(default_factory=frozenset)
    agents: frozenset[str] = field(default_factory=frozenset)
