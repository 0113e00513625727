"""What an event changed: the only thing the store is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from palais.domain.account import Figures
from palais.domain.agent import Agent, Run
from palais.domain.events import Span, Unobserved, Usage


@dataclass(frozen=True, slots=True)
class AgentChanged:
    """The agent's state as it is now; ``profile`` where also who it is has changed."""

    agent: Agent
    profile: bool = False


@dataclass(frozen=True, slots=True)
class RunChanged:
    """The run's state as it is now."""

    run: Run


@dataclass(frozen=True, slots=True)
class UsageAdded:
    """One model call, counted for the first time."""

    run: Run
    key: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class SpanChanged:
    """One step of a run, as far as this event tells it."""

    run: Run
    span: Span


class Logged(NamedTuple):
    """One line of history. ``fields`` are the type's own fields, in snake_case.

    A tuple, as are frames: there is one an event, and it is made at a third of the price.

    ``key`` names what the line tells by the gateway's own ids, so that it is told once whoever
    tells it again; None where the line follows from the state before it, which tells as much.
    """

    type: str
    at: int
    agent_id: str | None
    session_id: str | None
    summary: str
    fields: Mapping[str, object]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """A sign of life too frequent to be history."""

    agent_id: str
    activity: str | None
    at: int


@dataclass(frozen=True, slots=True)
class GapNoted:
    """A period without observation, and why."""

    gap: Unobserved


Change = (
    GapNoted | AgentChanged | RunChanged | UsageAdded | SpanChanged | Logged | Presence | Figures
)
