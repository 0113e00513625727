"""The engine's options, for a database that may be far away and may go away."""

import time
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

REST_SECONDS: Final = 1.0
"""How long a connection may lie in the pool and be trusted to live: asking is a round trip."""

OPTIONS: Final[dict[str, Any]] = {
    "pool_size": 10,
    "max_overflow": 40,
    "pool_timeout": 5,
    "connect_args": {
        "application_name": "palais",
        "connect_timeout": 5,
        # A database host that vanished is noticed within five seconds, not after two hours:
        # by probes while nothing is said, by the lack of receipts (in ms) while something is.
        "keepalives_idle": 2,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        "tcp_user_timeout": 5000,
    },
}


@event.listens_for(QueuePool, "checkin")
def _put_back(_raw: Any, record: ConnectionPoolEntry) -> None:
    record.info["palais.rest"] = time.monotonic()


@event.listens_for(QueuePool, "checkout")
def _take_out(raw: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Ask a connection that has rested whether it lives; where not, all of them are made anew.

    As in SQLAlchemy's documentation, "Custom / Legacy Pessimistic Ping".
    """
    rested = record.info.get("palais.rest")
    if rested is None or time.monotonic() - rested < REST_SECONDS:
        return
    try:
        with raw.cursor() as cursor:
            cursor.execute("SELECT 1")
        raw.rollback()
    except raw.Error as error:
        raise InvalidatePoolError(str(error)) from error
