"""A viewer that never gives up: it reads the stream, notes every row, and resumes by its cursor."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from tests.faults.ledger import number_of
from tests.faults.sse_bytes import Answer, SseEvent, request

AGAIN_SECONDS = 0.05
Seen = tuple[int, int | None]
"""The id of a row, and the number that it carries."""


class Notes:
    """What a viewer has seen, in its order; ``wrong`` has whatever must not be."""

    def __init__(self, cursor: str) -> None:
        self.cursor = cursor
        self.seen: list[Seen] = []
        self.wrong: list[str] = []
        self.gateway: str | None = None

    @property
    def newest(self) -> int:
        """The id of the last row seen."""
        return self.seen[-1][0] if self.seen else 0

    def take(self, event: SseEvent) -> None:
        """Note one event."""
        if event.name == "agent" and event.row is not None and event.id is not None:
            if event.row <= self.newest:
                self.wrong.append(f"row {event.row} came after row {self.newest}")
            self.seen.append((event.row, number_of(event.data)))
            self.cursor = event.id
        elif event.name in {"reset", "lagged"}:
            self.wrong.append(f"told '{event.name}' at {self.cursor}")
        elif event.name == "gateway":
            self.gateway = event.data["state"]


class Viewer:
    """Reads in a thread from ``start`` to ``close``."""

    def __init__(self, port: int, cursor: str, name: str = "viewer") -> None:
        self.name = name
        self.notes = Notes(cursor)
        self.connections = 0
        """How many streams it had; one means that it was never interrupted."""
        self.local_port: int | None = None
        self._port = port
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._sock: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def wrong(self) -> list[str]:
        """Whatever it saw that must not be."""
        return self.notes.wrong

    def seen(self) -> list[Seen]:
        """Return what it has seen until now."""
        with self._changed:
            return list(self.notes.seen)

    def wait_for(self, row: int, timeout: float = 60.0) -> bool:
        """Wait until it has seen this row or a later one; False where it has not in time."""
        return self._wait(lambda: self.notes.newest >= row, timeout)

    def wait_told(self, state: str, timeout: float = 60.0) -> bool:
        """Wait until it was told that the gateway's connection is in this state."""
        return self._wait(lambda: self.notes.gateway == state, timeout)

    def hop(self) -> None:
        """Hang up; the viewer comes back at once, maybe to another worker."""
        self.local_port = None
        self._hang_up()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._hang_up()
        self._thread.join(timeout=15)

    def _wait(self, condition: Callable[[], bool], timeout: float) -> bool:
        with self._changed:
            return self._changed.wait_for(condition, timeout)

    def _hang_up(self) -> None:
        sock = self._sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        while not self._stopping.is_set():
            with suppress(OSError):
                self._watch()
            self.local_port = None
            self._stopping.wait(AGAIN_SECONDS)

    def _watch(self) -> None:
        answer = Answer()
        with socket.create_connection(("127.0.0.1", self._port), timeout=10) as sock:
            self._sock = sock
            sock.sendall(request(self._port, self.notes.cursor))
            # Longer than a heartbeat: a stream that says nothing at all is left.
            sock.settimeout(30)
            while not answer.ended and not self._stopping.is_set() and (data := sock.recv(65536)):
                events = answer.feed(data)
                if answer.status not in {0, 200}:
                    return
                if self.local_port is None and answer.status == 200:
                    self.connections += 1
                    self.local_port = sock.getsockname()[1]
                self._note(events)

    def _note(self, events: list[SseEvent]) -> None:
        with self._changed:
            for event in events:
                self.notes.take(event)
            self._changed.notify_all()
