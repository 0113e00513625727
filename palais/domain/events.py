"""The vocabulary: what can be learnt from a gateway, one small frozen class an event.

Times are milliseconds since the Unix epoch by the gateway's clock. ``None`` means: not said.
Texts are already clean (see ``domain.text``).
"""

from dataclasses import dataclass, field
from enum import StrEnum

from palais.domain.account import Figures
from palais.domain.silence import RunsUnheard

TaskId = int | str


class Status(StrEnum):
    """What an agent is doing, in one word."""

    IDLE = "idle"
    BUSY = "busy"
    ERROR = "error"
    OFFLINE = "offline"


class RunStatus(StrEnum):
    """How far a run has come. ``LOST`` means that its end was not observed."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    TIMEOUT = "timeout"
    ABORTED = "aborted"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Profile:
    """Who an agent is, as far as somebody says."""

    id: str
    name: str | None = None
    persona: str | None = None
    bio: str | None = None
    emoji: str | None = None
    model: str | None = None
    avatar_url: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What one model call consumed, in tokens, and what it cost, in USD.

    ``total`` is told where nobody says how the tokens divide; ``priced`` is the version of the
    price table that the cost is from, where it is not told.
    """

    tokens_in: int = 0
    tokens_out: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cost: float | None = None
    model: str | None = None
    provider: str | None = None
    at: int = 0
    total: int | None = None
    priced: str | None = None

    @property
    def tokens(self) -> int:
        """All tokens that were billed, cached ones included."""
        parts = self.tokens_in + self.tokens_out + self.cache_read + self.cache_write
        return parts if self.total is None else self.total


@dataclass(frozen=True, slots=True)
class Span:
    """One step of a run: an ``llm_call``, ``tool_call``, ``decision`` or ``delegation``.

    Its status is ``running``, ``ok``, ``error``, ``aborted`` with its run, or ``lost``: its end was
    not observed. A delegation knows the session it began. The flags say that more was told.
    """

    id: str
    type: str
    name: str
    parent_id: str | None = None
    title: str | None = None
    status: str | None = None
    model: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    input: str | None = None
    output: str | None = None
    error: str | None = None
    started_at: int | None = None
    ended_at: int | None = None
    duration_ms: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    input_clipped: bool = False
    output_clipped: bool = False
    child_session_id: str | None = None
    child_agent_id: str | None = None

    @property
    def lasted(self) -> int | None:
        """How long it took, in ms: as told, else from its beginning to its end."""
        if self.duration_ms is not None or self.started_at is None or self.ended_at is None:
            return self.duration_ms
        return max(0, self.ended_at - self.started_at)


@dataclass(frozen=True, slots=True)
class RosterListed:
    """All agents that the gateway has now; whoever is not in it is gone."""

    agents: tuple[Profile, ...]
    at: int


@dataclass(frozen=True, slots=True)
class AgentRegistered:
    """One agent introduces itself or changes its profile."""

    profile: Profile
    at: int


@dataclass(frozen=True, slots=True)
class StatusReported:
    """An agent's status in so many words, not derived from its runs."""

    agent_id: str
    status: Status
    at: int
    task_id: TaskId | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True)
class RunSeen:
    """Evidence that a run is going on. ``live`` is false where it is inferred from a snapshot.

    ``spawned_by`` is the conversation that delegated it.
    """

    run_id: str
    agent_id: str
    at: int
    conversation: str | None = None
    started_at: int | None = None
    model: str | None = None
    task: str | None = None
    task_id: TaskId | None = None
    activity: str | None = None
    live: bool = True
    spawned_by: str | None = None


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run's end. Without ``run_id``: the agent's latest running one.

    ``tokens`` and ``cost`` are totals of the run, its model calls told one by one included;
    ``inferred`` says that the end itself was concluded, not observed; without ``adopt`` a run
    that is not known yet stays unknown.
    """

    agent_id: str
    status: RunStatus
    at: int
    run_id: str | None = None
    conversation: str | None = None
    started_at: int | None = None
    model: str | None = None
    summary: str | None = None
    error: str | None = None
    tokens: int | None = None
    cost: float | None = None
    inferred: bool = False
    adopt: bool = True


@dataclass(frozen=True, slots=True)
class RunWithdrawn:
    """An accepted run will not take place, if it has not begun yet."""

    run_id: str
    agent_id: str
    at: int


@dataclass(frozen=True, slots=True)
class UsageReported:
    """A finished model call. ``key`` is the gateway's own id of it: the same key counts once.

    ``turn`` says where no run is named when the question was asked that the call answers, and
    when the next one was.
    """

    key: str
    agent_id: str
    at: int
    usage: Usage
    run_id: str | None = None
    conversation: str | None = None
    text: str | None = None
    turn: tuple[int, int | None] | None = None


@dataclass(frozen=True, slots=True)
class SpanStarted:
    """A step of a run began: without ``run_id`` the one open then in its conversation.

    Without that either, it is the agent's latest.
    """

    agent_id: str
    span: Span
    at: int
    run_id: str | None = None
    conversation: str | None = None


@dataclass(frozen=True, slots=True)
class SpanCompleted:
    """A step of a run ended. Whose it is goes as for its beginning.

    ``calls`` are the ids of the tool calls that a model asked for, whose parent it is. What is told
    as a ``whole`` is told alike each time. ``turn`` as for usage.
    """

    agent_id: str
    span: Span
    at: int
    run_id: str | None = None
    conversation: str | None = None
    calls: tuple[str, ...] = ()
    whole: bool = False
    turn: tuple[int, int | None] | None = None


@dataclass(frozen=True, slots=True)
class ConversationsActive:
    """The conversations in which a run is active now; open runs elsewhere have ended unseen."""

    conversations: frozenset[str]
    at: int


@dataclass(frozen=True, slots=True)
class GatewayRebooted:
    """The gateway is a new process: no run of the old one goes on under its old id."""

    at: int
    survivors: frozenset[str] = field(default_factory=frozenset)


class Blindness(StrEnum):
    """Why Palais did not observe the gateway for a while."""

    GATEWAY = "gateway"
    RESTART = "restart"
    SEQUENCE = "sequence"
    PALAIS = "palais"
    LEASE = "lease"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Unobserved:
    """A period in which things may have happened that nobody saw, now over."""

    started_at: int
    ended_at: int
    reason: Blindness


Event = (
    RosterListed
    | AgentRegistered
    | StatusReported
    | RunSeen
    | RunEnded
    | RunWithdrawn
    | UsageReported
    | SpanStarted
    | SpanCompleted
    | ConversationsActive
    | GatewayRebooted
    | RunsUnheard
    | Unobserved
    | Figures
)
