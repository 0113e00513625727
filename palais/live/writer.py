"""Writing to a viewer's socket from the broadcaster: a viewer that reads costs one system call.

A greenlet, a queue and gunicorn's own framing cost more than that call, and 20 times its memory.
So the broadcaster writes what the socket takes without waiting; only for what is left over is
there a bounded backlog, and a greenlet for as long as it lasts.
"""

import _socket
import os
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import gevent
from gevent.socket import socket, wait_write

from palais.live.batch import chunk

BACKLOG: Final = 512 * 1024
"""Bytes that may wait for one viewer before it counts as too slow."""

STALL_SECONDS: Final = 15.0
"""How long a viewer may take nothing of what waits for it."""

LAST_CHUNK: Final = b"0\r\n\r\n"

SHUT: Final = -1
"""No descriptor: whoever writes to it gets an OSError."""


class Writer:
    """One viewer's connection, taken over from the server. Nothing here waits for the viewer.

    ``ticket`` is its viewer's; ``lagged`` says that it read too slowly, or not at all. ``fd`` is
    the descriptor to write to at once; ``SHUT`` where something waits already, or nobody is there.
    """

    __slots__ = ("_backlog", "_ending", "_sock", "_waiting", "chunked", "fd", "lagged", "ticket")

    def __init__(self, sock: socket, *, chunked: bool) -> None:
        """Take over the connection of an open socket, which is then as good as closed.

        A duplicate would not do: libev forgets a descriptor that is closed only if the kernel
        forgets it too, and else wakes up for it for ever.
        """
        self.chunked = chunked
        self.ticket: bytes | None = None
        self._sock = _socket.socket(fileno=sock.detach())
        self._sock.setblocking(False)
        self.fd = self._sock.fileno()
        self._backlog: deque[memoryview] | None = None
        self._waiting = 0
        self._ending = False
        self.lagged = False

    def send(self, data: bytes) -> bool:
        """Write, or keep for later; False where the viewer is gone, or now too far behind.

        Data is a whole chunk where the body is chunked, and at least one byte.
        """
        return not write_all((self,), data)

    def end(self, last: bytes = b"") -> None:
        """Write ``last``, end the body, and close; what still waits is dropped if it is too much.

        Harmless to repeat, and on a connection that is gone.
        """
        if self._ending:
            return
        parting = (chunk(last) if last else b"") + LAST_CHUNK if self.chunked else last
        if self._backlog is not None and self._waiting > BACKLOG:
            # What is half written is finished, else the chunk around it would have no end.
            self._backlog = deque([self._backlog[0]])
            self._waiting = len(self._backlog[0])
        if parting:
            self.send(parting)
        self._ending = True
        self.fd = SHUT
        if self._backlog is None:
            self._close()

    @property
    def waits(self) -> bool:
        """Whether something waits to be written."""
        return self._backlog is not None and not self._ending

    def keep(self, rest: memoryview) -> bool:
        """Write this later, in its turn; False where the viewer is now too far behind."""
        if self._backlog is None:
            self._backlog = deque()
            self.fd = SHUT
            gevent.spawn(self._drain)
        self._backlog.append(rest)
        self._waiting += len(rest)
        behind = self._waiting > BACKLOG
        self.lagged |= behind
        return not behind

    def give_up(self) -> None:
        """Forget a connection that is gone."""
        self._ending = True
        self.fd = SHUT
        if self._backlog is None:
            self._close()

    def _drain(self) -> None:
        """Write what waits, as the socket takes it; close where it takes nothing for too long."""
        try:
            while self._backlog:
                wait_write(self._sock.fileno(), timeout=STALL_SECONDS, timeout_exc=TimeoutError)
                self._flush(self._backlog)
        except OSError as error:
            self.lagged = isinstance(error, TimeoutError) and not self._ending
            self._ending = True
        self._backlog = None
        if self._ending:
            self._close()
        else:
            self.fd = self._sock.fileno()

    def _flush(self, backlog: deque[memoryview]) -> None:
        while backlog:
            try:
                sent = self._sock.send(backlog[0])
            except BlockingIOError:
                return
            self._waiting -= sent
            rest = backlog.popleft()[sent:]
            if rest:
                backlog.appendleft(rest)

    def _close(self) -> None:
        # Only where no greenlet waits for the socket: its number may soon be another's.
        with suppress(OSError):
            self._sock.close()


def write_all(writers: Iterable[Writer], data: bytes) -> list[Writer]:
    """Write to all of them, and return those that are gone, or now too far behind.

    By the descriptor: a socket's own method takes a tenth more, which is paid a thousand times an
    event.
    """
    size, lost, write = len(data), [], os.write
    for writer in writers:
        try:
            sent = write(writer.fd, data)
        except BlockingIOError:
            sent = 0
        except OSError:
            if not writer.waits:
                writer.give_up()
                lost.append(writer)
                continue
            sent = 0
        if sent < size and not writer.keep(memoryview(data)[sent:]):
            lost.append(writer)
    return lost
