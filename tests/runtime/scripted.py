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
from gevent.event import Event as Flag
from sqlalchemy import Engine

from palais.errors import GatewayError
from palais.gateway.identity import Identity
from palais.gateway.listener import Listener
from palais.store.recorder import Recorder
from tests.database import PATIENCE, Database

URL = "ws://gateway"
GATEWAY = "SELECT state, reason, code FROM gateway"
Json = dict[str, Any]


@dataclass(frozen=True)
class Until:
    """Part of a conversation: say nothing more until this holds."""

    condition: Callable[[], object]


Said = str | Json | Exception | Until | Callable[[], Json | None]


def frame(type_: str, agent_id: str = "builder", **fields: Any) -> Json:
    """Return a frame of the flat dialect."""
    return {"type": type_, "agentId": agent_id, **fields}


HELLO = frame("agent.registered", name="Imhotep")
LOST = GatewayError("The connection was lost (by the test).")
"""How every connection ends, once all is said."""

IN_VAIN = "What the test waits for never came."


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

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.recorder = Recorder(engine)
        self.identity = Identity.from_seed(bytes(32))
        self.dialled: list[FakeTransport] = []
        self.answers: dict[str, Json] = {}
        self.reachable = lambda: True
        self.listener = Listener(
            *(self.recorder, lambda: URL, self.identity, "sesame"),
            dial=self._dial,
            reachable=lambda _url: self.reachable(),
        )
        self._connections: Iterator[Iterable[Said] | Exception] = iter(())

    def play(self, *connections: Iterable[Said] | Exception) -> None:
        """Let the listener run through these connections; it is stopped when they are over."""
        self.prepare(*connections)
        with gevent.Timeout(2 * PATIENCE):
            self.listener.run()
        assert not any(transport.in_vain for transport in self.dialled), IN_VAIN

    def prepare(self, *connections: Iterable[Said] | Exception) -> None:
        self._connections = iter(connections)

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


class States:
    """What is on record of the gateway connection, noted whenever it is asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.noted: list[tuple[object, ...]] = []

    def note(self) -> None:
        self.noted += self._database.run(GATEWAY)

    def until(self, state: str) -> Until:
        return Until(lambda: self._database.run(GATEWAY)[0][0] == state)
