"""Sees to it that whoever may not watch any more does not: logged out, expired, or revoked.

A stream is let in once and lives for hours, in whatever worker; what let it in may end in another.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from gevent.event import Event as Flag
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from palais.live.hub import Hub
from palais.store import passes, password
from palais.store.errors import said

log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 2.0
"""How long a stream may outlive what let it in."""


class Door:
    """Ends streams whose session or key has ended. ``run`` returns only after ``stop``.

    At first it makes the operator's password, where there is one, the one that is kept. A database
    that does not answer ends nothing: nobody knows.
    """

    def __init__(
        self,
        engine: Engine,
        hub: Hub,
        admin_password: str | None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._hub = hub
        self._password = admin_password
        self._clock = clock
        self._stopping = Flag()

    def run(self) -> None:
        """Look again and again until told to stop."""
        while not self._stopping.is_set():
            self.step()
            self._stopping.wait(EVERY_SECONDS)

    def stop(self) -> None:
        """Have ``run`` return."""
        self._stopping.set()

    def step(self) -> None:
        """Do what is due, if the database answers."""
        try:
            self._adopt()
            self._look()
        except SQLAlchemyError as error:
            log.debug("Who may watch is not known now: %s", said(error))

    def _adopt(self) -> None:
        if self._password is None:
            return
        with self._engine.connect() as conn:
            changed = password.synchronise(conn, self._password, self._clock())
        self._password = None
        if changed:
            log.info("The admin's password is now that of PALAIS_ADMIN_PASSWORD.")

    def _look(self) -> None:
        tickets = self._hub.tickets()
        if not tickets:
            return
        with self._engine.connect() as conn:
            gone = tickets - passes.living(conn, tickets, self._clock())
        if gone:
            log.info("Streams end: what let them in has ended (%d).", len(gone))
            self._hub.dismiss(gone)
