"""A court and what happens to it, one event after the other."""

from collections.abc import Iterable
from typing import Any

from palais.domain.agent import Agent, Run, session_id
from palais.domain.changes import Change, Logged, Presence, RunChanged, UsageAdded
from palais.domain.court import apply
from palais.domain.events import (
    Event,
    Profile,
    RosterListed,
    RunEnded,
    RunSeen,
    RunStatus,
    Span,
    Usage,
)
from palais.domain.step import Court
from tests.domain.record import on_record

T0 = 1_795_375_000_000
"""Now, where nothing else is said."""


def seen(run_id: str, at: int = T0, agent_id: str = "builder", **more: Any) -> RunSeen:
    """Return a live sign of a run in the agent's main conversation."""
    return RunSeen(run_id, agent_id, at, **{"conversation": f"agent:{agent_id}:main", **more})


def ended(
    run_id: str | None,
    status: str = "completed",
    at: int = T0 + 1000,
    agent_id: str = "builder",
    **more: Any,
) -> RunEnded:
    """Return a run's end."""
    return RunEnded(agent_id, RunStatus(status), at, run_id, f"agent:{agent_id}:main", **more)


def listed(*agent_ids: str, at: int = T0) -> RosterListed:
    """Return a roster of agents of whom only the id is known."""
    return RosterListed(tuple(Profile(agent_id) for agent_id in agent_ids), at)


def usage(tokens: int = 10, cost: float | None = 0.5, **more: Any) -> Usage:
    """Return what a model call consumed."""
    return Usage(tokens_in=tokens, cost=cost, at=T0, **more)


class Story:
    """Applies events; ``changes`` keeps all that they changed."""

    def __init__(self, *events: Event, court: Court | None = None) -> None:
        self.court = court or Court()
        self.changes: list[Change] = []
        self.tell(*events)

    def tell(self, *events: Event) -> list[Change]:
        """Apply events; return what they changed."""
        before = len(self.changes)
        for event in events:
            self.court, changes = apply(self.court, event)
            self.changes += changes
        return self.changes[before:]

    def agent(self, agent_id: str = "builder") -> Agent:
        """Return an agent as it is now."""
        return self.court.agents[agent_id]

    def run(self, run_id: str) -> Run:
        """Return a run as it is now."""
        run = self.court.run(run_id)
        assert run is not None
        return run

    def step(self, run_id: str, span_id: str = "s") -> Span:
        """Return a step as it is on record."""
        return on_record(self.changes)[session_id(run_id)][span_id]

    def logged(self, type_: str) -> list[Logged]:
        """Return the lines of history of this type."""
        return [it for it in self.changes if isinstance(it, Logged) and it.type == type_]


def news(changes: Iterable[Change]) -> list[Change]:
    """Return what of the changes is new in history or of a run: all but signs of life."""
    return [it for it in changes if isinstance(it, Logged | RunChanged | UsageAdded)]


def presences(changes: list[Change]) -> list[tuple[int, str | None]]:
    """Return the signs of life among the changes."""
    return [(it.at, it.activity) for it in changes if isinstance(it, Presence)]
