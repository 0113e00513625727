"""A gateway made of a list: what it says, when it hangs up, and what happens in between.

A callable in the list is called when its turn comes; what it returns is said, if anything.
"""

import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import gevent
from gevent import Greenlet
from gevent.event import Event as Flag
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from palais.domain.prices import Prices
from palais.errors import GatewayError
from palais.gateway.identity import Identity
from palais.gateway.listener import Listener
from palais.store.lease import LEASE_LOCK
from palais.store.recorder import Recorder
from tests.database import PATIENCE, Database
from tests.gateway.frames import hello, refused, roster
from tests.store.rows import NOW

URL = "ws://gateway"
GATEWAY = "SELECT state, reason, code FROM gateway"
HOLDER = """
    SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = :lock
"""
Json = dict[str, Any]


@dataclass(frozen=True)
class Until:
    """Part of a conversation: say nothing more until this holds."""

    condition: Callable[[], object]


Said = str | Json | Exception | Until | Callable[[], Json | None]


def frame(type_: str, agent_id: str = "builder", **fields: Any) -> Json:
    """Return a frame of the flat dialect."""
    return {"type": type_, "agentId": agent_id, **fields}


def busy(task: object) -> Json:
    """Return a frame that leaves its task in the log."""
    return frame("agent.status", status="busy", task=str(task))


def on_record(database: Database, task: object) -> Until:
    """Say nothing more until this task is in the log."""
    return Until(lambda: (str(task),) in database.run(TASKS))


