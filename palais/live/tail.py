"""The tail of the log: LISTEN, read what was committed, encode it once, hand it to the hub."""

import json
import logging
from typing import Any, Final

from gevent.event import Event as Flag
from gevent.socket import wait_read
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from palais.live import sse
from palais.live.hub import Broadcast, Hub
from palais.store import queries
from palais.store.errors import said
from palais.store.journal import GATEWAY_CHANNEL, LOG_CHANNEL, PRESENCE_CHANNEL
from palais.tally import Level

log = logging.getLogger(__name__)

PAGE: Final = 1_000
POLL_SECONDS: Final = 5.0
"""How long to wait for a NOTIFY before looking anyway, and looking whether the database lives."""

AGAIN_SECONDS: Final = 0.25

ROWS: Final = text("""
    SELECT id, agent_id, type, data::text AS data FROM activity_log
    WHERE id > :after AND id <= :upto ORDER BY id LIMIT :page
""")
MAX_ID: Final = 2**63 - 1


class Tail:
    """Follows the log for one process. ``run`` returns only after ``stop``."""

    def __init__(self, engine: Engine, hub: Hub) -> None:
        self._engine = engine
        self._hub = hub
        self._stopping = Flag()
        self._epoch = ""
        self._seen: int | None = None

    def stop(self) -> None:
        """Ask the loop to end; it does within some seconds."""
        self._stopping.set()

    def run(self) -> None:
        """Follow the log until stopped, through any outage of the database."""
        quiet = False
        while not self._stopping.is_set():
            try:
                with self._engine.connect() as conn:
                    self._follow(conn.execution_options(isolation_level="AUTOCOMMIT"))
            except (DBAPIError, PoolTimeout, OSError) as error:
                if not quiet:
                    log.warning("The log cannot be followed: %s. Trying again.", said(error))
                quiet = True
                self._stopping.wait(AGAIN_SECONDS)
            else:
                quiet = False

    def _follow(self, conn: Connection) -> None:
        for channel in (LOG_CHANNEL, PRESENCE_CHANNEL, GATEWAY_CHANNEL):
            conn.exec_driver_sql(f"LISTEN {channel}")
        self._find_place(conn)
        self._hub.publish(sse.gateway_event(queries.gateway(conn)))
        self._catch_up(conn)
        self._note_place()
        while not self._stopping.is_set():
            self.step(conn)
        conn.exec_driver_sql("UNLISTEN *")

    def _find_place(self, conn: Connection) -> None:
        """Say after which row to go on; where rows are missing for good, the viewers are told."""
        head, floor = queries.head(conn), queries.floor(conn)
        if self._seen is None:
            # A viewer that came before this tail had begun waits from its own head on.
            behind = self._hub.behind()
            self._seen = head.id if behind is None else min(head.id, behind)
            self._hub.begin(self._seen)
        elif head.epoch != self._epoch or self._seen < floor:
            # Another log, or rows that were pruned meanwhile: nobody can be told of them any more.
            self._seen = head.id
            self._hub.begin(self._seen)
            self._hub.publish(Broadcast(sse.RESET))
        self._epoch = head.epoch

    def step(self, conn: Connection) -> None:
        """Wait for word of something new, and publish it."""
        raw: Any = conn.connection.driver_connection
        if not raw.notifies:  # what came along with an answer makes no socket readable
            self._await(conn, raw)
        notices, raw.notifies[:] = list(raw.notifies), []
        self._take(conn, [one.payload for one in notices if one.channel == LOG_CHANNEL])
        if not notices:
            self._catch_up(conn)
        self._note_place()
        for notice in notices:
            if notice.channel == PRESENCE_CHANNEL:
                self._presence(notice.payload)
        if any(notice.channel == GATEWAY_CHANNEL for notice in notices):
            self._hub.publish(sse.gateway_event(queries.gateway(conn)))

    def _await(self, conn: Connection, raw: Any) -> None:
        try:
            wait_read(raw.fileno(), timeout=POLL_SECONDS, timeout_exc=TimeoutError)
        except TimeoutError:
            conn.exec_driver_sql("SELECT 1")
        raw.poll()

    def _take(self, conn: Connection, payloads: list[str]) -> None:
        """Publish the lines that these notices tell; read those that they only tell of."""
        told: list[Broadcast] = []
        known = True
        for payload in payloads:
            lines = self._told(payload)
            known = bool(lines)
            if not known:
                break
            told += lines
            self._seen = lines[-1].id
        if told:
            self._hub.publish(*told)
        if not known:
            self._catch_up(conn)

    def _told(self, payload: str) -> list[Broadcast]:
        """Return the lines of a notice (see ``statements.TELL``); none where they do not follow."""
        after, *fields = payload.split("\t")
        if after != str(self._seen):
            return []
        return [
            sse.agent_event(self._epoch, int(row_id), agent_id or None, kind, data)
            for row_id, agent_id, kind, data in zip(*[iter(fields)] * 4, strict=True)
        ]

    def _note_place(self) -> None:
        if self._seen is not None:
            self._hub.tally.set(Level.SEEN, self._seen)

    def _presence(self, payload: str) -> None:
        try:
            agent_id = json.loads(payload)["agentId"]
        except (ValueError, LookupError, TypeError):
            log.warning("Passed over a notice that makes no sense: %.100r", payload)
        else:
            self._hub.publish(sse.presence_event(agent_id, payload))

    def _catch_up(self, conn: Connection) -> None:
        while True:
            page = {"after": self._seen, "upto": MAX_ID, "page": PAGE}
            rows = conn.execute(ROWS, page).all()
            if rows:
                self._hub.publish(*(sse.agent_event(self._epoch, *row) for row in rows))
                self._seen = rows[-1].id
            if len(rows) < PAGE:
                return
