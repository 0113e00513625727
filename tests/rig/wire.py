"""A plain client of the gateway, for tests: it asks, and notes when each frame arrived."""

import contextlib
import itertools
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import websocket

from tests.rig.process import RigError

Json = dict[str, Any]


@dataclass(frozen=True)
class Arrival:
    """One event frame and the moment it came (time.monotonic)."""

    at: float
    frame: Json

    @property
    def event(self) -> str:
        return str(self.frame.get("event"))

    @property
    def payload(self) -> Json:
        return dict(self.frame.get("payload") or {})

    @property
    def run_id(self) -> str | None:
        """Find the run a frame speaks of, wherever this kind of frame keeps it."""
        payload = self.payload
        record = (payload.get("message") or {}).get("__openclaw") or {}
        task = payload.get("task") or {}
        return payload.get("runId") or record.get("runId") or task.get("runId")

    def carries(self, run_id: str) -> bool:
        """Whether a frame speaks of this run, be it in a list of those that are active."""
        active = (self.payload.get("session") or {}).get("activeRunIds") or []
        return run_id == self.run_id or run_id in active

    @property
    def phase(self) -> str | None:
        """Give the phase of an agent's lifecycle frame."""
        if self.event != "agent" or self.payload.get("stream") != "lifecycle":
            return None
        return (self.payload.get("data") or {}).get("phase")

    @property
    def ends_a_run(self) -> bool:
        return self.phase in {"end", "error"}


class Wire:
    """One connection as gateway-client/backend with the scopes it is given."""

    def __init__(self, url: str, token: str, *scopes: str) -> None:
        self.arrivals: list[Arrival] = []
        self._changed = threading.Condition()
        self._answers: dict[str, Json] = {}
        self._ids = (f"t{number}" for number in itertools.count(1))
        self._closed = False
        self._socket = websocket.create_connection(url, timeout=20, suppress_origin=True)
        self._receive()  # connect.challenge
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._socket.settimeout(None)
        self._thread.start()
        try:
            self.hello = self.ask("connect", self._introduction(token, scopes))
        except RigError:
            self.close()
            raise

    def ask(self, method: str, params: Json | None = None, timeout: float = 30.0) -> Json:
        """Send one request and give back the payload of its first answer."""
        with self._changed:
            number = next(self._ids)
        request = {"type": "req", "id": number, "method": method, "params": params or {}}
        self._socket.send(json.dumps(request))
        with self._changed:
            self._changed.wait_for(lambda: number in self._answers or self._closed, timeout)
            answer = self._answers.pop(number, None)
        if answer is None:
            raise RigError(f"{method}: no answer from the gateway within {timeout:g} s")
        if not answer.get("ok"):
            raise RigError(f"{method}: {json.dumps(answer.get('error'))}")
        return dict(answer.get("payload") or {})

    def observe(self) -> None:
        """Subscribe to the events of every session."""
        self.ask("sessions.subscribe", {"limit": 100})

    def wait_for(self, wanted: Callable[[Arrival], bool], timeout: float, what: str) -> Arrival:
        """Give the first arrival, past or future, that is wanted."""

        def found() -> Arrival | None:
            return next((arrival for arrival in self.arrivals if wanted(arrival)), None)

        with self._changed:
            arrival = self._changed.wait_for(found, timeout)
        if arrival is None:
            seen = [f"{arrival.event} {arrival.run_id}" for arrival in self.arrivals[-12:]]
            raise RigError(f"after {timeout:g} s still waiting: {what}; last frames: {seen}")
        return arrival

    def first_of(self, run_id: str, timeout: float = 60.0) -> Arrival:
        """Give the first frame that carries this run."""
        return self.wait_for(
            lambda arrival: arrival.carries(run_id), timeout, f"the first frame of run {run_id}"
        )

    def model_of(self, run_id: str, timeout: float = 60.0) -> Arrival:
        """Give the frame by which this run turns to its model: from here on it really works."""
        return self._phase_of(run_id, {"model"}, timeout)

    def end_of(self, run_id: str, timeout: float = 60.0) -> Arrival:
        """Give the frame that ends this run."""
        return self._phase_of(run_id, {"end", "error"}, timeout)

    def _phase_of(self, run_id: str, phases: set[str], timeout: float) -> Arrival:
        return self.wait_for(
            lambda arrival: arrival.run_id == run_id and arrival.phase in phases,
            timeout,
            f"run {run_id}: {' or '.join(sorted(phases))}",
        )

    def close(self) -> None:
        """Close the connection; a gateway that is gone already is fine."""
        with contextlib.suppress(websocket.WebSocketException, OSError):
            self._socket.close(timeout=1)
        self._thread.join(timeout=5)

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _introduction(self, token: str, scopes: tuple[str, ...]) -> Json:
        client = {"id": "gateway-client", "mode": "backend", "version": "0", "platform": "linux"}
        return {
            "minProtocol": 3,
            "maxProtocol": 4,
            "client": {**client, "displayName": "palais-tests"},
            "role": "operator",
            "scopes": list(scopes),
            "caps": ["tool-events"],
            "auth": {"token": token},
        }

    def _receive(self) -> Json:
        return dict(json.loads(self._socket.recv()))

    def _read(self) -> None:
        try:
            while True:
                frame = self._receive()
                arrival = Arrival(time.monotonic(), frame)
                with self._changed:
                    if frame.get("type") == "res":
                        self._answers.setdefault(frame["id"], frame)
                    else:
                        self.arrivals.append(arrival)
                    self._changed.notify_all()
        except (websocket.WebSocketException, OSError, ValueError):
            with self._changed:
                self._closed = True
                self._changed.notify_all()
