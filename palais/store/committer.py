"""Commits what the gateway's side takes in, through any outage of the database.

While one batch is being committed the next one grows: the gateway's side, another greenlet, goes
on adding to ``backlog``, calls ``announce`` when it has, and never waits for Postgres.
"""

import itertools
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from gevent.event import Event as Flag

from palais.errors import DatabaseUnavailableError
from palais.store.backlog import Backlog
from palais.store.journal import Entry
from palais.store.lease import SILENCE_SECONDS
from palais.store.link import LinkFacts, LinkState
from palais.store.recorder import Recorder

log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 2.0
"""How often the database is told that all is observed, or at least that the holder lives.

So exact is the start of a gap after a crash, and so soon is a stalled connection found.
"""
assert BEAT_SECONDS * 2 < SILENCE_SECONDS  # noqa: S101  checked once, at import

RETRY_SECONDS: Final = (0.05, 0.1, 0.25)
"""Between attempts at a database that is away; the last holds for all that follow."""

PACE_SECONDS: Final = 1.0
"""How long Postgres may commit nothing before the gateway's side goes on without it."""


class LeaseLostError(Exception):
    """Another process may have written meanwhile: what is in memory is void."""


class Committer:
    """Writes for as long as a lease is held. ``run`` returns only after ``stop``.

    ``observed_at`` is the moment (ms) up to which all that was seen is in ``backlog``, None where
    the gateway has not been observed; ``busy`` tells that a write is going on, and ``wake`` is
    set when it has ended, where that is ``awaited``: to wake somebody for nothing has its price.
    """

    def __init__(self, recorder: Recorder) -> None:
        keys = itertools.count()
        writer = secrets.token_hex(6)
        self.backlog = Backlog(f"{writer}.{number}" for number in keys)
        self.observed_at: int | None = None
        self.busy = False
        self.awaited = False
        self.wake = Flag()
        self._recorder = recorder
        self._facts: dict[LinkState, LinkFacts] = {}
        self._stopping = Flag()
        self._news = Flag()
        self._committed = Flag()
        self._committed_at = time.monotonic()
        self._noted_at = -BEAT_SECONDS
        self._away_since: float | None = None

    def stop(self) -> None:
        """Ask ``run`` to end; it does as soon as no write is going on, or one has failed."""
        self._stopping.set()
        self._news.set()

    def announce(self) -> None:
        """Say that there may be something to commit."""
        self._news.set()

    def tell(self, facts: LinkFacts) -> None:
        """Put facts on record, after what is being committed. The latest of a state counts."""
        self._facts.pop(facts.state, None)
        self._facts[facts.state] = facts
        self._news.set()

    def pace(self) -> None:
        """Wait while too much waits for a Postgres that keeps committing: it sets the pace."""
        while self.backlog.crowded and time.monotonic() - self._committed_at < PACE_SECONDS:
            self._await_commit(PACE_SECONDS)

    def drain(self) -> None:
        """Wait until all that was added is committed."""
        while self.backlog:
            self._await_commit(None)

    def run(self) -> None:
        """Commit until stopped; raise LeaseLostError where another process had the lease."""
        with suppress(DatabaseUnavailableError):  # what was tried when the stop came
            while not self._stopping.is_set():
                self._news.wait(BEAT_SECONDS)
                self._news.clear()
                self.step()

    def step(self) -> None:
        """Write what there is to write now, in one round."""
        self.busy = True
        try:
            self._commit()
            self._record()
        finally:
            self.busy = False
        if self.awaited:
            self.wake.set()

    def flush(self, facts: LinkFacts | None) -> None:
        """Write all that is left; give up where the database is away. For after ``run``."""
        if facts is not None:
            self.tell(facts)
        self._noted_at = -BEAT_SECONDS
        try:
            self._commit()
            while self.backlog:
                self._commit()
            self._record()
        except DatabaseUnavailableError as error:
            log.warning("Stopped without the database: %s %s", error, self._waiting())

    def _commit(self) -> None:
        entries = self.backlog.oldest()
        due = time.monotonic() - self._noted_at >= BEAT_SECONDS
        if not entries and not due:
            return
        last = len(entries) == len(self.backlog)
        observed = self.observed_at if due and last else None
        self._insist(lambda: self._write(entries, observed))
        if entries:
            self.backlog.done()
        if due and last:
            self._noted_at = time.monotonic()
        if self.backlog:
            self._news.set()
        self._committed_at = time.monotonic()
        self._committed.set()

    def _write(self, entries: list[Entry], observed: int | None) -> None:
        if entries:
            self._recorder.write(entries, observed)
        elif observed is not None:
            self._recorder.observe(observed)
        else:
            self._recorder.beat()

    def _record(self) -> None:
        while self._facts:
            state, facts = next(iter(self._facts.items()))
            self._insist(lambda facts=facts: self._recorder.record(facts))  # type: ignore[misc]
            if self._facts.get(state) is facts:
                del self._facts[state]

    def _insist(self, write: Callable[[], None]) -> None:
        """Write, waiting for the database if need be: nothing that was taken in is dropped."""
        pauses = itertools.chain(RETRY_SECONDS, itertools.repeat(RETRY_SECONDS[-1]))
        while True:
            try:
                self._regain()
                write()
            except DatabaseUnavailableError as error:
                self._note_away(error)
                if self._stopping.wait(next(pauses)):
                    raise
            else:
                self._note_back()
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

    def _await_commit(self, seconds: float | None) -> None:
        self._committed.clear()
        self._committed.wait(seconds)

    def _note_away(self, error: DatabaseUnavailableError) -> None:
        if self._away_since is None:
            self._away_since = time.monotonic()
            log.warning("The database is away: %s %s", error, self._waiting())

    def _note_back(self) -> None:
        if self._away_since is not None:
            away = time.monotonic() - self._away_since
            self._away_since = None
            log.info("The database is back after %.1f s. %s", away, self._waiting())

    def _waiting(self) -> str:
        return f"{len(self.backlog)} entries wait."
