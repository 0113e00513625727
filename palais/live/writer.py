"""Writing to a viewer's socket from the broadcaster: no greenlet is woken for a viewer that reads.

A greenlet switch, a queue and gunicorn's own framing cost more than the one system call that a
delivery needs. So the broadcaster writes what the socket takes without waiting; only what is left
over goes to a bounded backlog, which the viewer's own greenlet writes out.
"""

from collections import deque
from errno import EPIPE
from typing import Final

from gevent.event import Event as Flag
from gevent.socket import socket, wait_write

BACKLOG: Final = 1024 * 1024
"""Bytes that may wait for one viewer before it counts as too slow."""

STALL_SECONDS: Final = 2.0
"""How often a viewer that takes nothing is looked at again."""

PARTING_SECONDS: Final = 5.0
"""How long a viewer that is let go has to take what says so."""


class Writer:
    """One viewer's socket. ``send`` never waits; ``drain`` is the viewer's greenlet."""

    def __init__(self, sock: socket, *, chunked: bool) -> None:
        self.chunked = chunked
        self.lagged = False
        self._sock = sock
        self._backlog: deque[memoryview] = deque()
        self._waiting = 0
        self._ending = False
        self._broken = False
        self._wake = Flag()

    def send(self, data: bytes) -> bool:
        """Write, or keep for later; False where the viewer is gone or too far behind."""
        if self._broken or self.lagged:
            return False
        sent = 0 if self._backlog else self._write(data)
        if sent < len(data) and not self._broken:
            self._backlog.append(memoryview(data)[sent:])
            self._waiting += len(data) - sent
            self.lagged = self._waiting > BACKLOG
            self._wake.set()
        return not (self._broken or self.lagged)

    def end(self) -> None:
        """Let ``drain`` return when everything is written."""
        self._ending = True
        self._wake.set()

    def drain(self) -> None:
        """Write what is left over, until the viewer ends or lags.

        Raises BrokenPipeError where the viewer is gone, or does not take its last bytes.
        """
        while not (self._broken or self.lagged or (self._ending and not self._backlog)):
            self._wake.wait()
            self._wake.clear()
            self._flush(STALL_SECONDS)
        if self.lagged:
            # Only what is half written is finished, else the chunk around it would have no end.
            while len(self._backlog) > 1:
                self._backlog.pop()
            self._flush(PARTING_SECONDS)
        if self._broken or self._backlog:
            raise BrokenPipeError(EPIPE, "The viewer is gone.")

    def _flush(self, seconds: float) -> None:
        while self._backlog and not self._broken:
            data = self._backlog[0]
            sent = self._write(data)
            self._waiting -= sent
            if sent == len(data):
                self._backlog.popleft()
                continue
            self._backlog[0] = data[sent:]
            if not self._writable(seconds) and (self.lagged or self._ending):
                return

    def _writable(self, seconds: float) -> bool:
        try:
            wait_write(self._sock.fileno(), timeout=seconds, timeout_exc=TimeoutError)
        except (TimeoutError, OSError):
            return False
        return True

    def _write(self, data: bytes | memoryview) -> int:
        try:
            return self._sock.send(data, timeout=0.0)  # type: ignore[call-arg]
        except BlockingIOError:
            return 0
        except OSError:
            self._broken = True
            self._wake.set()
            return 0
