"""Replays what running gateways were recorded to say, through Link and the court.

The recordings answer the requests of another client, so Link's own requests are answered here: by
what the recorded gateway said to the same method, else by what its rows imply.
"""

import json
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from palais.domain.agent import Agent, Run
from palais.domain.changes import Change, Logged
from palais.domain.court import UnknownAgentError, apply
from palais.domain.events import Event, Span
from palais.domain.step import Court
from palais.gateway.identity import Identity
from palais.gateway.link import Link, Memory
from tests.domain.record import on_record
from tests.gateway.frames import T0, TEN, Json, challenge, hello, roster
from tests.gateway.recording import Connection, connection

Answers = Mapping[str, Callable[[Json], Json]]

IDENTITY = Identity.from_seed(b"palais-palais-palais-palais-pala")
TOKEN = "the-shared-token"


def is_active(row: Json) -> bool:
    """Whether the gateway says in this row that a run is active; protocol 3 has only a status."""
    return bool(row.get("hasActiveRun", row.get("status") == "running"))


class Replay:
    """A link, the court behind it, and a gateway that answers what the link asks.

    ``events``, ``changes`` and ``asked`` keep everything; ``busy`` is who was busy at the same
    time, from moment to moment. With ``silent`` the gateway answers nothing by itself.
    """

    def __init__(
        self,
        *,
        memory: Memory | None = None,
        court: Court | None = None,
        answers: Answers | None = None,
        token: str | None = TOKEN,
        silent: bool = False,
    ) -> None:
        numbers = count(1)
        self.link = Link(IDENTITY, token, memory or Memory(), lambda: f"run-{next(numbers)}")
        self.court = court or Court()
        self.answers: dict[str, Callable[[Json], Json]] = dict(answers or {})
        self.silent = silent
        self.now = T0
        self.rows: dict[str, Json] = {}
        self.events: list[Event] = []
        self.changes: list[Change] = []
        self.unknown: list[str] = []
        self.asked: list[Json] = []
        self._ahead: list[tuple[int, Json]] = []
        self.busy: list[frozenset[str]] = [frozenset()]

    def connect(self, **payload: Any) -> "Replay":
        """Shake hands with a gateway that has the ten agents, and catch up."""
        self.receive(challenge(self.now))
        self.receive(hello(**payload))
        return self

    def play(self, recorded: Connection, until: Callable[[Json], bool] | None = None) -> "Replay":
        """Live through a recorded connection, through the first frame for which ``until`` holds."""
        first_at, first = recorded.frames[0]
        greeted = first.get("event") == "connect.challenge"
        began = int(first["payload"]["ts"]) if greeted else T0
        for method in ("agents.list", "sessions.subscribe"):
            answer = recorded.answer(method)
            if answer is not None:
                self.answers.setdefault(method, lambda _, said=answer: said)
        self.now = began
        if not greeted:
            self.receive(challenge(began))
        self._ahead = [(began + at - first_at, frame) for at, frame in recorded.frames]
        return self.go_on(until)

    def go_on(self, until: Callable[[Json], bool] | None = None) -> "Replay":
        """Live through what is left of the recorded connection, or the next part of it."""
        while self._ahead:
            at, frame = self._ahead.pop(0)
            self.now = max(self.now, at)
            if frame["type"] == "event":
                self.receive(frame)
            elif frame["id"] == "c0":
                self.receive({**frame, "id": "connect"})
            if until is not None and until(frame):
                break
        return self

    def receive(self, frame: Json | str) -> list[Change]:
        """Take in one frame; return what it changed, answers to what it made Palais ask too."""
        before = len(self.changes)
        if isinstance(frame, dict):
            self._note(frame)
        self._take(frame if isinstance(frame, str) else json.dumps(frame))
        self.serve()
        return self.changes[before:]

    def wait(self, milliseconds: int) -> list[Change]:
        """Let time pass while the gateway says nothing of itself."""
        before, end = len(self.changes), self.now + milliseconds
        while self.now < end:
            self.now = min(self.now + 500, end)
            self.serve()
        return self.changes[before:]

    def serve(self) -> None:
        """Answer what Palais asks, until it asks no more."""
        self.link.tick(self.now)
        while requests := [json.loads(text) for text in self.link.outgoing()]:
            self.asked += requests
            for request in requests:
                if request["method"] != "connect" and not self.silent:
                    self.answer(request)
            self.link.tick(self.now)

    def answer(self, request: Json, **said: Any) -> None:
        """Answer one request, with ``said`` or as this gateway does."""
        reply = said or self._reply(request["method"], request["params"])
        self._take(json.dumps({**reply, "type": "res", "id": request["id"]}))

    def requests(self, method: str) -> list[Json]:
        """Return what was asked of this method."""
        return [request for request in self.asked if request["method"] == method]

    def agent(self, agent_id: str) -> Agent:
        """Return an agent as it is now."""
        return self.court.agents[agent_id]

    def run(self, prefix: str) -> Run:
        """Return the run whose id begins so."""
        (found,) = (run for run in self.runs() if run.run_id.startswith(prefix))
        return found

    def steps(self, prefix: str) -> dict[str, Span]:
        """Return the steps of the run whose id begins so, as they are on record."""
        return on_record(self.changes).get(self.run(prefix).id, {})

    def used(self, prefix: str) -> list[Span]:
        """Return the tools that the run used, in their order."""
        steps = self.steps(prefix).values()
        return [step for step in steps if step.type in {"tool_call", "delegation"}]

    def runs(self) -> list[Run]:
        """Return all runs, ended ones first."""
        return [*self.court.ended.values(), *self.court.open.values()]

    def logged(self, type_: str, agent_id: str | None = None) -> list[Logged]:
        """Return the lines of history of this type."""
        lines = [change for change in self.changes if isinstance(change, Logged)]
        return [it for it in lines if it.type == type_ and agent_id in {None, it.agent_id}]

    def statuses(self, agent_id: str) -> list[str]:
        """Return what the agent was, from change to change, repeats left out."""
        told = [str(line.fields["status"]) for line in self.logged("agent.status", agent_id)]
        return [status for at, status in enumerate(told) if at == 0 or told[at - 1] != status]

    def activities(self, agent_id: str) -> list[str | None]:
        """Return what the agent did, from change to change, as anybody watching saw it."""
        found: list[str | None] = []
        for change in self.changes:
            activity = getattr(getattr(change, "agent", None), "activity", None)
            mine = getattr(getattr(change, "agent", None), "id", None) == agent_id
            if mine and (not found or found[-1] != activity):
                found.append(activity)
        return found

    def not_idle(self) -> dict[str, str]:
        """Return the agents that are not idle, and what they are."""
        agents = self.court.agents.values()
        return {agent.id: agent.status.value for agent in agents if agent.status != "idle"}

    def _take(self, text: str) -> None:
        for event in self.link.receive(text, self.now):
            self.events.append(event)
            try:
                self.court, changes = apply(self.court, event)
            except UnknownAgentError as error:
                self.unknown.append(str(error))
                continue
            self.changes += changes
            agents = self.court.agents.values()
            busy = frozenset(agent.id for agent in agents if agent.status == "busy")
            if busy != self.busy[-1]:
                self.busy.append(busy)

    def _note(self, frame: Json) -> None:
        payload = frame.get("payload") or {}
        row = payload.get("session") if isinstance(payload, dict) else None
        if isinstance(row, dict) and isinstance(row.get("key"), str):
            self.rows[row["key"]] = row

    def _reply(self, method: str, params: Json) -> Json:
        if method in self.answers:
            return self.answers[method](params)
        if method == "agents.list":
            return roster(*TEN)
        if method == "sessions.list":
            active = [row for row in self.rows.values() if is_active(row)]
            return {"ok": True, "payload": {"ts": self.now, "sessions": active}}
        return {"ok": True, "payload": {}}


def replayed(name: str) -> Replay:
    """Return a recording of one connection, lived through."""
    return Replay().play(connection(name))


def consistent(replay: Replay) -> bool:
    """Whether the court's books agree with each other."""
    runs, agents = replay.court.open.values(), replay.court.agents.values()
    return all(run.open for run in runs) and all(
        agent.active_sessions == sum(run.agent_id == agent.id for run in runs) for agent in agents
    )
