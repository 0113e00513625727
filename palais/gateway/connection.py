"""One connection's moving parts: a greenlet reads into a bounded inbox, another takes from it."""

import math
import time
from typing import Final

from gevent.event import Event as Flag

from palais.errors import GatewayError
from palais.gateway.inbox import Inbox
from palais.gateway.link import Link
from palais.gateway.transport import Transport

BATCH: Final = 1_000
"""Frames that are taken in without letting anything else run."""

PING_SECONDS: Final = 5.0
HELLO_SECONDS: Final = 20.0
ABSENT_SECONDS: Final = 5.0
"""Who has not looked for so long knows nothing of a silence: the reader has its turn first."""


class Connection:
    """A transport and its link. ``wake`` ends a ``wait`` before its time.

    ``announced`` is the taker's note that it is on record.
    """

    def __init__(self, transport: Transport, link: Link, wake: Flag) -> None:
        self.transport = transport
        self.link = link
        self.announced = False
        self._inbox = Inbox(wake)
        self._began = self._pinged = self._looked = time.monotonic()
        self._present_since = 0.0

    @property
    def age(self) -> float:
        """Seconds since the connection was opened."""
        return time.monotonic() - self._began

    def heard_at(self, now: int) -> int:
        """Return the moment (ms) at which the gateway was last heard; ``now`` is the present.

        Never a later one: what was lost in that millisecond has to lie within the gap.
        """
        return now - math.ceil((time.monotonic() - self.transport.heard_at) * 1000)

    def read(self) -> None:
        """Queue frames until the connection ends, and then why it did."""
        try:
            while True:
                self._inbox.put(self.transport.read())
        except GatewayError as error:
            self._inbox.end(error)

    def wait(self, worth: int, seconds: float) -> None:
        """Wait until so many frames are there to be taken, or the time is over."""
        self._inbox.wait(worth, seconds)

    @property
    def emptied(self) -> bool:
        """Whether all that was read has been taken."""
        return not self._inbox

    def take(self) -> list[str]:
        """Return what is there, up to a batch.

        Raises GatewayError at the end of the connection, with what the gateway gave as its reason.
        """
        try:
            return self._inbox.take(BATCH)
        except GatewayError as error:
            raise GatewayError(
                f"{error} {self.link.farewell or ''}".strip(), code=error.code
            ) from None

    def speak(self) -> None:
        """Send what the link has to say, and a ping now and then."""
        for text in self.link.outgoing():
            self.transport.send(text)
        if time.monotonic() - self._pinged >= PING_SECONDS:
            self._pinged = time.monotonic()
            self.transport.ping()

    def check(self) -> None:
        """Raise GatewayError where the gateway has been silent for too long."""
        now = time.monotonic()
        if now - self._looked > ABSENT_SECONDS:
            self._present_since = now
        self._looked = now
        heard_at = self.transport.heard_at
        if (now - max(heard_at, self._present_since)) * 1000 > self.link.patience_ms:
            raise GatewayError(
                f"The gateway has been silent for {now - heard_at:.0f} seconds.", code="SILENT"
            )
        if self.link.greeted and not self.link.connected and self.age > HELLO_SECONDS:
            raise GatewayError("The gateway did not answer the connect request.", code="NO_ANSWER")