def a_moment() -> Until:
    """Say nothing more until the clock has moved: a gap without length is none."""
    began: list[int] = []

    def passed() -> bool:
        began.append(time.time_ns() // 1_000_000)
        return began[-1] > began[0] + 1

    return Until(passed)


def until(condition: Callable[[], object]) -> None:
    """Let the listener run until this holds."""
    with gevent.Timeout(PATIENCE):
        while not condition():
            gevent.sleep(0.005)


HELLO = frame("agent.registered", name="Imhotep")
TASKS = "SELECT data->>'task' FROM activity_log WHERE data->>'status' = 'busy' ORDER BY id"
"""What ``busy`` has left, oldest first."""

FOR_EVER = Until(lambda: False)
LOST = GatewayError("The connection was lost (by the test).")
"""How every connection ends, once all is said."""

IN_VAIN = "What the test waits for never came."

EMPTY = {"ok": True, "payload": {"ts": NOW, "sessions": [], "events": []}}
IN_ORDER: dict[str, Json] = {
    "connect": hello(),
    "agents.list": roster("builder"),
    **dict.fromkeys(("sessions.subscribe", "sessions.list", "audit.activity.list"), EMPTY),
}
REFUSAL = {"type": "res", "id": "connect", **refused("bad token", "AUTH_TOKEN_MISMATCH")}

"""What a gateway of the real kind answers, where there is nothing to tell."""


class FakeTransport:
    """A connection that says one thing after the other, and answers what it is asked."""

    def __init__(self, says: Iterable[Said], answers: Mapping[str, Json]) -> None:
        self._says = deque(says)
        self._answers = answers
        self._replies: deque[Json] = deque()
        self._hung_up = Flag()
        self.heard_at = time.monotonic()
        self.sent: list[Any] = []
        self.pings = 0
        self.in_vain = False

    @property
    def closed(self) -> bool:
        return self._hung_up.is_set()

    def read(self) -> str:
        said = self._read()
        self.heard_at = time.monotonic()
        return said

    def _read(self) -> str:
        deadline = time.monotonic() + PATIENCE
        while not self.closed:
            if time.monotonic() > deadline:
                self.in_vain = True
                raise GatewayError(IN_VAIN)
            if self._replies:
                return json.dumps(self._replies.popleft())
            said = self._next()
            if isinstance(said, Exception):
                raise said
            if said is not None:
                return said if isinstance(said, str) else json.dumps(said)
        raise GatewayError("The connection was lost (closed here).")

    def send(self, text: str) -> None:
        request = json.loads(text)
        self.sent.append(request)
        if request["method"] in self._answers:
            answer = self._answers[request["method"]]
            self._replies.append({"type": "res", "id": request["id"], **answer})

    def ping(self) -> None:
        self.pings += 1

    def close(self) -> None:
        self._hung_up.set()

    def _next(self) -> str | Json | Exception | None:
        """Return what to say next; None where it is not said in words."""
        if not self._says:
            return LOST
        said = self._says[0]
        if isinstance(said, Until):
            if not said.condition():
                gevent.sleep(0.005)
                return None
            self._says.popleft()
            return None
        self._says.popleft()
        return said() if callable(said) else said


class Script:
    """A listener, and the connections that it gets one after the other."""

    def __init__(self, engine: Engine, prices: Prices | None = None) -> None:
        self.engine = engine
        self.recorder = Recorder(engine)
        self.identity = Identity.from_seed(bytes(32))
        self.dialled: list[FakeTransport] = []
        self.answers: dict[str, Json] = {}
        self.reachable = lambda: True
        self.listener = Listener(
            *(self.recorder, lambda: URL, self.identity, "sesame"),
            prices=prices,
            dial=self._dial,
            reachable=lambda _url: self.reachable(),
        )
        self.running: Greenlet[..., None] | None = None
        self._connections: Iterator[Iterable[Said] | Exception] = iter(())

    def play(self, *connections: Iterable[Said] | Exception) -> None:
        """Let the listener run through these connections; it is stopped when they are over."""
        self.prepare(*connections)
        with gevent.Timeout(2 * PATIENCE):
            self.listener.run()
        assert not any(transport.in_vain for transport in self.dialled), IN_VAIN

    def begin(self, *connections: Iterable[Said] | Exception) -> "Greenlet[..., None]":
        """Let the listener run through these connections beside the test."""
        self.prepare(*connections)
        self.running = gevent.spawn(self.listener.run)
        return self.running

    def end(self) -> None:
        """Leave nothing behind."""
        if self.running is not None:
            self.running.kill()
        self.recorder.release()

    def prepare(self, *connections: Iterable[Said] | Exception) -> None:
        self._connections = iter(connections)

    @property
    def held(self) -> int:
        """How many entries wait for the database."""
        committer = self.listener._committer
        return len(committer.backlog) if committer else 0

    def _dial(self, url: str, _fault: object) -> FakeTransport:
        assert url == URL
        says = next(self._connections, None)
        if says is None:
            self.listener.stop()
            raise GatewayError("There is no further connection.")
        if isinstance(says, Exception):
            raise says
        self.dialled.append(FakeTransport(says, self.answers))
        return self.dialled[-1]


class Outage:
    """The database goes away and comes back. ``lasts`` says nothing more until it is noticed."""

    def __init__(self, engine: Engine, database: Database) -> None:
        self._engine = engine
        self._database = database
        self._refused = 0
        self.lasts = Until(lambda: self._refused > 2)

    def begin(self) -> None:
        """Cut the connection that holds the lease, and refuse every other one."""
        event.listen(self._engine, "do_connect", self._refuse)
        self.cut()

    def end(self) -> None:
        event.remove(self._engine, "do_connect", self._refuse)

    def cut(self) -> None:
        """Cut the connection that holds the lease."""
        self._database.cut(self._database.value(HOLDER, lock=LEASE_LOCK))

    def _refuse(self, *_: object) -> None:
        self._refused += 1
        raise OperationalError("connect", None, Exception("the server is starting up"))


class States:
    """What is on record of the gateway connection, noted whenever it is asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.noted: list[tuple[object, ...]] = []

    def note(self) -> None:
        self.noted += self._database.run(GATEWAY)

    def until(self, state: str) -> Until:
        return Until(lambda: self._database.run(GATEWAY)[0][0] == state)
