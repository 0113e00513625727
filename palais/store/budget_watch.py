"""The watch over budgets: it warns soon after money was spent, and when a new day begins."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from gevent.event import Event as Flag
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from palais.store import budgets
from palais.store.errors import said

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 2.0
"""How often it is looked whether anything was written: a number in memory."""

REST_SECONDS: Final = 60.0
"""How long the budgets are left alone where nothing was."""


class BudgetWatch:
    """Checks the budgets while this process holds the lease. ``run`` returns only after ``stop``.

    ``holds`` tells whether the lease is held, as far as this process knows: should two check at
    once, each warning is still given once. ``written`` counts what this process has committed.
    """

    def __init__(
        self, engine: Engine, holds: Callable[[], bool], written: Callable[[], int]
    ) -> None:
        self._engine = engine
        self._holds = holds
        self._written = written
        self._stopping = Flag()
        self._seen: int | None = None
        self._checked_at = 0.0
        self._quiet = False

    def stop(self) -> None:
        """Ask the loop to end."""
        self._stopping.set()

    def run(self) -> None:
        """Check until stopped, through any outage of the database."""
        while not self._stopping.is_set():
            self.step()

    def step(self) -> None:
        """Check the budgets where it is this process's turn and time, and wait a little."""
        written = self._written()
        if not self._holds():
            self._seen = None
        elif written != self._seen or time.monotonic() - self._checked_at >= REST_SECONDS:
            self._check(written)
        self._stopping.wait(LOOK_SECONDS)

    def _check(self, written: int) -> None:
        try:
            with self._engine.connect() as conn:
                given = budgets.check(conn, datetime.now(UTC))
        except (DBAPIError, PoolTimeout, OSError) as error:
            if not self._quiet:
                log.warning("The budgets cannot be checked: %s. Trying again.", said(error))
            self._quiet = True
            return
        self._quiet = False
        self._seen, self._checked_at = written, time.monotonic()
        if given:
            log.info("Budgets: warnings given: %d.", given)
