"""A real Postgres for the tests: one server a session, empty tables a test."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import Connection, Engine, create_engine, make_url, text

from palais import create_app
from palais.config import Settings
from palais.domain.changes import Change
from palais.domain.court import apply
from palais.domain.events import Event
from palais.domain.step import Court
from palais.store import embedded, journal
from palais.store.journal import Entry
from palais.store.models import Base

EPOCH: Final = "k3f9"
KEY: Final = "test-key"
"""The key of the environment, which every test's app knows."""

NOWHERE: Final = "ws://127.0.0.1:9"
"""A gateway address that nobody may answer: these tests do not listen."""

PATIENCE: Final = 30.0
"""Seconds until something that is waited for counts as never coming, on a machine under load."""

_ONE_ROW: Final = {"gateway", "stream"}
_TABLES: Final = [
    it.name for it in reversed(Base.metadata.sorted_tables) if it.name not in _ONE_ROW
]
_LARGE: Final = 1_000_000
"""Bytes of all tables from which on it is faster to make them anew: that costs 2 ms a table."""

_EMPTY: Final = f"""
    DO $$ BEGIN
    IF (SELECT sum(pg_relation_size(name::regclass)) FROM unnest(ARRAY{_TABLES}) AS name) > {_LARGE}
    THEN
        TRUNCATE {", ".join(_TABLES)} RESTART IDENTITY;
    ELSE
        {"".join(f"DELETE FROM {name};" for name in _TABLES)}
        PERFORM setval(pg_get_serial_sequence('activity_log', 'id'), 1, false);
    END IF;
    END $$;
    DELETE FROM gateway;
    INSERT INTO gateway (id, since) VALUES (1, now());
    UPDATE stream SET epoch = '{EPOCH}', floor = 0;
"""
_LEFT_BEHIND: Final = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND backend_type = 'client backend'
"""


@contextmanager
def server() -> Iterator[str]:
    """Give the URL of a database that belongs to the tests alone."""
    given = os.environ.get("PALAIS_TEST_DATABASE_URL")
    if given:
        yield _hasty(given)
        return
    # Not in pytest's own folder: on macOS, the path of a socket in it is too long.
    with (
        tempfile.TemporaryDirectory(prefix="palais-test-", dir="/tmp") as folder,
        embedded.join(Path(folder)) as postgres,
    ):
        yield _hasty(postgres.url)


def _hasty(url: str) -> str:
    """Return the URL of this database for connections that do not wait for the disk."""
    hasty = make_url(url).set(drivername="postgresql+psycopg2")
    hasty = hasty.update_query_dict({"options": "-csynchronous_commit=off"})
    return hasty.render_as_string(hide_password=False)


def settings(url: str | None, data_dir: Path, **changes: object) -> Settings:
    """Give settings for a test; nothing in them leads outside."""
    given: dict[str, object] = {
        "secret_key": "test",
        "gateway_url": NOWHERE,
        "api_key": KEY,
        **changes,
    }
    return Settings(database_url=url, data_dir=data_dir, **given)  # type: ignore[arg-type]


def keyed(app: Flask, key: str = KEY) -> FlaskClient:
    """Give a client that sends a key with every request."""
    client = app.test_client()
    client.environ_base["HTTP_X_API_KEY"] = key
    return client


def migrate(url: str, data_dir: Path) -> None:
    app = create_app(settings(url, data_dir))
    with app.app_context():
        upgrade()


def eventually(condition: Callable[[], object]) -> None:
    """Return as soon as the condition holds, which is when another process gets that far."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "what is waited for never came"
        time.sleep(0.005)


class Database:
    """The test's own view of the database, beside the code that is tested."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(
            url, isolation_level="AUTOCOMMIT", pool_size=1, max_overflow=0, pool_pre_ping=True
        )

    def empty(self) -> None:
        """Give every test the same start, whatever the one before left open."""
        with self.engine.connect() as conn:
            conn.execute(text(_LEFT_BEHIND))
            conn.exec_driver_sql("SET lock_timeout = '10s'")
            conn.exec_driver_sql(_EMPTY)

    def run(self, sql: str, **values: object) -> list[tuple[object, ...]]:
        with self.engine.connect() as conn:
            result = conn.execute(text(sql), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    def value(self, sql: str, **values: object) -> object:
        [(found,)] = self.run(sql, **values)
        return found

    def cut(self, pid: int) -> None:
        """End a connection from the server's side, and return when its process is gone."""
        assert self.value("SELECT pg_terminate_backend(:pid, 10000)", pid=pid)

    def await_blocked(self, pid: int) -> None:
        """Return as soon as this connection waits for a lock."""
        eventually(lambda: self.value("SELECT pg_blocking_pids(:pid) <> '{}'", pid=pid))


def backend(conn: Connection) -> int:
    """Return the number of the server's process behind a connection; no transaction is begun."""
    return conn.connection.driver_connection.info.backend_pid


class Scribe:
    """Writes events as the listener does: through the court, one batch a call."""

    def __init__(self, engine: Engine) -> None:
        self.court = Court()
        self._engine = engine
        self._numbers = count(1)

    def write(self, *events: Event, observed_at: int | None = None) -> list[Change]:
        changes: list[Change] = []
        for event in events:
            self.court, told = apply(self.court, event)
            changes += told
        with self._engine.connect() as conn:
            journal.commit(conn, self.entries(changes), observed_at)
        return changes

    def entries(self, changes: list[Change]) -> list[Entry]:
        return [Entry(f"scribe.{next(self._numbers)}", change) for change in changes]
