"""The database is there and does not answer: a vanished host is told from a slow one."""

from collections.abc import Iterator

import gevent
import pytest
from gevent import Greenlet
from sqlalchemy import Engine, create_engine

from palais.errors import DatabaseUnavailableError
from palais.store import lease as leases
from palais.store import recorder as recorders
from palais.store.database import OPTIONS
from palais.store.journal import LOG_LOCK
from palais.store.recorder import Recorder
from tests.database import PATIENCE, Database
from tests.store.rows import NOW, court, entries, line
from tests.store.stalling import Proxy, greenlets

BLOCKED = f"SELECT count(*) FROM pg_locks WHERE objid = {LOG_LOCK} AND NOT granted"
SILENCES = ("idle_session_timeout", "idle_in_transaction_session_timeout")


@pytest.fixture(autouse=True)
def _green() -> Iterator[None]:
    with greenlets(), gevent.Timeout(3 * PATIENCE):
        yield


@pytest.fixture
def recorder(far: Engine) -> Recorder:
    """Give a recorder that holds the lease."""
    recorder = Recorder(far)
    assert recorder.acquire()
    return recorder


@pytest.fixture
def soon_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Postgres soon miss who holds the lease and is silent, and the holder its answers."""
    monkeypatch.setattr(recorders, "STALL_SECONDS", 0.05)
    monkeypatch.setattr(leases, "_GUARDS", dict.fromkeys(SILENCES, "500ms"))


def writing(recorder: Recorder) -> "Greenlet[..., None]":
    """Return a greenlet that writes, and has begun to."""
    writer = gevent.spawn(recorder.write, entries(*court(), line()), NOW)
    gevent.idle()
    return writer


def looked(recorder: Recorder, writer: "Greenlet[..., None]") -> None:
    """Look until the writer has its answer, one way or the other."""
    while not writer.ready():
        recorder.look()
        gevent.sleep(0.005)


def acquired(recorder: Recorder) -> bool:
    """Take the lease as soon as it is free."""
    while not recorder.acquire():
        gevent.sleep(0.01)
    return True


@pytest.mark.usefixtures("soon_missed")
def test_a_connection_that_has_stalled_is_given_up_and_the_lease_with_it(
    recorder: Recorder, proxy: Proxy, engine: Engine, database: Database
) -> None:
    proxy.stall()
    writer = writing(recorder)

    looked(recorder, writer)

    with pytest.raises(DatabaseUnavailableError):
        writer.get()
    assert not recorder.held
    assert acquired(Recorder(engine))
    assert database.value("SELECT count(*) FROM activity_log") == 0


@pytest.mark.usefixtures("soon_missed")
def test_a_holder_that_has_vanished_without_a_word_is_missed(
    recorder: Recorder, proxy: Proxy, engine: Engine
) -> None:
    proxy.stall()

    assert acquired(Recorder(engine))


def test_a_database_that_is_slow_is_waited_for(
    recorder: Recorder, engine: Engine, database: Database
) -> None:
    with engine.connect() as other, other.begin():
        other.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOG_LOCK})")
        writer = writing(recorder)
        while not database.value(BLOCKED):
            gevent.sleep(0.01)
        since = recorder._waiting_since
        assert since is not None
        recorder._waiting_since = since - 2 * recorders.STALL_SECONDS
        for _ in range(20):
            gevent.sleep(0.01)
            recorder.look()
        assert not writer.ready()
    writer.get(timeout=PATIENCE)

    assert recorder.held
    assert database.value("SELECT count(*) FROM activity_log") == 1


def test_where_nobody_can_say_a_connection_is_waited_for(
    proxy: Proxy, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorders, "STALL_SECONDS", 0.0)
    narrow = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.001}
    one = create_engine(proxy.url, **{**OPTIONS, **narrow})
    recorder = Recorder(one)
    assert recorder.acquire()

    with engine.connect() as other, other.begin():
        other.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOG_LOCK})")
        writer = writing(recorder)
        recorder.look()
        assert not writer.ready()
    writer.get(timeout=PATIENCE)

    recorder.release()
    one.dispose()


def test_looking_does_nothing_while_nothing_is_overdue(recorder: Recorder) -> None:
    recorder.look()
    writer = writing(recorder)
    recorder.look()

    writer.get(timeout=PATIENCE)
    assert recorder.held


def test_an_attempt_at_the_lease_of_a_database_that_says_nothing_ends(
    far: Engine, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorders, "ACQUIRE_SECONDS", 0.05)
    proxy.stall()

    with pytest.raises(DatabaseUnavailableError, match="does not answer"):
        Recorder(far).acquire()


def test_a_regained_lease_is_resumed_though_its_old_session_still_has_it(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network is back, and Postgres has not noticed that it was away."""
    left: list[leases.Lease] = []

    def leave(lease: leases.Lease) -> None:
        left.append(lease)

    monkeypatch.setattr(leases.Lease, "release", leave)
    recorder.release()

    assert not recorder.acquire()
    assert recorder.resumed
    assert acquired(recorder)
    assert recorder.resumed
