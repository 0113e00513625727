"""A recording lived through more than once: without a cut, and with the connection cut anywhere.

The frames after a cut come on a new connection, which counts its events from 1, to a new link; the
court is kept, and the gateway tells the truth (``truth``) as of that moment.
"""

import json
import re
from dataclasses import dataclass, replace
from functools import cache

from palais.domain.changes import Change
from palais.domain.events import Blindness
from palais.domain.step import Court
from palais.errors import GatewayError
from palais.gateway.link import Memory
from tests.gateway.frames import T0, Json, challenge
from tests.gateway.recording import Connection, connections
from tests.gateway.replay import Replay
from tests.gateway.truth import Truth

AFTERWARDS_MS = 30_000
"""How long Palais goes on looking when the recording is over."""

AWAY_MS = 1
RECORDED_TIME = re.compile(r"\b179[0-9]{10}\b")


@dataclass(frozen=True)
class Moment:
    """How things stand when so many frames of a recording have come to pass."""

    position: int
    now: int
    truth: Truth
    court: Court
    memory: Memory
    changes: tuple[Change, ...]


class Course:
    """One way through a recording: ``go_on``, ``cut``, ``go_on``, …, ``end``."""

    def __init__(self, recorded: Connection, frames: list[tuple[int, Json]], at: Moment) -> None:
        self.recorded, self.frames = recorded, frames
        self.position, self.truth = at.position, at.truth.fork()
        self._memory, self._told = at.memory, at.changes
        self.replay = Replay(court=at.court)
        self.replay.now = at.now

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return all that was changed so far, over all connections."""
        return (*self._told, *self.replay.changes)

    @property
    def now(self) -> Moment:
        """Return how things stand; a connection that has yet to catch up leaves no memory."""
        link = self.replay.link
        memory = Memory(link.boot_id, self.replay.now, Blindness.GATEWAY)
        return Moment(
            *(self.position, self.replay.now, self.truth.fork(), self.replay.court),
            memory if link.caught_up else self._memory,
            self.changes,
        )

    def connect(self, *, boot: str | None = None, silent: bool = False) -> "Course":
        """Open a connection, on which the gateway says no word yet of what comes to pass."""
        self.truth.now = self.replay.now
        self._first = self.position
        if silent:
            self.replay.silent = True
        self.replay.answers = dict(self.truth.answers)
        self.replay.receive(challenge(self.replay.now))
        assert self.recorded.hello is not None
        hello = {**self.recorded.hello, "id": "connect"}
        if boot is not None:
            server = {**hello["payload"].get("server", {}), "bootId": boot}
            hello = {**hello, "payload": {**hello["payload"], "server": server}}
        self.replay.receive(hello)
        return self

    def answer(self, said: Truth) -> "Course":
        """Answer what was asked in silence, with what was true then."""
        self.replay.answers, self.replay.silent = dict(said.answers), False
        waiting = [one for one in self.replay.asked if one["method"] != "connect"]
        for request in waiting:
            self.replay.answer(request)
        self.replay.answers = dict(self.truth.answers)
        self.replay.serve()
        return self

    def go_on(self, count: int | None = None) -> "Course":
        """Take in what the gateway says next."""
        end = len(self.frames) if count is None else min(self.position + count, len(self.frames))
        before = self._skipped()
        for at, frame in self.frames[self.position : end]:
            self.truth.tell(at, frame)
            self.replay.now = max(self.replay.now, at)
            seq = {"seq": frame["seq"] - before} if "seq" in frame else {}
            self.replay.receive(json.dumps({**frame, **seq}))
        self.position = end
        return self

    def cut(self, lost: int = 0, court: Court | None = None) -> "Course":
        """Lose the connection, and what the gateway says next; another is opened by ``connect``."""
        left = self.now
        end = min(self.position + lost, len(self.frames))
        for at, frame in self.frames[self.position : end]:
            self.truth.tell(at, frame)
        self.position, self._memory, self._told = end, left.memory, left.changes
        self.replay = Replay(memory=left.memory, court=left.court if court is None else court)
        self.replay.now = max(left.now, self.truth.now) + AWAY_MS
        return self

    def end(self) -> "Course":
        """Take in all that is left, and look on until nothing can change any more."""
        self.go_on()
        over = self.replay.now + AFTERWARDS_MS
        while self.replay.now < over:
            self.replay.now = self.truth.now = self.replay.now + 500
            self.replay.serve()
        return self

    def _skipped(self) -> int:
        """Return the number of the last event before this connection."""
        numbers = (frame["seq"] for _, frame in self.frames[self._first :] if "seq" in frame)
        return next(numbers, 1) - 1


class Life:
    """A recorded connection, lived through without a cut; ``moments[k]`` is after k frames."""

    def __init__(self, name: str, recorded: Connection) -> None:
        self.name, self.recorded = name, recorded
        self.frames = _events(recorded)
        start = Moment(0, _began(recorded), Truth(recorded), Court(), Memory(), ())
        course = Course(recorded, self.frames, start).connect()
        self.moments = [course.now]
        for _ in self.frames:
            self.moments.append(course.go_on(1).now)
        self.uncut = course.end()
        self.protocol = self.uncut.replay.link.protocol or 0
        arrived = {at + late for at, _ in self.frames for late in (0, AWAY_MS)}
        self.times = told_times(json.dumps([frame for _, frame in recorded.frames])) | arrived

    def until(self, position: int) -> Course:
        """Return the life up to there; its connection can only be cut."""
        return Course(self.recorded, self.frames, self.moments[position])


def _began(recorded: Connection) -> int:
    """Return when the gateway sent its challenge, by its own clock."""
    _, first = recorded.frames[0]
    return int(first["payload"]["ts"]) if first.get("event") == "connect.challenge" else T0


def _events(recorded: Connection) -> list[tuple[int, Json]]:
    first_at, _ = recorded.frames[0]
    return [
        (_began(recorded) + at - first_at, frame)
        for at, frame in recorded.frames
        if frame["type"] == "event" and frame["event"] != "connect.challenge"
    ]


def told_times(text: str) -> frozenset[int]:
    """Return all moments that a text of the gateway names."""
    return frozenset(int(found) for found in RECORDED_TIME.findall(text))


def shifted(recorded: Connection, by: int) -> Connection:
    """Return the connection as if it had been recorded so many milliseconds later."""

    def later(value: object) -> Json:
        text = RECORDED_TIME.sub(lambda found: str(int(found[0]) + by), json.dumps(value))
        moved: Json = json.loads(text)
        return moved

    frames = [(at, later(frame)) for at, frame in recorded.frames]
    return replace(recorded, frames=frames)


def place(life: Life, position: int, *more: object) -> str:
    """Say where a life went wrong."""
    seq = life.frames[position - 1][1].get("seq") if position else None
    what = " ".join(str(it) for it in more)
    return f"recording {life.name}, cut after frame {position} (seq {seq}) {what}"


@cache
def lives(name: str) -> tuple[Life, ...]:
    """Return the connections of a recording on which the gateway let its client in."""
    found = []
    for recorded in connections(name):
        if recorded.hello is not None and recorded.hello["ok"]:
            try:
                found.append(Life(name, recorded))
            except GatewayError:
                continue  # connected, and granted nothing
    return tuple(found)
