"""The court's state, and one step of it: how a rule reads the state and records what it changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from palais.domain.agent import Agent, Run, current_run, revised, same, status_of
from palais.domain.changes import AgentChanged, Change, Logged, Presence, RunChanged
from palais.domain.events import Status
from palais.domain.quality import confidence

ENDED_KEPT: Final = 4096
"""Ended runs kept in mind, so that late and repeated events still find theirs."""

PRESENCE_MS: Final = 1000
"""A sign of life is passed on at most once in this time, an agent."""


@dataclass(frozen=True, slots=True)
class Court:
    """Everything known now: agents by id, open runs and the latest ended ones by run id."""

    agents: Mapping[str, Agent] = field(default_factory=dict)
    open: Mapping[str, Run] = field(default_factory=dict)
    ended: Mapping[str, Run] = field(default_factory=dict)

    def run(self, run_id: str) -> Run | None:
        """Return the run of this id, open or ended; None if it is not known."""
        return self.open.get(run_id) or self.ended.get(run_id)


class Step:
    """The way of events through the court. Rules read ``court`` and write through the methods.

    One step may take in many events: what it copies of the court, it copies once. ``changes`` are
    those that are told one by one; of agents and runs, the state at the end is told.
    """

    def __init__(self, court: Court) -> None:
        self.court = court
        self.changes: list[Change] = []
        self._agents: dict[str, Agent] | None = None
        self._open: dict[str, Run] | None = None
        self._ended: dict[str, Run] | None = None
        self._profiles: dict[str, bool] = {}
        self._runs: dict[str, None] = {}

    def told(self) -> tuple[Change, ...]:
        """Return what has changed, each after what it refers to."""
        agents = self.court.agents
        found = self.court.run
        runs = (found(run_id) for run_id in self._runs)
        return (
            *(AgentChanged(agents[key], profile) for key, profile in self._profiles.items()),
            *(RunChanged(run) for run in runs if run is not None),
            *self.changes,
        )

    def put_agent(self, agent: Agent, *, profile: bool = False) -> None:
        """Keep this state of an agent; ``profile`` says that its name or the like is new."""
        before = self.court.agents.get(agent.id)
        if before is not None and same(before, agent):
            return
        self._own_agents()[agent.id] = agent
        self._profiles[agent.id] = profile or self._profiles.get(agent.id, False)

    def put_run(self, run: Run) -> None:
        """Keep this state of a run, among the open or the ended ones."""
        before = self.court.run(run.run_id)
        if before is not None and same(before, run):
            return
        if run.open:
            self._own_open()[run.run_id] = run
            if run.run_id in self.court.ended:
                del self._own_ended()[run.run_id]
        else:
            self._own_open().pop(run.run_id, None)
            ended = self._own_ended()
            ended[run.run_id] = run
            while len(ended) > ENDED_KEPT:
                del ended[next(iter(ended))]
        self._runs[run.run_id] = None

    def touch_run(self, run: Run) -> None:
        """Keep this state of an open run without telling the store: it is only a sign of life."""
        self._own_open()[run.run_id] = run

    def keep_steps(self, run: Run) -> None:
        """Keep the steps of a run in mind, open or ended; the store is told of each by itself.

        Of an ended run, they may change what it is worth: the store is told of that too.
        """
        before = self.court.run(run.run_id)
        (self._own_open() if run.open else self._own_ended())[run.run_id] = run
        worth = confidence(run)
        if worth is not None and (before is None or confidence(before) != worth):
            self._runs[run.run_id] = None

    def open_runs(self, agent_id: str) -> list[Run]:
        """Return the agent's open runs, oldest first."""
        return [run for run in self.court.open.values() if run.agent_id == agent_id]

    def latest(self, agent_id: str) -> Run | None:
        """Return the agent's open run that began last: whatever names no run is about that one."""
        runs = self.open_runs(agent_id)
        return max(runs, key=lambda run: run.started_at or 0, default=None)

    def log(  # noqa: PLR0917  what every line has
        self,
        type_: str,
        at: int,
        agent_id: str | None,
        run: Run | None,
        line: str,
        key: str | None = None,
        /,
        **fields: object,
    ) -> None:
        """Add a line of history; see ``Logged`` for its key."""
        session = run.id if run else None
        self.changes.append(Logged(type_, at, agent_id, session, line, fields, key))

    def log_update(self, run: Run, at: int, key: str | None = None) -> None:
        """Add a line of history: more is known of a run."""
        self.log(
            "session.updated",
            at,
            run.agent_id,
            run,
            run.task or "",
            key,
            status=run.status.value,
            task=run.task,
            model=run.model,
            tokens=run.tokens,
            cost=run.cost,
            summary=run.summary,
            confidence=confidence(run),
        )

    def settle(self, agent_id: str, at: int, told: Agent | None = None) -> None:
        """Derive the agent's status from its runs, and put a change of it on record.

        ``told`` is the agent by its own account, where it has just given one.
        """
        before = self.court.agents[agent_id]
        runs = self.open_runs(agent_id)
        run = current_run(runs)
        told = told or before
        status = status_of(told, runs)
        working = status is Status.BUSY
        after = revised(
            told,
            status=status,
            status_since=before.status_since if status is before.status else at,
            activity=run.activity if run and working else None,
            task=(run.task if run else told.reported_task) if working else None,
            task_id=(run.task_id if run else told.reported_task_id) if working else None,
            active_sessions=len(runs),
            last_seen_at=max(before.last_seen_at or 0, at),
        )
        if _news(before, after):
            self.put_agent(after)
            self._log_status(after, run, at)
        elif before.activity != after.activity or _stale(before, at):
            self.put_agent(after)
            self.changes.append(Presence(after.id, after.activity, at))
        else:
            self.put_agent(told)

    def _log_status(self, agent: Agent, run: Run | None, at: int) -> None:
        known = {"activity": agent.activity, "task": agent.task, "task_id": agent.task_id}
        self.log(
            "agent.status",
            at,
            agent.id,
            run,
            agent.task or "",
            status=agent.status.value,
            active_sessions=agent.active_sessions,
            **{name: value for name, value in known.items() if value is not None},
        )

    # A mapping is the step's own from its first change on; the court it came with stays as it was.

    def _own_agents(self) -> dict[str, Agent]:
        if self._agents is None:
            self._agents = dict(self.court.agents)
            self.court = Court(self._agents, self.court.open, self.court.ended)
        return self._agents

    def _own_open(self) -> dict[str, Run]:
        if self._open is None:
            self._open = dict(self.court.open)
            self.court = Court(self.court.agents, self._open, self.court.ended)
        return self._open

    def _own_ended(self) -> dict[str, Run]:
        if self._ended is None:
            self._ended = dict(self.court.ended)
            self.court = Court(self.court.agents, self.court.open, self._ended)
        return self._ended


def _news(before: Agent, after: Agent) -> bool:
    return (
        before.status is not after.status
        or before.task != after.task
        or before.task_id != after.task_id
        or before.active_sessions != after.active_sessions
        or before.signal != after.signal
    )


def _stale(agent: Agent, at: int) -> bool:
    return at - (agent.last_seen_at or 0) >= PRESENCE_MS
