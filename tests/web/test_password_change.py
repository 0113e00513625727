"""A password that changes at the very moment of a login ends that login, too."""

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from palais.store import passes, password
from palais.store.models import db
from tests.database import Database
from tests.rig.process import wait_until

OLD = "sésame, ouvre-toi"
WAITING = (
    "SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity USING (pid)"
    " WHERE NOT l.granted AND datname = current_database()"
)


@pytest.fixture(autouse=True)
def old(app: Flask) -> None:
    """Set the password that is about to change."""
    with app.app_context(), db.engine.begin() as conn:
        password.keep(conn, OLD, datetime.now(UTC))


def new_link(app: Flask) -> str:
    with app.app_context(), db.engine.begin() as conn:
        return passes.create_link(conn, datetime.now(UTC))


def test_a_password_that_was_changed_while_it_was_looked_at_lets_nobody_in(
    anonymous: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = password.matches

    def slow(stored: password.Admin | None, word: str) -> bool:
        right = real(stored, word)
        with db.engine.begin() as conn:
            password.keep(conn, "another one", datetime.now(UTC))
        return right

    monkeypatch.setattr(password, "matches", slow)

    assert anonymous.post("/login", data={"password": OLD}).status_code == 403
    assert database.value("SELECT count(*) FROM login_sessions") == 0


def test_a_link_that_is_used_while_the_password_changes_lets_nobody_in(
    app: Flask, anonymous: FlaskClient, engine: Engine, database: Database
) -> None:
    token = new_link(app)
    answers: list[int] = []

    def use() -> None:
        answers.append(anonymous.post("/login", data={"token": token}).status_code)

    using = threading.Thread(target=use)
    with engine.begin() as conn:
        password.keep(conn, "another one", datetime.now(UTC))
        using.start()
        wait_until(lambda: bool(database.value(WAITING)), timeout=20, what="the link waits")
    using.join()

    assert answers == [403]
    assert database.value("SELECT count(*) FROM login_sessions") == 0


def test_a_password_that_changes_while_a_link_is_used_ends_that_session(
    app: Flask, engine: Engine, database: Database
) -> None:
    token = new_link(app)

    def change() -> None:
        with engine.begin() as conn:
            password.keep(conn, "another one", datetime.now(UTC))

    changing = threading.Thread(target=change)
    with engine.begin() as conn:
        password.held(conn)
        assert passes.use_link(conn, token, datetime.now(UTC))
        changing.start()
        wait_until(lambda: bool(database.value(WAITING)), timeout=20, what="the change waits")
        passes.open_session(conn, "", "", datetime.now(UTC))
    changing.join()

    assert database.value("SELECT count(*) FROM login_sessions") == 0
