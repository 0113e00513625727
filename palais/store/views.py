"""What pages and the JSON API are given to show; ``None`` is unknown, never zero."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class AgentView:
    """An agent as a card shows it; tokens and cost (USD) are of the last 30 UTC days, with today.

    ``unpriced_calls_30d`` are in the tokens, and not in the cost.
    """

    id: str
    name: str
    persona: str
    bio: str
    emoji: str | None
    avatar_url: str | None
    model: str | None
    status: str
    status_since: datetime | None
    status_observed: bool
    activity: str | None
    current_task_id: Any
    current_task: str | None
    active_sessions: int
    last_seen_at: datetime | None
    tokens_30d: int | None
    cost_30d: float | None
    avg_quality: float | None
    unpriced_calls_30d: int


@dataclass(frozen=True, slots=True)
class StandingView:
    """How an agent stands: what every page counts."""

    id: str
    status: str
    activity: str | None


@dataclass(frozen=True, slots=True)
class SessionView:
    """One run of an agent; ``inferred`` says that its end was concluded, not observed."""

    id: str
    run_id: str
    conversation: str | None
    agent_id: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    duration_ms: int | None
    model: str | None
    tokens: int | None
    cost: float | None
    task: str | None
    summary: str | None
    error: str | None
    confidence: float | None
    inferred: bool


@dataclass(frozen=True, slots=True)
class ActivityView:
    """One line of history; ``data`` is the event as the stream carries it."""

    id: int
    at: datetime
    agent_id: str | None
    type: str
    session_id: str | None
    summary: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class GatewayView:
    """The connection to the gateway; ``demo`` where a simulated one answers."""

    state: str
    since: datetime | None
    reason: str | None
    code: str | None
    protocol: int | None
    server_version: str | None
    holder_host: str | None
    holder_pid: int | None
    holder_since: datetime | None
    command: str | None = None

    @property
    def demo(self) -> bool:
        """Whether the gateway says that it is a simulated one."""
        return (self.server_version or "").startswith("demo")


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log stands: its identity and its newest id."""

    epoch: str
    id: int

    @property
    def cursor(self) -> str:
        """The cursor of a viewer that has seen everything up to here."""
        return f"{self.epoch}.{self.id}"
