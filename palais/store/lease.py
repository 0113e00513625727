"""The lease: whoever holds it is the one process that listens to the gateway and writes the log.

It is a Postgres session advisory lock (Postgres manual, 13.3.5), held by the very connection that
writes: a process that lost the lease has also lost the means to write.
"""

import os
import socket
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, func, select, text, update

from palais.store.models import GatewayRow

LEASE_LOCK: Final = 0x70616C02


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of an attempt: the connection that now holds the lease, or None.

    ``since`` is on record as the time when the present holder took it, ``before`` as that of the
    holder before this attempt.
    """

    conn: Connection | None
    since: datetime | None
    before: datetime | None


def acquire(engine: Engine) -> Attempt:
    """Try to take the lease.

    Raises sqlalchemy's OperationalError where the database does not answer. Closing the
    connection with ``release`` gives the lease up; so does losing it.
    """
    conn = engine.connect()
    try:
        with conn.begin():
            lock = conn.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LEASE_LOCK})
            taken = lock.scalar_one()
            before = conn.execute(select(GatewayRow.holder_since)).scalar_one()
            if taken:
                mark = update(GatewayRow).values(_holder()).returning(GatewayRow.holder_since)
                return Attempt(conn, conn.execute(mark).scalar_one(), before)
    except BaseException:
        release(conn)
        raise
    conn.close()
    return Attempt(None, before, before)


def release(conn: Connection) -> None:
    """Give the lease up by really closing the connection, not by handing it back to the pool."""
    conn.invalidate()
    conn.close()


def _holder() -> dict[str, object]:
    return {
        "holder_host": socket.gethostname(),
        "holder_pid": os.getpid(),
        "holder_since": func.now(),
    }
