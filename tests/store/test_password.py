"""The admin's password: what is kept of it, who sets it, and what looking at it costs others."""

import threading
from datetime import UTC, datetime

import gevent
import pytest
from sqlalchemy import Engine, create_engine

from palais.store import passes, password
from tests.database import PATIENCE, Database

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def stored(engine: Engine) -> password.Admin | None:
    with engine.connect() as conn:
        return password.admin(conn)


def test_the_operator_s_password_is_kept_once_and_a_second_start_changes_nothing(
    engine: Engine, database: Database
) -> None:
    with engine.connect() as conn:
        assert password.synchronise(conn, "sesame", NOW)
        before = database.run("SELECT * FROM admin")
        assert not password.synchronise(conn, "sesame", NOW)

    assert database.run("SELECT * FROM admin") == before


def test_another_password_of_the_operator_s_ends_every_session(
    engine: Engine, database: Database
) -> None:
    with engine.connect() as conn:
        password.synchronise(conn, "sesame", NOW)
    with engine.begin() as conn:
        passes.open_session(conn, "", "", NOW)
        passes.create_link(conn, NOW)

    with engine.connect() as conn:
        assert password.synchronise(conn, "another", NOW)

    assert database.value("SELECT count(*) FROM login_sessions") == 0
    assert database.value("SELECT count(*) FROM login_links") == 0
    assert password.matches(stored(engine), "another")
    assert not password.matches(stored(engine), "sesame")


def test_of_workers_that_start_at_once_one_keeps_the_password(
    database: Database, engine: Engine
) -> None:
    url = database.engine.url
    changed: list[bool] = []

    def start() -> None:
        own = create_engine(url)
        with own.connect() as conn:
            changed.append(password.synchronise(conn, "sesame", NOW))
        own.dispose()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

    assert sorted(changed) == [False, False, False, True]


def test_a_generated_password_is_made_once_and_never_over_another(engine: Engine) -> None:
    with engine.connect() as conn:
        assert password.establish(conn, "first", NOW)
        assert not password.establish(conn, "second", NOW)

    assert password.matches(stored(engine), "first")
    with engine.connect() as conn:
        password.synchronise(conn, "first", NOW)
    assert stored(engine).generated is False  # type: ignore[union-attr]


@pytest.mark.parametrize("broken", ["", "not a hash", "$argon2id$v=19$m=65536,t=3,p=4$"])
def test_a_hash_that_is_none_matches_nothing(broken: str) -> None:
    assert not password.matches(password.Admin(broken, generated=False), "")


def test_two_passwords_are_looked_at_at_once_and_everything_else_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meeting = threading.Barrier(2)
    lock, now, most = threading.Lock(), 0, 0
    served: list[int] = []

    def verify(_hash: str, _password: str) -> bool:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        meeting.wait(PATIENCE)
        with lock:
            now -= 1
        return False

    monkeypatch.setattr(password, "_verify", verify)
    flood = [gevent.spawn(password.matches, None, "wrong") for _ in range(6)]
    other = gevent.spawn(served.append, 1)

    gevent.joinall(flood, timeout=PATIENCE, raise_error=True)

    assert [one.value for one in flood] == [False] * 6
    assert most == password.AT_ONCE
    assert other.ready()
    assert served == [1]
