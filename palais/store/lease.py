"""The lease: whoever holds it is the one process that listens to the gateway and writes the log.

It is a Postgres session advisory lock (Postgres manual, 13.3.5), held by the very connection that
writes: a process that lost the lease has also lost the means to write.

Postgres ends the session of a holder whose host vanished by itself, since a living one is never
idle for long. TCP keepalives would not do: a proxy in between answers them for the dead.
"""

import logging
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg2 import InterfaceError
from sqlalchemy import Connection, Engine, func, select, text, update
from sqlalchemy.exc import DBAPIError

from palais.store import waiting
from palais.store.errors import unavailable
from palais.store.models import GatewayRow

LEASE_LOCK: Final = 0x70616C02
SILENCE_SECONDS: Final = 5
"""How long Postgres bears the silence of a holder; it has to speak more often (``BEAT_SECONDS``).

A holder that was only slow (its host was suspended) takes the lease again, if it is still free.
"""

CHECK_SECONDS: Final = 1
"""How often Postgres looks, while it works on or waits for something, whether a holder lives."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lease:
    """The lease, held: the connection that holds it, and Postgres's process behind that.

    ``since`` is on record as the time when it was taken, ``raw`` is the driver's connection.
    """

    conn: Connection
    since: datetime | None
    pid: int
    raw: Any

    def release(self) -> None:
        """Give the lease up by really closing the connection, not by handing it to the pool."""
        _discard(self.conn)

    def cut(self) -> None:
        """End the connection without a word: whoever waits for its answer gets an error at once."""
        with (
            suppress(OSError, InterfaceError),
            socket.socket(fileno=os.dup(self.raw.fileno())) as line,
        ):
            line.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of an attempt: the lease, or None where another connection has it.

    ``before`` is on record as the time when the holder before this attempt took it.
    """

    lease: Lease | None
    before: datetime | None


def acquire(engine: Engine, ghost: int | None = None) -> Attempt:
    """Try to take the lease; raise sqlalchemy's OperationalError where Postgres does not answer.

    ``ghost`` is the Postgres process behind a connection that the caller has lost: where it still
    holds the lease, because Postgres has yet to notice, it is ended, and the next attempt may do.
    """
    conn = engine.connect()
    try:
        with conn.begin():
            taken, pid = conn.execute(_TRY, {"lock": LEASE_LOCK}).one()
            before = conn.execute(select(GatewayRow.holder_since)).scalar_one()
            if taken:
                mark = update(GatewayRow).values(_holder()).returning(GatewayRow.holder_since)
                since = conn.execute(mark).scalar_one()
            elif ghost is not None:
                conn.execute(_END, {"lock": LEASE_LOCK, "pid": ghost})
        if taken:
            _guard(conn)
            raw = conn.connection.driver_connection
            # A slow Postgres is waited for; the recorder looks whether it is only slow.
            waiting.without_limit(raw)
            return Attempt(Lease(conn, since, pid, raw), before)
    except BaseException:
        _discard(conn)
        raise
    conn.close()
    return Attempt(None, before)


def at_work(engine: Engine, pid: int, seconds: float) -> bool:
    """Whether Postgres works for the session of this process, or did so in the last seconds.

    Raises sqlalchemy's errors where it does not say.
    """
    with engine.connect() as conn:
        found = conn.execute(_AT_WORK, {"pid": pid, "seconds": seconds}).scalar_one_or_none()
    return bool(found)


_TRY: Final = text("SELECT pg_try_advisory_lock(:lock), pg_backend_pid()")

_END: Final = text("""
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND classid = 0 AND objid = :lock AND objsubid = 1 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND pid = :pid
""")

# Without track_activities nothing is known of a session but that it is there.
_AT_WORK: Final = text("""
    SELECT coalesce(
        state NOT LIKE 'idle%'
            OR state_change > clock_timestamp() - make_interval(secs => :seconds),
        true
    )
    FROM pg_stat_activity WHERE pid = :pid
""")

# Old servers know some of them only, and some systems cannot do all of them.
_SET: Final = text("SELECT set_config(name, :value, false) FROM pg_settings WHERE name = :name")
_GUARDS: Final = {
    "idle_session_timeout": f"{SILENCE_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{SILENCE_SECONDS}s",
    "client_connection_check_interval": f"{CHECK_SECONDS}s",
}


def _guard(conn: Connection) -> None:
    """Have Postgres end this session soon after its client is gone."""
    for name, value in _GUARDS.items():
        try:
            with conn.begin():
                conn.execute(_SET, {"name": name, "value": value})
        except DBAPIError as error:
            if unavailable(error):
                raise
            log.info("Postgres does without %s: %s", name, error.orig)


def _discard(conn: Connection) -> None:
    conn.invalidate()
    conn.close()


def _holder() -> dict[str, object]:
    return {
        "holder_host": socket.gethostname(),
        "holder_pid": os.getpid(),
        "holder_since": func.now(),
    }
