"""The demo gateway: a simulated OpenClaw Gateway that speaks the real protocol on a real socket.

It runs on threads, or on greenlets in a process that gevent has patched.
"""

import json
import logging
import time
from collections.abc import Iterable
from threading import Event, RLock, Thread
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from palais.demo import reads
from palais.demo.connection import Connection, encode
from palais.demo.events import Frame
from palais.demo.handshake import Challenge, Refused, admit
from palais.demo.hello import MAX_PAYLOAD, TICK_MS, challenge, hello_ok
from palais.demo.simulation import Simulation
from palais.demo.steps import Scenario
from palais.errors import GatewayError

log = logging.getLogger(__name__)
# The library reports every client that leaves early as an error with a traceback.
library_log = logging.getLogger("palais.demo.websockets")
library_log.setLevel(logging.CRITICAL)

HANDSHAKE_SECONDS = 15
HANDSHAKE_BYTES = 64 * 1024
FAREWELL_SECONDS = 2.0
HEALTH_MS = 60_000


class DemoGateway:
    """Ten agents and an endless day at court, behind the protocol of a real gateway.

    ``speed`` quickens the day, not the ticks; ``quiet`` leaves it to ``run_now`` to start runs.
    The day goes on whether or not anybody is connected.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        token: str | None = None,
        speed: float = 1.0,
        seed: int | None = None,
        quiet: bool = False,
    ) -> None:
        self._host = host
        self._port = port
        self._token = token
        self._epoch = time.time() - time.monotonic()
        self._court = Simulation(seed, speed=speed, quiet=quiet)
        self._lock = RLock()
        self._connections: set[Connection] = set()
        self._server: Server | None = None
        self._threads: list[Thread] = []
        self._stopping = Event()
        self._woken = Event()
        self._boot_id = ""
        self._booted_at = self._tick_at = self._health_at = 0

    @property
    def url(self) -> str:
        """Where to connect; the port is known once it has started."""
        return f"ws://{self._host}:{self._port}"

    @property
    def speed(self) -> float:
        """How many seconds of the day go by in one of ours; what is planned keeps its time."""
        return self._court.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        with self._lock:
            self._court.speed = speed

    def start(self) -> None:
        """Listen and let the day begin, or go on; a port chosen once is kept."""
        if self._server is not None:
            return
        self._server = self._listen()
        self._port = self._server.socket.getsockname()[1]
        self._stopping.clear()
        now = self._now()
        self._boot_id, self._booted_at = str(uuid4()), now
        self._tick_at, self._health_at = now + TICK_MS, now + HEALTH_MS
        self._court.wake(now)
        self._threads = [
            Thread(target=self._server.serve_forever, name="demo-server", daemon=True),
            Thread(target=self._live, name="demo-day", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        log.info("The demo gateway listens on %s.", self.url)

    def stop(self) -> None:
        """Say goodbye to everyone and stop; runs under way are lost, as when a gateway dies."""
        if self._server is None:
            return
        with self._lock:
            self._stopping.set()
            leaving = list(self._connections)
            self._broadcast([Frame("shutdown", {"reason": "gateway stopping"})])
            for connection in leaving:
                connection.close(1012, "service restart")
            self._court.interrupt(self._now())
        self._woken.set()
        for connection in leaving:
            connection.wait_closed(FAREWELL_SECONDS)
        self._server.shutdown()
        for thread in self._threads:
            thread.join()
        self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def run_now(
        self, agent_id: str, scenario: Scenario = "completed", task: str | None = None
    ) -> str:
        """Start a run of this agent at once and return its id."""
        with self._lock:
            run_id, frames = self._court.run_now(agent_id, scenario, task, self._now())
            self._broadcast(frames)
        self._woken.set()
        return run_id

    def busy(self) -> set[str]:
        """Return the ids of the agents at work."""
        with self._lock:
            return self._court.busy()

    def drop_connections(self) -> None:
        """Cut every connection without a close frame."""
        with self._lock:
            for connection in self._connections:
                connection.cut()

    def _listen(self) -> Server:
        try:
            return serve(
                self._serve,
                self._host,
                self._port,
                compression=None,
                max_size=MAX_PAYLOAD,
                # Clients ask for themselves; and a ping would draw from the process's one source of
                # randomness, which the tests beside it need undisturbed.
                ping_interval=None,
                close_timeout=FAREWELL_SECONDS / 4,
                logger=library_log,
            )
        except OSError as error:
            raise GatewayError(
                f"The demo gateway cannot listen on {self._host}:{self._port} "
                f"({error.strerror}). Choose another port."
            ) from error

    def _now(self) -> int:
        """Milliseconds since the epoch, on a clock that never goes back."""
        return int((self._epoch + time.monotonic()) * 1000)

    def _live(self) -> None:
        while not self._stopping.is_set():
            self._woken.wait(self._step())
            self._woken.clear()

    def _step(self) -> float:
        """Tell what has become due; return the seconds until the next thing."""
        with self._lock:
            if self._stopping.is_set():
                return 0
            now = self._now()
            self._broadcast(self._court.advance(now))
            if now >= self._tick_at:
                self._tick_at += TICK_MS
                self._broadcast([Frame("tick", {"ts": now})])
            if now >= self._health_at:
                self._health_at += HEALTH_MS
                self._broadcast([Frame("health", reads.health(self._court, {}, now))])
            due = min(self._court.next_due or self._tick_at, self._tick_at, self._health_at)
        return max(0, due - self._now()) / 1000

    def _broadcast(self, frames: Iterable[Frame]) -> None:
        """Send each event to everyone entitled to it; the caller holds the lock."""
        for frame in frames if self._connections else ():
            payload = encode(frame.payload)
            for connection in self._connections:
                if connection.wants(frame):
                    connection.tell(frame.event, payload)

    def _serve(self, websocket: ServerConnection) -> None:
        """Serve one client until it leaves."""
        connection = None
        try:
            connection = self._welcome(websocket)
            if connection is not None:
                for message in websocket:
                    self._answer(connection, message)
        except ConnectionClosed:
            log.debug("A client of the demo gateway left.")
        finally:
            if connection is not None:
                with self._lock:
                    self._connections.discard(connection)
                connection.close(1000, "")

    def _welcome(self, websocket: ServerConnection) -> Connection | None:
        """Do the handshake; None when the client was sent away."""
        nonce = str(uuid4())
        websocket.send(encode(challenge(nonce, self._now())))
        try:
            first = websocket.recv(timeout=HANDSHAKE_SECONDS)
        except TimeoutError:
            websocket.close(1000)
            return None
        request = _request(first)
        if request is None or len(first) > HANDSHAKE_BYTES:
            websocket.close(1000 if request is None else 1009)
            return None
        origin = websocket.request.headers.get("Origin") if websocket.request else None
        try:
            scopes = admit(
                request["method"],
                request["params"],
                Challenge(nonce, self._token, origin, self._now()),
            )
        except Refused as refused:
            answer = {"type": "res", "id": request["id"], "ok": False, "error": refused.error}
            websocket.send(encode(answer))
            websocket.close(refused.close, str(refused))
            return None
        return self._admit(websocket, request["id"], scopes)

    def _admit(self, websocket: ServerConnection, ident: str, scopes: list[str]) -> Connection:
        """Take the client in: from hello-ok on it misses nothing."""
        with self._lock:
            connection = Connection(websocket, scopes)
            now = self._now()
            state = reads.health(self._court, {}, now)
            hello = hello_ok(self._boot_id, scopes, reads.METHODS, state, now - self._booted_at)
            connection.reply(ident, hello)
            self._connections.add(connection)
        return connection

    def _answer(self, connection: Connection, message: str | bytes) -> None:
        """Answer a request; what is no request is ignored, as the real gateway does."""
        request = _request(message)
        if request is None:
            return
        ident, method = request["id"], request["method"]
        with self._lock:
            now = self._now()
            try:
                answer = reads.answer(
                    self._court, method, request["params"], connection.scopes, now
                )
            except reads.Refusal as refusal:
                connection.refuse(ident, refusal.error)
                return
            connection.subscribed |= method == "sessions.subscribe"
            connection.reply(ident, answer)
            if method == "health":
                self._broadcast([Frame("health", answer)])


def _request(message: str | bytes) -> dict[str, Any] | None:
    """Decode a request frame; None for anything else."""
    try:
        frame = json.loads(message) if isinstance(message, str) else None
    except ValueError:
        return None
    if not isinstance(frame, dict) or frame.get("type") != "req":
        return None
    ident, method, params = frame.get("id"), frame.get("method"), frame.get("params", {})
    if not isinstance(ident, str) or not isinstance(method, str) or not isinstance(params, dict):
        return None
    return {"id": ident, "method": method, "params": params}
