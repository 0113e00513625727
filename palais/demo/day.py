"""A day at court: an endless stream of runs, decided by a random generator and nothing else."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from palais.demo.roster import ROSTER
from palais.demo.script import write_run
from palais.demo.steps import Run, Scenario, ToolEnded
from palais.demo.tasks import TASKS
from palais.demo.tools import Task

Card = TypeVar("Card")
CHANCES: Mapping[Scenario, int] = {
    "completed": 84,
    "failed": 8,
    "approval": 4,
    "aborted": 2,
    "timeout": 2,
}
CROWD = (2, 3, 3, 4)
"""How many agents to have at work; one of these is drawn at each start."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A run and the second of the day when it begins, at speed 1."""

    at: float
    run: Run


class Deck(Generic[Card]):
    """Cards drawn in shuffled order; all are seen before any comes again."""

    def __init__(self, rng: random.Random, cards: Sequence[Card]) -> None:
        self._rng = rng
        self._cards = cards
        self._left: list[Card] = []

    def draw(self, allowed: Callable[[Card], bool]) -> Card | None:
        """Take the next card that is allowed, or None; the others keep their place."""
        for card in self._left:
            if allowed(card):
                self._left.remove(card)
                return card
        missing = [card for card in self._cards if card not in self._left]
        if not missing:
            return None
        self._left += self._rng.sample(missing, len(missing))
        return self.draw(allowed)


class Day:
    """Turns in order of time, for ever; two to four of the ten agents are at work."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._agents = Deck(rng, [agent.id for agent in ROSTER])
        self._tasks = {agent_id: Deck(rng, pool) for agent_id, pool in TASKS.items()}
        self._until = dict.fromkeys(TASKS, 0.0)
        self._at = 0.0

    def __iter__(self) -> Iterator[Turn]:
        """Yield the turns; the day is never over."""
        while True:
            self._wait()
            agent_id = self._agents.draw(self._idle)
            task = self._tasks[agent_id].draw(self._ready) if agent_id else None
            if agent_id and task:
                run = compose(self._rng, agent_id, self._scenario(task), task)
                yield Turn(self._at, run)
                self._occupy(run)

    def _wait(self) -> None:
        """Go to the next start: when so many are done that the drawn crowd is not exceeded."""
        ends = sorted(end for end in self._until.values() if end > self._at)
        excess = len(ends) + 1 - self._rng.choice(CROWD)
        if excess > 0:
            self._at = ends[excess - 1]
        self._at += self._rng.uniform(0.4, 2.5)

    def _idle(self, agent_id: str) -> bool:
        return self._until[agent_id] <= self._at

    def _ready(self, task: Task) -> bool:
        """Whether the agents it delegates to are free, so that nobody does two things at once."""
        return all(self._idle(call.child[0]) for call in task.calls if call.child)

    def _scenario(self, task: Task) -> Scenario:
        (drawn,) = self._rng.choices(list(CHANCES), weights=list(CHANCES.values()))
        return "completed" if drawn == "approval" and not needs_human(task) else drawn

    def _occupy(self, run: Run) -> None:
        self._until[run.agent_id] = self._at + run.duration
        for start, step in run.steps:
            if isinstance(step, ToolEnded) and step.invocation.number in run.children:
                child = run.children[step.invocation.number]
                self._until[child.agent_id] = self._at + start + child.duration


def compose(
    rng: random.Random, agent_id: str, scenario: Scenario, task: Task | str | None = None
) -> Run:
    """Write one run of this agent; without a task, or with its words only, one of its pool."""
    if isinstance(task, Task):
        return write_run(rng, agent_id, task, scenario)
    pool = [card for card in TASKS[agent_id] if scenario != "approval" or needs_human(card)]
    chosen = rng.choice(pool)
    if task is not None:
        chosen = Task(task, chosen.calls, chosen.answer)
    return write_run(rng, agent_id, chosen, scenario)


def needs_human(task: Task) -> bool:
    """Whether it has a command, the only kind of call that can wait for approval."""
    return any(call.exit_code is not None for call in task.calls)
