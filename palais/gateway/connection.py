"""One connection's moving parts: a greenlet reads into a bounded queue, another takes from it."""

import time
from collections.abc import Iterator
from typing import Final

from gevent.queue import Empty, Queue

from palais.errors import GatewayError
from palais.gateway.link import Link
from palais.gateway.transport import Transport

QUEUED: Final = 5_000
"""Frames that wait for Postgres; beyond it the gateway buffers, up to its own 50 MB."""

BATCH: Final = 1_000
BEAT_SECONDS: Final = 0.5
PING_SECONDS: Final = 15.0
HELLO_SECONDS: Final = 20.0


class Connection:
    """A transport and its link. ``announced`` and ``observed`` are the listener's notes of it.

    ``observed`` is when it was last put on record that all is observed, in monotonic seconds.
    """

    def __init__(self, transport: Transport, link: Link) -> None:
        self.transport = transport
        self.link = link
        self.announced = False
        self.observed = 0.0
        self._frames: Queue[str | GatewayError] = Queue(QUEUED)
        self._began = self._pinged = time.monotonic()

    @property
    def age(self) -> float:
        """Seconds since the connection was opened."""
        return time.monotonic() - self._began

    def read(self) -> None:
        """Queue frames until the connection ends, and then why it did."""
        while True:
            try:
                self._frames.put(self.transport.read())
            except GatewayError as error:
                self._frames.put(error)
                return

    def pending(self) -> Iterator[str | GatewayError]:
        """Yield what is in the queue, waiting up to a beat for the first."""
        try:
            yield self._frames.get(timeout=BEAT_SECONDS)
            for _ in range(BATCH):
                yield self._frames.get_nowait()
        except Empty:
            return

    def speak(self) -> None:
        """Send what the link has to say, and a ping now and then."""
        for text in self.link.outgoing():
            self.transport.send(text)
        if time.monotonic() - self._pinged >= PING_SECONDS:
            self._pinged = time.monotonic()
            self.transport.ping()

    def check(self) -> None:
        """Raise GatewayError where the gateway has been silent for too long."""
        silent = time.monotonic() - self.transport.heard_at
        if silent * 1000 > self.link.patience_ms:
            raise GatewayError(f"The gateway has been silent for {silent:.0f} seconds.")
        if self.link.greeted and not self.link.connected and self.age > HELLO_SECONDS:
            raise GatewayError("The gateway did not answer the connect request.")
