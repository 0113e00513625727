"""The writer: a batch of changes is one transaction, seen by nobody before it is committed.

Every log row is written while an advisory transaction lock is held, so that row ids become
visible in their order: a reader that has seen id n will never meet a smaller one later.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from palais.domain.changes import Change, Logged, Presence
from palais.store import account, rows, statements, wire

LOG_CHANNEL: Final = "palais_log"
PRESENCE_CHANNEL: Final = "palais_presence"
GATEWAY_CHANNEL: Final = "palais_gateway"
LOG_LOCK: Final = statements.LOG_LOCK


class Entry(NamedTuple):
    """A change with the key that makes writing it twice harmless.

    Only log rows use it, and only those that have no key of their own.
    """

    key: str
    change: Change


class _Message:
    """Statements that travel together."""

    def __init__(self) -> None:
        self._sql: list[str] = []
        self._values: list[object] = []

    def add(self, statement: str, *values: object) -> None:
        self._sql.append(statement)
        self._values += values

    def put(self, statement: str, found: rows.Rows) -> None:
        """Write these rows, if there are any."""
        if found:
            self.add(statement, wire.dumps(found))

    def send(self, conn: Connection) -> None:
        conn.exec_driver_sql(*self.whole())

    def whole(self) -> tuple[str, tuple[object, ...]]:
        """Return the statements as one, and their values."""
        return " ".join(self._sql), tuple(self._values)


def commit(conn: Connection, entries: Sequence[Entry], observed_at: int | None = None) -> None:
    """Write a batch in one transaction and tell the tails. Safe to repeat with the same keys.

    ``observed_at`` (ms) is the moment up to which the gateway has been observed.
    """
    changes = [entry.change for entry in entries]
    message = _Message()
    # The lock before any row is touched: two writers can then not wait for each other.
    message.add(statements.TURN)
    known, changed = rows.agents(changes)
    message.put(statements.PROFILES, changed)
    message.put(statements.AGENTS, known)
    message.put(statements.SESSIONS, rows.sessions(changes))
    message.put(statements.USAGE, rows.usage(changes))
    if settled := rows.settled(changes):
        message.add(statements.SETTLED, settled)
    for told in rows.spans(changes):
        message.put(statements.SPANS, told)
    message.put(statements.GAPS, rows.gaps(changes))
    for statement, values in account.written(changes):
        message.add(statement, *values)
    _append(message, entries)
    for presence in _presence(changes):
        message.add(statements.NOTIFY, PRESENCE_CHANNEL, wire.presence_text(presence))
    if observed_at is not None:
        message.add(statements.OBSERVED, observed_at)
    _commit(conn, message)


def _commit(conn: Connection, message: _Message) -> None:
    """Send statements that Postgres takes for one transaction, and be back after its commit.

    Statements in one message of the simple query protocol are one transaction (Postgres manual,
    55.2.2.1). BEGIN and COMMIT would be two more round trips, which psycopg2 is kept from.

    By the driver itself: what SQLAlchemy makes of a transaction and a result that nobody reads is
    an eighth of what an event costs. So it raises psycopg2's errors.
    """
    raw: Any = conn.connection.driver_connection
    raw.autocommit = True
    try:
        execute(raw, *message.whole())
    finally:
        if not raw.closed:
            raw.autocommit = False


def execute(raw: Any, sql: str, values: Sequence[object]) -> None:
    """Have the driver's connection execute this; raise psycopg2.Error where that fails."""
    with raw.cursor() as cursor:
        cursor.execute(sql, values)


def take_turn(conn: Connection) -> None:
    """Wait until no other transaction writes the log, and keep others waiting until this ends."""
    conn.exec_driver_sql(statements.TURN)


def append(conn: Connection, entries: Iterable[Entry]) -> None:
    """Append the log rows among these entries, inside the caller's transaction."""
    message = _Message()
    message.add(statements.TURN)
    _append(message, entries)
    message.send(conn)


def _append(message: _Message, entries: Iterable[Entry]) -> None:
    lines = [
        wire.log_row(entry.change.key or entry.key, entry.change)
        for entry in entries
        if isinstance(entry.change, Logged)
    ]
    if not lines:
        return
    encoded = wire.dumps(lines)
    # An operator's words, which Postgres puts in, make a line of any length.
    as_given = all(line["type"] != "agent.registered" for line in lines)
    if as_given and len(encoded.encode()) <= statements.TOLD_BYTES:
        message.add(statements.TELL, encoded, LOG_CHANNEL)
    else:
        message.add(statements.APPEND, encoded)
        message.add(statements.NOTIFY, LOG_CHANNEL, "")


def notify(conn: Connection, channel: str, payload: str) -> None:
    """Tell the listeners of a channel, when the transaction commits."""
    conn.exec_driver_sql(statements.NOTIFY, (channel, payload))


def _presence(changes: Iterable[Change]) -> Iterable[Presence]:
    return {c.agent_id: c for c in changes if isinstance(c, Presence)}.values()
