"""Attempts at the gateway, for as long as the lease is held: dial, stay, say why it ended, wait."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

import gevent

from palais.errors import GatewayError, RefusedError
from palais.gateway.backoff import REFUSED, delays
from palais.gateway.connection import Connection
from palais.gateway.conversation import Conversation, FullError
from palais.gateway.identity import Identity
from palais.gateway.transport import Fault, Transport
from palais.store.committer import Committer
from palais.store.link import LinkFacts, LinkState

log = logging.getLogger(__name__)

HEALTHY_SECONDS: Final = 30.0
PROBE_SECONDS: Final = 1.0

PAUSED: Final = "Postgres does not keep up: Palais has hung up until all that waits is written."


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where the gateway is, how it is dialled, and who Palais is to it."""

    url: Callable[[], str]
    identity: Identity
    token: str | None
    dial: Callable[[str, Fault], Transport]
    reachable: Callable[[str], bool]


class Attempts:
    """One attempt after the other. ``run`` never returns: its greenlet is killed."""

    def __init__(self, gateway: Gateway, committer: Committer, conversation: Conversation) -> None:
        self._gateway = gateway
        self._committer = committer
        self._conversation = conversation
        self._delays: Iterator[float] = delays(Random())

    def run(self) -> None:
        """Connect for ever."""
        while True:
            self.attempt()

    def attempt(self) -> None:
        """Connect once and stay for as long as it lasts; then say why it ended, and wait."""
        try:
            self._stay(self._dial())
        except FullError:
            log.warning("%s %d entries wait.", PAUSED, len(self._committer.backlog))
            self._committer.tell(LinkFacts(LinkState.OFFLINE, PAUSED, "BACKLOG_FULL"))
            self._committer.drain()
        except RefusedError as error:
            log.warning("%s", error)
            self._committer.tell(
                LinkFacts(LinkState.REFUSED, str(error), error.code, command=error.command)
            )
            gevent.sleep(REFUSED)
        except GatewayError as error:
            self._committer.tell(LinkFacts(LinkState.OFFLINE, str(error), error.code))
            delay = next(self._delays) if error.retry_after is None else error.retry_after
            log.warning("%s Next attempt in %.1f s.", error, delay)
            self._wait(delay)

    def _dial(self) -> Connection:
        gateway = self._gateway
        link = self._conversation.link(gateway.identity, gateway.token)
        return self._conversation.connection(gateway.dial(gateway.url(), link.fault), link)

    def _stay(self, connection: Connection) -> None:
        try:
            self._conversation.hold(connection)
        finally:
            if connection.announced and connection.age > HEALTHY_SECONDS:
                self._delays = delays(Random())

    def _wait(self, seconds: float) -> None:
        """Wait, but no longer than until a gateway that was away listens again."""
        end = time.monotonic() + seconds
        was_away = not self._gateway.reachable(self._gateway.url())
        while (left := end - time.monotonic()) > 0:
            gevent.sleep(min(PROBE_SECONDS, left))
            if was_away and self._gateway.reachable(self._gateway.url()):
                self._delays = delays(Random())
                return
