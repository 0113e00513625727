"""The demo gateway without its sockets: sessions, runs under way and what happens next.

The clock is an argument everywhere, in milliseconds since the epoch.
"""

import heapq
import random
from collections.abc import Callable
from itertools import count, islice
from uuid import uuid4

from palais.demo.audit import Audit
from palais.demo.day import Day, Turn, compose
from palais.demo.events import Frame, RunEvents, child_ids
from palais.demo.frames import frames
from palais.demo.roster import AGENTS
from palais.demo.session import Session
from palais.demo.steps import Run, Scenario, ToolEnded

Happening = Callable[[int], list[Frame]]
SIDE_SESSIONS = 40
"""Idle conversations kept beside the main ones."""


class Simulation:
    """What happens at court, told as frames when the time has come.

    ``speed`` is how many of its seconds go by in one of ours, from whatever is planned next.
    """

    def __init__(self, seed: int | None, *, speed: float = 1.0, quiet: bool = False) -> None:
        self.sessions: dict[str, Session] = {}
        self.audit = Audit()
        self.speed = speed
        self._hook_rng = random.Random(seed)
        self._due: list[tuple[int, int, Happening]] = []
        self._order = count()
        self._opened_at = 0
        self._turns = iter(() if quiet else Day(random.Random(seed)))

    @property
    def next_due(self) -> int | None:
        """When the next thing happens; None when nothing is planned."""
        return self._due[0][0] if self._due else None

    def busy(self) -> set[str]:
        """Return the ids of the agents with a run under way."""
        return {session.agent.id for session in self.sessions.values() if session.busy}

    def advance(self, now: int) -> list[Frame]:
        """Let everything happen that is due, in order, each at its own time."""
        told: list[Frame] = []
        while self._due and self._due[0][0] <= now:
            at, _, happening = heapq.heappop(self._due)
            told += happening(at)
        return told

    def run_now(
        self, agent_id: str, scenario: Scenario, task: str | None, now: int
    ) -> tuple[str, list[Frame]]:
        """Begin a run at once, beside the main conversation if that one is busy."""
        run = compose(self._hook_rng, agent_id, scenario, task)
        session = self._free_session(agent_id, now)
        run_id = str(uuid4())
        return run_id, self._begin(run, run_id, session, now)

    def interrupt(self, now: int) -> None:
        """Forget what is under way, as a gateway that is killed does; no event tells it."""
        self._due.clear()
        for session in self.sessions.values():
            if session.busy:
                session.settle("killed", now)

    def wake(self, now: int) -> None:
        """Let the day begin, or go on after an interruption, with its next turn at once."""
        for turn in islice(self._turns, 1):
            self._opened_at = now - self._real(turn.at)
            self._await(turn)

    def _await(self, turn: Turn) -> None:
        self._plan(self._opened_at + self._real(turn.at), lambda now: self._take(turn, now))

    def _take(self, turn: Turn, now: int) -> list[Frame]:
        self._await(next(self._turns))
        session = self._free_session(turn.run.agent_id, now)
        return self._begin(turn.run, str(uuid4()), session, now)

    def _begin(self, run: Run, run_id: str, session: Session, now: int) -> list[Frame]:
        return self._play(RunEvents(run, run_id, session), 0, now, now)

    def _play(self, events: RunEvents, index: int, start: int, now: int) -> list[Frame]:
        """Tell one step of a run and plan the next."""
        steps = events.run.steps
        step = steps[index][1]
        told = frames(step, events, now)
        self.audit.note(step, events.session, events.run_id, now)
        if isinstance(step, ToolEnded) and step.invocation.call.child:
            told += self._delegate(events, step.invocation.number, now)
        if index + 1 < len(steps):
            at = max(now, start + self._real(steps[index + 1][0]))
            self._plan(at, lambda now: self._play(events, index + 1, start, now))
        return told

    def _delegate(self, parent: RunEvents, number: str, now: int) -> list[Frame]:
        child = parent.run.children[number]
        run_id, key = child_ids(parent.run_id, child.agent_id, number)
        session = self._open(key, now, parent.session)
        return self._begin(child, run_id, session, now)

    def _free_session(self, agent_id: str, now: int) -> Session:
        main = AGENTS[agent_id].main_key
        if main not in self.sessions or not self.sessions[main].busy:
            return self.sessions.get(main) or self._open(main, now)
        return self._open(f"agent:{agent_id}:s{uuid4().hex[:6]}", now)

    def _open(self, key: str, now: int, parent: Session | None = None) -> Session:
        side = [
            name
            for name, session in self.sessions.items()
            if name != session.agent.main_key and not session.busy
        ]
        for name in side[:-SIDE_SESSIONS]:
            del self.sessions[name]
        self.sessions[key] = Session(key, now, parent)
        return self.sessions[key]

    def _plan(self, at: int, happening: Happening) -> None:
        heapq.heappush(self._due, (at, next(self._order), happening))

    def _real(self, seconds: float) -> int:
        """Convert seconds of the script to milliseconds of this demo's pace."""
        return round(seconds * 1000 / self.speed)
