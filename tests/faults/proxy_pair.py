"""One connection through the proxy: its two sockets, and what is on its way between them."""

import selectors
import socket
import struct
from collections import deque
from contextlib import suppress

ROOM = 256 * 1024
"""Bytes that may be on their way in one direction; then the sender has to wait."""

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER for a close by RST."""


class Way:
    """One direction: bytes with the moment from which they may be passed on."""

    def __init__(self, source: socket.socket, target: socket.socket) -> None:
        self.source = source
        self.target = target
        self.finished = False
        self.left: int | None = None
        """Bytes still let through before the connection is cut; None for all."""
        self._waiting: deque[tuple[float, memoryview]] = deque()
        self._size = 0

    @property
    def done(self) -> bool:
        """Whether the source has finished, and all it said was passed on."""
        return self.finished and not self._waiting

    def has_room(self) -> bool:
        return not self.finished and self._size < ROOM

    def is_due(self, now: float) -> bool:
        return bool(self._waiting) and self._waiting[0][0] <= now

    def receive(self, due: float) -> None:
        try:
            data = self.source.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.finished = not data
        if data:
            self._waiting.append((due, memoryview(data)))
            self._size += len(data)

    def send(self) -> None:
        due, data = self._waiting.popleft()
        part = data if self.left is None else data[: self.left]
        try:
            sent = self.target.send(part)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.finished, self._size = True, 0
            self._waiting.clear()
            return
        self._size -= sent
        if self.left is not None:
            self.left -= sent
        if sent < len(data):
            self._waiting.appendleft((due, data[sent:]))


class Pair:
    """A client and its server."""

    def __init__(self, client: socket.socket, server: socket.socket, *, stalled: bool) -> None:
        self.stalled = stalled
        self.ends_by_reset = False
        self._client, self._server = client, server
        self._up, self._down = Way(client, server), Way(server, client)
        self._abandoned = False
        for sock in (client, server):
            sock.setblocking(False)

    @property
    def over(self) -> bool:
        """Whether it ends now: cut where it was to be, or finished by one of its ends."""
        if self._abandoned:
            return False
        return self._down.left == 0 or self._up.done or self._down.done

    def has(self, sock: socket.socket) -> bool:
        return sock in {self._client, self._server}

    def wants(self, now: float) -> tuple[list[socket.socket], list[socket.socket]]:
        """Return the sockets to read from, and those to write to."""
        if self.stalled or self._abandoned:
            return [], []
        ways = (self._up, self._down)
        return (
            [way.source for way in ways if way.has_room()],
            [way.target for way in ways if way.is_due(now)],
        )

    def turn(self, sock: socket.socket, mask: int, due: float) -> None:
        """Read from and write to one of the sockets, as far as it is ready."""
        if self.stalled or self._abandoned:
            return
        for way in (self._up, self._down):
            if mask & selectors.EVENT_READ and way.source is sock and way.has_room():
                way.receive(due)
            if mask & selectors.EVENT_WRITE and way.target is sock and way.is_due(due):
                way.send()

    def cut_after(self, size: int, *, reset: bool) -> None:
        """Let so many further bytes through to the client; then it is over."""
        self.ends_by_reset = reset
        self._down.left = size

    def abandon(self) -> None:
        """End the server's side; the client hears nothing of it."""
        self._abandoned = True
        close(self._server, reset=False)

    def end(self, *, reset: bool) -> None:
        """End both sides."""
        close(self._client, reset=reset)
        close(self._server, reset=reset)


def close(sock: socket.socket, *, reset: bool) -> None:
    """Close by RST or by FIN; harmless to repeat."""
    with suppress(OSError):
        if reset and sock.family == socket.AF_INET:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        else:
            sock.shutdown(socket.SHUT_RDWR)
    sock.close()
