"""The loop that keeps Palais connected: lease, dial, read, translate, commit; for ever.

One greenlet reads frames into a bounded queue, the listener's own takes from it everything that
is pending, and commits it as one batch: a batch grows by itself while the one before commits.
"""

import itertools
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Final

import gevent
from gevent.event import Event as Flag

from palais.domain.changes import Change
from palais.domain.court import UnknownAgentError, apply
from palais.domain.events import Blindness
from palais.domain.step import Court
from palais.errors import DatabaseUnavailableError, GatewayError, RefusedError
from palais.gateway.backoff import REFUSED, delays
from palais.gateway.connection import Connection
from palais.gateway.identity import Identity
from palais.gateway.link import Link, Memory
from palais.gateway.transport import Fault, Transport
from palais.store.journal import Entry
from palais.store.link import LinkFacts, LinkState
from palais.store.recorder import Recorder

log = logging.getLogger(__name__)

HEALTHY_SECONDS: Final = 30.0
PROBE_SECONDS: Final = 1.0
LEASE_SECONDS: Final = 1.0
OBSERVE_SECONDS: Final = 2.0
"""How exact the start of a gap is after a crash: this often it is noted that all is observed."""

Dial = Callable[[str, Fault], Transport]


class LeaseLostError(Exception):
    """Another process may have written meanwhile: what is in memory is void."""


