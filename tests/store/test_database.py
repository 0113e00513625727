"""The pool: a connection that died while it lay there is not handed out."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from tests.database import Database

PID = text("SELECT pg_backend_pid()")


def end_backends(keeper: Database, engine: Engine) -> int:
    """Leave the engine a connection in its pool whose other end is gone; give its pid."""
    with engine.connect() as conn:
        pid: int = conn.execute(PID).scalar_one()
    with keeper.engine.connect() as conn:
        conn.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    return pid


def test_a_connection_that_died_in_the_pool_is_replaced_before_it_is_used(
    database: Database, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("palais.store.database.REST_SECONDS", 0)
    died = end_backends(database, engine)
    with engine.connect() as conn:
        assert conn.execute(PID).scalar_one() != died


def test_a_connection_that_has_hardly_rested_is_not_asked(
    database: Database, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("palais.store.database.REST_SECONDS", 3600)
    end_backends(database, engine)
    with engine.connect() as conn, pytest.raises(OperationalError):
        conn.execute(PID)
    with engine.connect() as conn:
        assert conn.execute(PID).scalar_one()
