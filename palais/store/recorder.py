"""The listener's hold on the database: lease and writing connection in one."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import gevent
from sqlalchemy import Connection, Engine, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from palais.domain.step import Court
from palais.errors import DatabaseUnavailableError
from palais.store import journal, lease, link, recall, wire
from palais.store.errors import REFUSALS, refused, said, unavailable
from palais.store.journal import Entry
from palais.store.models import GatewayRow
from palais.tally import Count, Tally

STALL_SECONDS: Final = 5.0
"""So long an answer may take before it is looked whether Postgres works on it."""

ACQUIRE_SECONDS: Final = 10.0
"""How long an attempt at the lease may take: the driver, waiting for greenlets, knows no limit."""

log = logging.getLogger(__name__)


class Recorder:
    """Writes for one listener. Every method raises DatabaseUnavailableError when it must wait.

    One greenlet uses it; another calls ``look`` about every second. ``written`` counts the entries
    that were committed.
    """

    def __init__(self, engine: Engine, tally: Tally | None = None) -> None:
        self._engine = engine
        self._tally = tally or Tally()
        self._lease: lease.Lease | None = None
        self._since: datetime | None = None
        self._ghost: int | None = None
        self._waiting_since: float | None = None
        self.resumed = False
        self.written = 0

    @property
    def held(self) -> bool:
        """Whether this process holds the lease, as far as it knows."""
        return self._lease is not None

    def acquire(self) -> bool:
        """Try to take the lease; False where another process has it.

        ``resumed`` then tells whether nobody else held it since this recorder did: after a False,
        that Postgres has yet to notice that this recorder's own connection is lost.
        """
        try:
            with _limited(ACQUIRE_SECONDS):
                attempt = lease.acquire(self._engine, self._ghost)
        except (DBAPIError, PoolTimeout) as error:
            raise DatabaseUnavailableError(said(error)) from error
        except _OverdueError:
            self._engine.dispose()  # the pool's other connections are no better
            raise DatabaseUnavailableError("Postgres does not answer.") from None
        self.resumed = self._since is not None and attempt.before == self._since
        if attempt.lease is None:
            return False
        self._lease = attempt.lease
        self._since, self._ghost = attempt.lease.since, attempt.lease.pid
        return True

    def release(self) -> None:
        """Give the lease up."""
        held, self._lease = self._lease, None
        if held is not None:
            held.release()

    def look(self) -> None:
        """Give a connection up that has stalled: whoever waits for it gets an error.

        It has, if an answer is overdue and Postgres does not work on it: a host has vanished, or
        a proxy has stopped. One on which Postgres works is only slow, and is waited for.
        """
        since, held = self._waiting_since, self._lease
        if since is None or held is None or time.monotonic() - since < STALL_SECONDS:
            return
        if self._at_work(held) or self._waiting_since != since:
            return
        log.warning("Postgres does not answer, and is not at work: the connection is given up.")
        held.cut()
        self._engine.dispose()

    def recall(self) -> tuple[Court, str | None, int | None]:
        """Return the court on record, the gateway's last boot, and when it was last observed."""
        with self._writing() as conn:
            with conn.begin():
                court = recall.court(conn)
            return court, *link.memory(conn)

    def write(self, entries: Sequence[Entry], observed_at: int | None) -> None:
        """Commit a batch. An entry that the database refuses is left out, with a log line.

        A batch that is refused is halved until the entry is found: the others cost two commits
        for each doubling of their number. What an entry refers to has to come before it.
        """
        began = time.monotonic()
        with self._writing() as conn:
            self._write(conn, entries, observed_at)
        self._tally.time(time.monotonic() - began)
        self._tally.add(Count.CHANGES, len(entries))
        self.written += len(entries)

    def record(self, facts: link.LinkFacts) -> None:
        """Put the state of the gateway connection on record."""
        with self._writing() as conn:
            link.record(conn, facts)

    def observe(self, observed_at: int) -> None:
        """Note up to when the gateway has been observed, where there is nothing else to write."""
        with self._writing() as conn, conn.begin():
            conn.execute(update(GatewayRow).values(observed_at=wire.instant(observed_at)))

    def beat(self) -> None:
        """Show Postgres that the holder of the lease lives, where there is nothing to note."""
        with self._writing() as conn, conn.begin():
            conn.execute(_BEAT)

    def _write(self, conn: Connection, entries: Sequence[Entry], observed_at: int | None) -> None:
        try:
            journal.commit(conn, entries, observed_at)
        except REFUSALS as error:
            if not entries or not refused(error):
                raise
            if len(entries) == 1:
                log.warning("Left out, the database refuses it: %.300r (%s)", entries[0], error)
                return
            middle = len(entries) // 2
            self._write(conn, entries[:middle], None)
            self._write(conn, entries[middle:], observed_at)

    def _at_work(self, held: lease.Lease) -> bool:
        try:
            with _limited(STALL_SECONDS):
                return lease.at_work(self._engine, held.pid, STALL_SECONDS)
        except PoolTimeout:
            return True  # nobody can say: the pages have taken all connections
        except (DBAPIError, _OverdueError):
            return False

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Give the connection that holds the lease; give the lease up when it fails."""
        if self._lease is None:
            raise DatabaseUnavailableError("The lease is not held.")
        self._waiting_since = time.monotonic()
        try:
            yield self._lease.conn
        except Exception as error:
            if not unavailable(error):
                raise
            self.release()
            raise DatabaseUnavailableError(said(error)) from error
        finally:
            self._waiting_since = None


_BEAT: Final = text("SELECT 1")


class _OverdueError(Exception):
    """An answer took too long."""


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise _OverdueError in here after so long, where greenlets wait for Postgres."""
    timer = gevent.Timeout.start_new(seconds)
    try:
        yield
    except BaseException as error:
        # The driver may have made another error of the timer's, on its way through.
        if error is timer or not timer.pending:
            raise _OverdueError from None
        raise
    finally:
        timer.close()
