"""What is said on one connection after the other: frames come in, changes go to the committer."""

import logging
import secrets
import time
from collections import Counter
from contextlib import suppress
from typing import Final

import gevent

from palais.domain.court import UnknownAgentError, take
from palais.domain.events import Blindness
from palais.domain.ledger import dated
from palais.domain.prices import Prices
from palais.domain.step import Court, Step
from palais.errors import GatewayError
from palais.gateway.connection import Connection
from palais.gateway.identity import Identity
from palais.gateway.link import Link, Memory
from palais.gateway.transport import Transport
from palais.store.committer import Committer
from palais.store.link import LinkFacts, LinkState

log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 0.5
"""How often what is due is sent, and looked whether the gateway lives, where it says nothing."""

CHUNK: Final = 64
"""Frames that are worth taking in while a commit is under way: each waking has its price."""

LINGER_SECONDS: Final = 0.05
"""How long fewer of them wait for more, or for the commit to end."""


class FullError(Exception):
    """The backlog was full, so Palais has hung up; the connection is over."""


class Conversation:
    """The court, kept up to date by one connection at a time. Nothing here waits for the database.

    ``memory`` is what the next connection has to know of the ones before it; ``prices`` say what a
    model call cost that nobody told the cost of.
    """

    def __init__(
        self,
        committer: Committer,
        court: Court,
        memory: Memory,
        faults: Counter[str],
        prices: Prices | None = None,
    ) -> None:
        self.memory = memory
        self._committer = committer
        self._court = court
        self._faults = faults
        self._prices = prices or Prices()

    def link(self, identity: Identity, token: str | None) -> Link:
        """Return a link that goes on where the connection before it ended."""
        return Link(identity, token, self.memory, lambda: secrets.token_hex(8), self._faults)

    def connection(self, transport: Transport, link: Link) -> Connection:
        """Return the connection of this transport and link."""
        return Connection(transport, link, self._committer.wake)

    def hold(self, connection: Connection) -> None:
        """Take in what is said until the connection ends; it returns by an error only.

        Raises GatewayError where the gateway or the network ended it, FullError where Postgres has
        been away for too long.
        """
        reader = gevent.spawn(connection.read)
        try:
            while True:
                self._pump(connection)
        except FullError:
            self._end(connection, Blindness.DATABASE)
            raise
        except GatewayError:
            self._end(connection, Blindness.GATEWAY)
            raise
        finally:
            connection.transport.close()
            reader.kill()

    def _pump(self, connection: Connection) -> None:
        """Take in what is there, and hand over what it changed."""
        committer = self._committer
        committer.pace()
        committer.awaited = committer.busy
        if committer.busy:
            connection.wait(CHUNK, LINGER_SECONDS)
        else:
            connection.wait(1, BEAT_SECONDS)
        now = _now()
        self._take_in(connection.link, connection.take())
        connection.link.tick(_now())
        self._announce(connection)
        if connection.announced and connection.emptied:
            committer.observed_at = connection.heard_at(now)
        if committer.backlog:
            committer.announce()
        connection.speak()
        connection.check()
        if committer.backlog.full:
            raise FullError

    def _take_in(self, link: Link, frames: list[str]) -> None:
        step = Step(self._court)
        try:
            for frame in frames:
                for event in link.receive(frame, now := _now()):
                    try:
                        take(step, self._prices.told(dated(event, now)))
                    except UnknownAgentError as error:
                        link.fault("an event of an unknown agent", str(error))
        finally:
            # A frame that ends the connection takes nothing back of those before it.
            self._court = step.court
            self._committer.backlog.add(step.told())

    def _announce(self, connection: Connection) -> None:
        link = connection.link
        if connection.announced or not link.caught_up:
            return
        connection.announced = True
        if link.missing:
            log.warning("The gateway does not offer: %s.", ", ".join(link.missing))
        log.info("Connected to the gateway, version %s.", link.server_version or "unknown")
        self._committer.tell(
            LinkFacts(
                LinkState.CONNECTED,
                reason=f"It does not offer {', '.join(link.missing)}." if link.missing else None,
                protocol=link.protocol,
                server_version=link.server_version,
                boot_id=link.boot_id,
            )
        )

    def _end(self, connection: Connection, blindness: Blindness) -> None:
        """Hang up, take in what was read before, and note until when was observed what is shown."""
        # What it lost in its last silence is unknown: it may have been dead for as long.
        heard_at = connection.heard_at(_now())
        connection.transport.close()
        with suppress(GatewayError):
            while frames := self._rest(connection):
                self._take_in(connection.link, frames)
        if connection.announced:
            self._committer.observed_at = heard_at
            boot_id = connection.link.boot_id or self.memory.boot_id
            self.memory = Memory(boot_id, heard_at, blindness)

    def _rest(self, connection: Connection) -> list[str]:
        connection.wait(1, LINGER_SECONDS)  # the reader may have one in its hands
        return connection.take()


def _now() -> int:
    return time.time_ns() // 1_000_000
