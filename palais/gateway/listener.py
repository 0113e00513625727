"""The loop that keeps Palais listening: lease, recall, and then two sides that need no other.

One greenlet talks with the gateway and turns what it says into changes; the listener's own commits
them. So the next batch grows while one is committed, and an outage of either is not the other's.
"""

import logging
from collections import Counter
from collections.abc import Callable
from typing import Final

import gevent
from gevent.event import Event as Flag

from palais.domain.events import Blindness
from palais.domain.prices import Prices
from palais.errors import DatabaseUnavailableError
from palais.gateway.attempts import Attempts, Gateway
from palais.gateway.conversation import Conversation
from palais.gateway.identity import Identity
from palais.gateway.link import Memory
from palais.gateway.transport import Fault, Transport
from palais.store.committer import Committer, LeaseLostError
from palais.store.link import LinkFacts, LinkState
from palais.store.recorder import Recorder

log = logging.getLogger(__name__)

LEASE_SECONDS: Final = 1.0
LOOK_SECONDS: Final = 1.0
STOPPED: Final = LinkFacts(LinkState.OFFLINE, "Palais was stopped.", "STOPPED")


class Listener:
    """Listens for one process. ``run`` returns only after ``stop``."""

    def __init__(
        self,
        recorder: Recorder,
        url: Callable[[], str],
        identity: Identity,
        token: str | None,
        *,
        prices: Prices | None = None,
        dial: Callable[[str, Fault], Transport] = Transport.dial,
        reachable: Callable[[str], bool] = Transport.reachable,
    ) -> None:
        self._recorder = recorder
        self._prices = prices
        self._gateway = Gateway(url, identity, token, dial, reachable)
        self._stopping = Flag()
        self._committer: Committer | None = None
        self._cause = Blindness.PALAIS
        self._away = False
        self.faults: Counter[str] = Counter()

    def stop(self) -> None:
        """Ask the loop to end; it does within a second."""
        self._stopping.set()
        if self._committer is not None:
            self._committer.stop()

    def run(self) -> None:
        """Listen until stopped, whatever happens to the gateway or the database."""
        watch = gevent.spawn(self._watch)
        try:
            while not self._stopping.is_set():
                self._round()
        finally:
            watch.kill()
            self._recorder.release()

    def step(self) -> None:
        """Take the lease if it is free, and then listen for as long as it is held."""
        held = self._recorder.acquire()
        self._away = False
        if not held:
            self._cause = Blindness.LEASE
            self._stopping.wait(LEASE_SECONDS)
            return
        court, boot_id, observed_at = self._recorder.recall()
        self._recorder.record(LinkFacts(LinkState.CONNECTING))
        log.info("This process holds the lease and listens to the gateway.")
        memory = Memory(boot_id, observed_at, self._cause)
        committer = self._committer = Committer(self._recorder)
        conversation = Conversation(committer, court, memory, self.faults, self._prices)
        self._listen(committer, Attempts(self._gateway, committer, conversation))

    def _listen(self, committer: Committer, attempts: Attempts) -> None:
        failures: list[Exception] = []

        def talk() -> None:
            try:
                attempts.run()
            except Exception as error:
                failures.append(error)
                committer.stop()

        talking = gevent.spawn(talk)
        try:
            if self._stopping.is_set():
                committer.stop()
            committer.run()
        finally:
            talking.kill()
        committer.flush(STOPPED if self._stopping.is_set() else None)
        if failures:
            raise failures[0]

    def _round(self) -> None:
        try:
            self.step()
        except DatabaseUnavailableError as error:
            if not self._away:
                log.warning("The database does not answer: %s Trying again.", error)
            self._away = True
            self._stopping.wait(LEASE_SECONDS)
        except LeaseLostError:
            log.warning("Another process took the lease; this one stands by.")
            self._cause = Blindness.LEASE
        except Exception:
            log.exception("The listener failed; it starts again.")
            self._cause = Blindness.PALAIS
            self._recorder.release()
            self._stopping.wait(LEASE_SECONDS)

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            self._recorder.look()
