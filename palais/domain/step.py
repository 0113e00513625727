"""The court's state, and one step of it: how a rule reads the state and records what it changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from palais.domain.agent import Agent, Run, current_run, revised, status_of
from palais.domain.changes import AgentChanged, Change, Logged, Presence, RunChanged
from palais.domain.events import Status

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
    """One event's way through the court. Rules read ``court`` and write through the methods."""

    def __init__(self, court: Court) -> None:
        self.court = court
        self.changes: list[Change] = []

    def put_agent(self, agent: Agent, *, profile: bool = False) -> None:
        """Keep this state of an agent; ``profile`` says that its name or the like is new."""
        if self.court.agents.get(agent.id) == agent:
            return
        self.court = replace(self.court, agents={**self.court.agents, agent.id: agent})
        self.changes.append(AgentChanged(agent, profile))

    def put_run(self, run: Run) -> None:
        """Keep this state of a run, among the open or the ended ones."""
        if self.court.run(run.run_id) == run:
            return
        opened, ended = dict(self.court.open), self.court.ended
        if run.open:
            opened[run.run_id] = run
            ended = {key: old for key, old in ended.items() if key != run.run_id}
        else:
            opened.pop(run.run_id, None)
            ended = _latest({**ended, run.run_id: run})
        self.court = replace(self.court, open=opened, ended=ended)
        self.changes.append(RunChanged(run))

    def touch_run(self, run: Run) -> None:
        """Keep this state of an open run without telling the store: it is only a sign of life."""
        self.court = replace(self.court, open={**self.court.open, run.run_id: run})

    def keep_steps(self, run: Run) -> None:
        """Keep the steps of a run in mind, open or ended; the store is told of each by itself."""
        if run.open:
            self.touch_run(run)
        else:
            self.court = replace(self.court, ended={**self.court.ended, run.run_id: run})

    def open_runs(self, agent_id: str) -> list[Run]:
        """Return the agent's open runs, oldest first."""
        return [run for run in self.court.open.values() if run.agent_id == agent_id]

    def log(
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

    def settle(self, agent_id: str, at: int) -> None:
        """Derive the agent's status from its runs, and put a change of it on record."""
        before = self.court.agents[agent_id]
        runs = self.open_runs(agent_id)
        run = current_run(runs)
        status = status_of(before, runs)
        working = status is Status.BUSY
        after = revised(
            before,
            status=status,
            status_since=before.status_since if status is before.status else at,
            activity=run.activity if run and working else None,
            task=(run.task if run else before.reported_task) if working else None,
            task_id=(run.task_id if run else before.reported_task_id) if working else None,
            active_sessions=len(runs),
            last_seen_at=max(before.last_seen_at or 0, at),
        )
        self._tell(before, after, run, at)

    def _tell(self, before: Agent, after: Agent, run: Run | None, at: int) -> None:
        if _facts(before) != _facts(after):
            self.put_agent(after)
            self.log(
                "agent.status",
                at,
                after.id,
                run,
                after.task or "",
                status=after.status.value,
                activity=after.activity,
                task=after.task,
                task_id=after.task_id,
                active_sessions=after.active_sessions,
            )
        elif before.activity != after.activity or _stale(before, at):
            self.put_agent(after)
            self.changes.append(Presence(after.id, after.activity, at))
        elif revised(before, last_seen_at=after.last_seen_at) != after:
            self.put_agent(after)


def _facts(agent: Agent) -> tuple[object, ...]:
    return (agent.status, agent.task, agent.task_id, agent.signal, agent.active_sessions)


def _stale(agent: Agent, at: int) -> bool:
    return at - (agent.last_seen_at or 0) >= PRESENCE_MS


def _latest(ended: Mapping[str, Run]) -> Mapping[str, Run]:
    surplus = len(ended) - ENDED_KEPT
    return dict(_skip(ended.items(), surplus)) if surplus > 0 else ended


def _skip(items: Iterable[tuple[str, Run]], count: int) -> Iterable[tuple[str, Run]]:
    return (item for index, item in enumerate(items) if index >= count)
