"""Retention: history older than the operator wants to keep is deleted, a little at a time.

Only ``activity_log`` is pruned; sessions, spans, usage and gaps stay. What is pruned is always a
prefix of the log, and ``stream.floor``, the newest id that was pruned, moves in the same
transaction: a cursor below the floor is void, any other still finds every row after it.
"""

import logging
from collections.abc import Callable
from typing import Final

from gevent.event import Event as Flag
from sqlalchemy import Connection, Engine, delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from palais.store.errors import said
from palais.store.models import ActivityRow, StreamRow

log = logging.getLogger(__name__)

BATCH: Final = 2_000
"""Rows a transaction: some milliseconds of work."""

PAUSE_SECONDS: Final = 0.2
"""Between two batches, so that a long backlog takes a small part of the database's time."""

REST_SECONDS: Final = 3_600.0
"""Until the next look, once nothing old is left."""

STANDBY_SECONDS: Final = 1.0
"""How often a process that must not prune looks whether it may."""

AGAIN_SECONDS: Final = 60.0
"""How long to leave a database alone that did not answer."""

DAY_SECONDS: Final = 86_400

# Rows at or below the floor are not looked at: until a vacuum, their remains are in the index.
LAST_DUE: Final = text("""
    WITH oldest AS (
        SELECT id, recorded_at < now() - make_interval(secs => :seconds) AS old
        FROM activity_log WHERE id > :floor ORDER BY id LIMIT :limit
    ), due AS (
        SELECT id, bool_and(old) OVER (ORDER BY id) AS so_far FROM oldest
    )
    SELECT max(id) FROM due WHERE so_far
""")


def prune(conn: Connection, days: float, limit: int = BATCH) -> int:
    """Delete the rows at the log's beginning that were recorded more than ``days`` days ago.

    Returns how many were deleted, ``limit`` at most; fewer mean that none is left. The clock is
    the database's. Waits for no writer of the log, and none waits for it; of two that prune at
    once, one waits for the other. Raises sqlalchemy's DBAPIError where the database fails.
    """
    row = ActivityRow.__table__.c
    with conn.begin():
        floor = conn.execute(select(StreamRow.floor).with_for_update()).scalar_one()
        asked = {"floor": floor, "seconds": days * DAY_SECONDS, "limit": limit}
        last = conn.execute(LAST_DUE, asked).scalar_one()
        if last is None:
            return 0
        gone = conn.execute(delete(ActivityRow).where(row.id > floor, row.id <= last))
        conn.execute(update(StreamRow).values(floor=func.greatest(StreamRow.floor, last)))
        return gone.rowcount


class Retention:
    """Prunes the log while this process holds the lease. ``run`` returns only after ``stop``.

    ``days`` is how long history is kept; ``holds`` tells whether the lease is held, as far as this
    process knows: should two prune at once, nothing is lost by it.
    """

    def __init__(self, engine: Engine, days: float, holds: Callable[[], bool]) -> None:
        self._engine = engine
        self._days = days
        self._holds = holds
        self._stopping = Flag()
        self._pruned = 0
        self._quiet = False

    def stop(self) -> None:
        """Ask the loop to end; it does after the batch at hand."""
        self._stopping.set()

    def run(self) -> None:
        """Prune until stopped, through any outage of the database."""
        while not self._stopping.is_set():
            self.step()

    def step(self) -> None:
        """Prune a batch where this process may, and wait until it is time for the next."""
        self._stopping.wait(self._batch() if self._holds() else STANDBY_SECONDS)

    def _batch(self) -> float:
        """Prune a batch; return the seconds until the next."""
        try:
            with self._engine.connect() as conn:
                pruned = prune(conn, self._days, BATCH)
        except (DBAPIError, PoolTimeout, OSError) as error:
            if not self._quiet:
                log.warning("The log cannot be pruned: %s. Trying again.", said(error))
            self._quiet = True
            return AGAIN_SECONDS
        self._quiet = False
        self._pruned += pruned
        if pruned >= BATCH:
            return PAUSE_SECONDS
        self._tell()
        return REST_SECONDS

    def _tell(self) -> None:
        pruned, self._pruned = self._pruned, 0
        if pruned:
            log.info("Pruned %d lines of history older than %g days.", pruned, self._days)
