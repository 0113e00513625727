"""The listener's hold on the database: lease and writing connection in one."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine, update
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from palais.domain.step import Court
from palais.errors import DatabaseUnavailableError
from palais.store import journal, lease, link, recall, wire
from palais.store.journal import Entry
from palais.store.models import GatewayRow

REFUSALS = (SQLAlchemyError, ValueError)
"""What a value raises that Postgres, its driver or JSON cannot hold."""

log = logging.getLogger(__name__)


def unavailable(error: Exception) -> bool:
    """Whether the error says that Postgres is away, not that what was asked is wrong."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout)


class Recorder:
    """Writes for one listener. Every method raises DatabaseUnavailableError when it must wait."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._conn: Connection | None = None
        self._since: datetime | None = None
        self.resumed = False

    @property
    def held(self) -> bool:
        """Whether this process holds the lease, as far as it knows."""
        return self._conn is not None

    def acquire(self) -> bool:
        """Try to take the lease; False where another process has it.

        ``resumed`` then tells whether nobody else held it since this recorder did: after a False,
        that Postgres has yet to notice that this recorder's own connection is lost.
        """
        try:
            attempt = lease.acquire(self._engine)
        except (DBAPIError, PoolTimeout) as error:
            raise DatabaseUnavailableError(str(error.args[0]).strip()) from error
        self.resumed = self._since is not None and attempt.before == self._since
        if attempt.conn is None:
            return False
        self._conn, self._since = attempt.conn, attempt.since
        return True

    def release(self) -> None:
        """Give the lease up."""
        conn, self._conn = self._conn, None
        if conn is not None:
            lease.release(conn)

    def recall(self) -> tuple[Court, str | None, int | None]:
        """Return the court on record, the gateway's last boot, and when it was last observed."""
        with self._writing() as conn:
            with conn.begin():
                court = recall.court(conn)
            return court, *link.memory(conn)

    def write(self, entries: Sequence[Entry], observed_at: int | None) -> None:
        """Commit a batch. An entry that the database refuses is left out, with a log line."""
        with self._writing() as conn:
            try:
                journal.commit(conn, entries, observed_at)
            except REFUSALS as error:
                if unavailable(error):
                    raise
                self._one_by_one(conn, entries, observed_at)

    def record(self, facts: link.LinkFacts) -> None:
        """Put the state of the gateway connection on record."""
        with self._writing() as conn:
            link.record(conn, facts)

    def observe(self, observed_at: int) -> None:
        """Note up to when the gateway has been observed, where there is nothing else to write."""
        with self._writing() as conn, conn.begin():
            conn.execute(update(GatewayRow).values(observed_at=wire.instant(observed_at)))

    def _one_by_one(
        self, conn: Connection, entries: Sequence[Entry], observed_at: int | None
    ) -> None:
        for entry in entries:
            try:
                journal.commit(conn, [entry], observed_at)
            except REFUSALS as error:
                if unavailable(error):
                    raise
                log.warning("Left out, the database refuses it: %.300r (%s)", entry, error)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Give the connection that holds the lease; give the lease up when it fails."""
        if self._conn is None:
            raise DatabaseUnavailableError("The lease is not held.")
        try:
            yield self._conn
        except Exception as error:
            if not unavailable(error):
                raise
            self.release()
            raise DatabaseUnavailableError(str(error).splitlines()[0]) from error
