"""An agent and its runs as the court knows them, and the facts derived from them."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from palais.domain.calls import Calls
from palais.domain.events import RunStatus, Span, Status, TaskId

SIGNAL_ACTIVITIES: Final = frozenset({"waiting", "retrying"})
"""Activities that belong into history: somebody may have to act on them."""

DECIMALS: Final = 10
"""Digits of a dollar's fraction that are kept."""

MOST_TOKENS: Final = 10**15
MOST_COST: Final = 10.0**9
"""What a run shows at most, however often it claims more: sums of it stay within their columns."""

_PLAIN_ID = re.compile(r"(?!r-)[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is known of steps no longer in mind: how many, and how many of them and calls failed."""

    steps: int = 0
    errors: int = 0
    failed_calls: int = 0


NOTHING: Final = Forgotten()


@dataclass(frozen=True)
class Run:
    """One Palais session: everything known of one run of one agent. Times in ms.

    ``spawned_by`` is the conversation that delegated it; ``asked`` are the tool calls that its
    model calls asked for, by the id of the tool call. ``calls`` digests what each tool call among
    its steps did, equal where two did the same; ``forgotten`` counts what of its steps is on record
    and not among ``steps``, and ``partial`` says that nobody has counted it.
    """

    run_id: str
    agent_id: str
    status: RunStatus = RunStatus.RUNNING
    conversation: str | None = None
    spawned_by: str | None = None
    started_at: int | None = None
    ended_at: int | None = None
    model: str | None = None
    task: str | None = None
    task_id: TaskId | None = None
    activity: str | None = None
    summary: str | None = None
    error: str | None = None
    usage: Calls = field(default_factory=Calls)
    steps: Mapping[str, Span] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    reported_tokens: int | None = None
    reported_cost: float | None = None
    inferred: bool = False
    touched_at: int = 0
    missing_since: int | None = None
    calls: Mapping[str, int] = field(default_factory=dict)
    forgotten: Forgotten = NOTHING
    partial: bool = False

    @property
    def id(self) -> str:
        """The session's id: the run's own where it is safe in a URL, else a digest of it."""
        return session_id(self.run_id)

    @property
    def open(self) -> bool:
        """Whether it still runs."""
        return self.status is RunStatus.RUNNING

    @property
    def tokens(self) -> int | None:
        """Tokens of all that the ledger has of the run, else the reported total, else unknown."""
        counted = self.usage.tokens
        return min(counted, MOST_TOKENS) if counted else self.reported_tokens

    @property
    def cost(self) -> float | None:
        """Cost in USD; unknown as soon as one call has no price, unless a total covers them all."""
        if not self.usage:
            return self.reported_cost
        known = not self.usage.unpriced or self.reported_cost is not None
        return min(self.usage.cost, MOST_COST) if known else None


@dataclass(frozen=True)
class Agent:
    """One agent of the court: who it is, and what it does as of the last event. Times in ms."""

    id: str
    name: str
    persona: str = ""
    bio: str = ""
    emoji: str | None = None
    model: str | None = None
    avatar_url: str | None = None
    seeded: bool = False
    present: bool = False
    failed: bool = False
    reported: Status | None = None
    reported_task: str | None = None
    reported_task_id: TaskId | None = None
    status: Status = Status.OFFLINE
    status_since: int | None = None
    activity: str | None = None
    task: str | None = None
    task_id: TaskId | None = None
    active_sessions: int = 0
    last_seen_at: int | None = None

    @property
    def signal(self) -> str | None:
        """The activity, where it is one that somebody may have to act on."""
        return self.activity if self.activity in SIGNAL_ACTIVITIES else None


Kept = TypeVar("Kept", Agent, Run)


def revised(kept: Kept, **changes: object) -> Kept:
    """Return a copy with some fields changed: dataclasses.replace, at a sixth of its price.

    It is paid several times an event; the fields are checked by the tests, not by the call.
    """
    copy = object.__new__(type(kept))
    object.__setattr__(copy, "__dict__", kept.__dict__ | changes)
    return copy


def bare(run: Run) -> Run:
    """Return the run without what it remembers of its steps: what waits to be written holds none.

    Otherwise each of a thousand changes of one run would keep a thousand calls of it in memory.
    """
    return revised(run, steps={}, asked={}, calls={}, usage=Calls())


def same(one: Kept, other: Kept) -> bool:
    """Whether two states are equal: what ``==`` says, at a third of its price."""
    return one.__dict__ == other.__dict__


def session_id(run_id: str) -> str:
    """Return the id under which a run is shown; equal run ids give equal session ids."""
    if _PLAIN_ID.fullmatch(run_id):
        return run_id
    return "r-" + hashlib.sha256(run_id.encode("utf-8", "replace")).hexdigest()[:24]


def status_of(agent: Agent, runs: Sequence[Run]) -> Status:
    """Derive the status from the agent's open runs, unless the agent reported one itself."""
    if not agent.present:
        return Status.OFFLINE
    if agent.reported is not None:
        return agent.reported
    if runs:
        return Status.BUSY
    return Status.ERROR if agent.failed else Status.IDLE


def current_run(runs: Sequence[Run]) -> Run | None:
    """Return the open run that speaks for the agent: the one started last."""
    if not runs:
        return None
    return max(runs, key=lambda run: (run.started_at or 0, run.run_id))
