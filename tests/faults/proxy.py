"""A TCP proxy on loopback that stalls, delays and cuts. One thread moves the bytes of all pairs."""

import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.faults.proxy_pair import Pair, close

Dial = Callable[[], socket.socket]
TURN_SECONDS = 0.05


def to_port(port: int) -> Dial:
    """Return what connects to a port on this host."""
    return lambda: socket.create_connection(("127.0.0.1", port), timeout=5)


def to_path(path: str) -> Dial:
    """Return what connects to a Unix socket."""

    def dial() -> socket.socket:
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.connect(path)
        except OSError:
            sock.close()
            raise
        return sock

    return dial


class Proxy:
    """Listens on ``port`` and passes on to what ``dial`` connects to; see ``opened``.

    Its methods may be called at any time, from any thread.
    """

    def __init__(self, port: int, dial: Dial) -> None:
        self.port = port
        self.delay = 0.0
        """Seconds that every byte is late."""
        self._dial = dial
        self._lock = threading.RLock()
        self._pairs: set[Pair] = set()
        self._stalls_newcomers = False
        self._ending = False
        self._listening = _listen(port)

    def stall(self) -> None:
        """Pass nothing on, in either direction, while every connection stays open: half-open.

        Newcomers are accepted, and treated alike.
        """
        with self._lock:
            self._stalls_newcomers = True
            for pair in self._pairs:
                pair.stalled = True

    def flow(self) -> None:
        """Pass everything on again, also what waited."""
        with self._lock:
            self._stalls_newcomers = False
            for pair in self._pairs:
                pair.stalled = False

    def admit(self) -> None:
        """Let newcomers through again; what is stalled stays so."""
        with self._lock:
            self._stalls_newcomers = False

    def leave(self) -> None:
        """Refuse newcomers, as a host where nobody listens does."""
        with self._lock:
            self._listening.close()

    def come_back(self) -> None:
        """Listen again."""
        with self._lock:
            self._listening = _listen(self.port)

    def cut(self, *, reset: bool, after: int | None = None) -> None:
        """End every connection on both sides, by RST or by FIN; what is on its way is lost.

        ``after`` lets so many further bytes through to the client, and then cuts.
        """
        with self._lock:
            for pair in tuple(self._pairs):
                if after is None:
                    self._end(pair, reset=reset)
                else:
                    pair.cut_after(after, reset=reset)

    def abandon(self) -> None:
        """End the server's side of every connection, and leave its client without a word."""
        with self._lock:
            for pair in self._pairs:
                pair.abandon()

    @property
    def pairs(self) -> int:
        """How many connections are open."""
        with self._lock:
            return len(self._pairs)

    def run(self) -> None:
        """Move bytes until ended."""
        while not self._ending:
            with self._lock:
                reading, writing = self._wanted()
            for sock, mask in _ready(reading, writing):
                if sock is self._listening:
                    self._accept()
                    continue
                with self._lock:
                    pair = next((one for one in self._pairs if one.has(sock)), None)
                    if pair is not None:
                        pair.turn(sock, mask, time.monotonic() + self.delay)
            with self._lock:
                for pair in [one for one in self._pairs if one.over]:
                    self._end(pair, reset=pair.ends_by_reset)

    def end(self) -> None:
        """Stop listening, and end every connection."""
        self._ending = True
        with self._lock:
            self._listening.close()
            self.cut(reset=True)

    def _wanted(self) -> tuple[list[socket.socket], list[socket.socket]]:
        reading, writing = [self._listening], []
        for pair in self._pairs:
            more, due = pair.wants(time.monotonic())
            reading += more
            writing += due
        return reading, writing

    def _accept(self) -> None:
        try:
            client, _ = self._listening.accept()
        except OSError:
            return
        try:
            server = self._dial()
        except OSError:
            close(client, reset=True)
            return
        with self._lock:
            self._pairs.add(Pair(client, server, stalled=self._stalls_newcomers))

    def _end(self, pair: Pair, *, reset: bool) -> None:
        self._pairs.discard(pair)
        pair.end(reset=reset)


def _listen(port: int) -> socket.socket:
    sock = socket.create_server(("127.0.0.1", port))
    sock.setblocking(False)
    return sock


def _ready(
    reading: list[socket.socket], writing: list[socket.socket]
) -> list[tuple[socket.socket, int]]:
    with selectors.DefaultSelector() as selector:
        for sock in {*reading, *writing}:
            mask = selectors.EVENT_READ * (sock in reading)
            mask |= selectors.EVENT_WRITE * (sock in writing)
            # It may have been closed by another thread meanwhile.
            with suppress(OSError, ValueError):
                selector.register(sock, mask)
        return [(key.fileobj, mask) for key, mask in selector.select(TURN_SECONDS)]  # type: ignore[misc]


@contextmanager
def opened(port: int, dial: Dial) -> Iterator[Proxy]:
    """Give a proxy that runs."""
    proxy = Proxy(port, dial)
    thread = threading.Thread(target=proxy.run, name="proxy")
    thread.start()
    try:
        yield proxy
    finally:
        proxy.end()
        thread.join()