class Listener:
    """Listens for one process. ``run`` returns only after ``stop``."""

    def __init__(
        self,
        recorder: Recorder,
        url: Callable[[], str],
        identity: Identity,
        token: str | None,
        *,
        dial: Dial = Transport.dial,
        reachable: Callable[[str], bool] = Transport.reachable,
    ) -> None:
        self._recorder = recorder
        self._url = url
        self._identity = identity
        self._token = token
        self._dial = dial
        self._reachable = reachable
        self._stopping = Flag()
        self._court = Court()
        self._memory = Memory()
        self._stood_by = False
        self._writer = secrets.token_hex(6)
        self._numbers = itertools.count()
        self._delays: Iterator[float] = delays(Random())
        self.faults: Counter[str] = Counter()

    def stop(self) -> None:
        """Ask the loop to end; it does within a second."""
        self._stopping.set()

    def run(self) -> None:
        """Listen until stopped, whatever happens to the gateway or the database."""
        while not self._stopping.is_set():
            try:
                self.step()
            except DatabaseUnavailableError as error:
                log.warning("The database does not answer: %s Trying again.", error)
                self._stopping.wait(LEASE_SECONDS)
            except LeaseLostError:
                log.warning("Another process took the lease; this one stands by.")
            except Exception:
                log.exception("The listener failed; it starts again.")
                self._recorder.release()
                self._stopping.wait(LEASE_SECONDS)
        self._recorder.release()

    def step(self) -> None:
        """Take the lease if it is free, and then listen for as long as it is held."""
        if not self._recorder.acquire():
            self._stood_by = True
            self._stopping.wait(LEASE_SECONDS)
            return
        log.info("This process holds the lease and listens to the gateway.")
        self._court, boot_id, observed_at = self._recorder.recall()
        cause = Blindness.LEASE if self._stood_by else Blindness.PALAIS
        self._memory, self._stood_by = Memory(boot_id, observed_at, cause), True
        self._record(LinkFacts(LinkState.CONNECTING))
        while not self._stopping.is_set():
            self.attempt()
        self._record(LinkFacts(LinkState.OFFLINE, reason="Palais was stopped."))

    def attempt(self) -> None:
        """Connect once and stay for as long as it lasts; then say why it ended, and wait."""
        try:
            self._converse()
        except RefusedError as error:
            log.warning("%s", error)
            self._record(LinkFacts(LinkState.REFUSED, reason=str(error), code=error.code))
            self._stopping.wait(REFUSED)
        except GatewayError as error:
            self._record(LinkFacts(LinkState.OFFLINE, reason=str(error)))
            delay = next(self._delays) if error.retry_after is None else error.retry_after
            log.warning("%s Next attempt in %.1f s.", error, delay)
            self._wait(delay)

    def _wait(self, seconds: float) -> None:
        """Wait, but no longer than until a gateway that was away listens again."""
        end = time.monotonic() + seconds
        was_away = not self._reachable(self._url())
        while not self._stopping.wait(min(PROBE_SECONDS, max(0.0, end - time.monotonic()))):
            if was_away and self._reachable(self._url()):
                self._delays = delays(Random())
                return
            if time.monotonic() >= end:
                return

    def _converse(self) -> None:
        connection = self._open()
        reader = gevent.spawn(connection.read)
        try:
            while not self._stopping.is_set():
                self._pump(connection)
        finally:
            connection.transport.close()
            reader.kill()

    def _open(self) -> Connection:
        link = Link(
            self._identity, self._token, self._memory, lambda: secrets.token_hex(8), self.faults
        )
        transport = self._dial(self._url(), link.fault)
        return Connection(transport, link)

    def _pump(self, connection: Connection) -> None:
        """Take in what is pending, and commit what it changed."""
        link = connection.link
        changes: list[Change] = []
        end: GatewayError | None = None
        for item in connection.pending():
            if isinstance(item, GatewayError):
                end = GatewayError(f"{item} {link.farewell or ''}".strip())
                break
            try:
                changes += self._take_in(link, item)
            except GatewayError as error:
                end = error
                break
        link.tick(_now())
        self._announce(connection)
        self._commit(connection, changes)
        if end is not None:
            raise end
        connection.speak()
        connection.check()
        if connection.announced and connection.age > HEALTHY_SECONDS:
            self._delays = delays(Random())

    def _take_in(self, link: Link, frame: str) -> list[Change]:
        changes: list[Change] = []
        for event in link.receive(frame, _now()):
            try:
                self._court, told = apply(self._court, event)
            except UnknownAgentError as error:
                link.fault("an event of an unknown agent", str(error))
            else:
                changes += told
        return changes

    def _announce(self, connection: Connection) -> None:
        link = connection.link
        if connection.announced or not link.caught_up:
            return
        connection.announced = True
        if link.missing:
            log.warning("The gateway does not offer: %s.", ", ".join(link.missing))
        log.info("Connected to the gateway, version %s.", link.server_version or "unknown")
        self._record(
            LinkFacts(
                LinkState.CONNECTED,
                reason=f"It does not offer {', '.join(link.missing)}." if link.missing else None,
                protocol=link.protocol,
                server_version=link.server_version,
                boot_id=link.boot_id,
            )
        )

    def _commit(self, connection: Connection, changes: list[Change]) -> None:
        entries = [Entry(f"{self._writer}.{next(self._numbers)}", one) for one in changes]
        observed = _now() if connection.announced else None
        now = time.monotonic()
        due = observed is not None and now - connection.observed >= OBSERVE_SECONDS
        if entries or due:
            self._write(entries, observed if due else None)
        if due:
            connection.observed = now
        if observed:
            boot_id = connection.link.boot_id or self._memory.boot_id
            self._memory = Memory(boot_id, observed, Blindness.GATEWAY)

    def _write(self, entries: list[Entry], observed: int | None) -> None:
        """Write, waiting for the database if need be: nothing that was taken in is dropped."""
        self._insist(lambda: self._recorder.write(entries, observed), len(entries))

    def _record(self, facts: LinkFacts) -> None:
        self._insist(lambda: self._recorder.record(facts), 0)

    def _insist(self, write: Callable[[], None], waiting: int) -> None:
        while True:
            try:
                self._regain()
                write()
            except DatabaseUnavailableError as error:
                log.warning("The database is away: %s %d entries wait.", error, waiting)
                if self._stopping.wait(LEASE_SECONDS):
                    return
            else:
                return

    def _regain(self) -> None:
        if self._recorder.held:
            return
        held = self._recorder.acquire()
        if not self._recorder.resumed:
            self._recorder.release()
            raise LeaseLostError
        if not held:
            raise DatabaseUnavailableError("The lock of the lost connection is still there.")


def _now() -> int:
    return time.time_ns() // 1_000_000
