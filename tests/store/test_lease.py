"""Who may listen to the gateway: one process at a time."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine

from palais.config import ROOT
from palais.errors import DatabaseUnavailableError
from palais.store import lease as leases
from palais.store.database import OPTIONS
from palais.store.recorder import Recorder
from tests.database import Database, eventually
from tests.store.rows import court, entries, line

HOLDERS = """
    SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted
"""

SOON = "500ms"
"""When Postgres misses a silent holder: later than the next word of one on a busy machine."""


@pytest.fixture
def other_engine(database_url: str) -> Iterator[Engine]:
    """Give what another process would have."""
    engine = create_engine(database_url, **OPTIONS)
    yield engine
    engine.dispose()


@pytest.fixture
def mine(engine: Engine) -> Recorder:
    recorder = Recorder(engine)
    assert recorder.acquire()
    return recorder


@pytest.fixture
def other(other_engine: Engine) -> Recorder:
    return Recorder(other_engine)


HOLDING = """
import sys
from sqlalchemy import create_engine
from palais.store.recorder import Recorder
recorder = Recorder(create_engine(sys.argv[1]))
print(recorder.acquire(), flush=True)
sys.stdin.read()
"""


def cut(database: Database) -> None:
    [(pid,)] = database.run(HOLDERS)
    database.cut(pid)


def test_only_one_process_holds_the_lease(mine: Recorder, other: Recorder) -> None:
    assert not other.acquire()

    assert (mine.held, other.held) == (True, False)


def test_whoever_is_refused_keeps_no_connection(
    mine: Recorder, other: Recorder, other_engine: Engine
) -> None:
    other.acquire()

    assert other_engine.pool.checkedout() == 0


def test_the_holder_is_on_record(mine: Recorder, other: Recorder, database: Database) -> None:
    other.acquire()

    holder = "SELECT holder_host, holder_pid, holder_since <= now() FROM gateway"
    assert database.run(holder) == [(socket.gethostname(), os.getpid(), True)]


def test_a_lease_that_is_given_up_goes_to_the_next_one_who_asks(
    mine: Recorder, other: Recorder
) -> None:
    mine.release()

    assert not mine.held
    eventually(other.acquire)  # the server has to notice that the connection is closed
    assert not mine.acquire()


def test_giving_up_the_lease_twice_is_harmless(mine: Recorder, other: Recorder) -> None:
    mine.release()
    mine.release()

    eventually(other.acquire)


def test_a_holder_whose_connection_dies_has_lost_the_lease(
    mine: Recorder, other: Recorder, database: Database
) -> None:
    cut(database)

    assert other.acquire()


def test_the_first_lease_resumes_nothing(mine: Recorder) -> None:
    assert not mine.resumed


def test_a_lease_regained_before_anybody_else_had_it_is_resumed(
    mine: Recorder, database: Database
) -> None:
    cut(database)
    mine.release()

    assert mine.acquire()
    assert mine.resumed


def test_a_lease_that_somebody_else_had_meanwhile_is_not_resumed(
    mine: Recorder, other: Recorder, database: Database
) -> None:
    cut(database)
    mine.release()
    assert other.acquire()
    other.write(entries(*court(), line()), None)
    other.release()

    eventually(mine.acquire)
    assert not mine.resumed


def test_a_lease_can_be_resumed_again_and_again(mine: Recorder, database: Database) -> None:
    for _ in range(3):
        cut(database)
        mine.release()

        assert mine.acquire()
        assert mine.resumed


def test_a_process_that_takes_over_resumes_nothing(mine: Recorder, other: Recorder) -> None:
    mine.release()

    eventually(other.acquire)
    assert not other.resumed


def test_a_lease_outlives_the_transactions_of_its_holder(mine: Recorder, other: Recorder) -> None:
    mine.write(entries(*court(), line()), None)

    assert not other.acquire()


def test_a_holder_that_falls_silent_loses_the_lease(
    engine: Engine, other: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_GUARDS", {"idle_session_timeout": SOON})
    mine = Recorder(engine)
    assert mine.acquire()

    eventually(other.acquire)

    with pytest.raises(DatabaseUnavailableError):
        mine.beat()
    assert not mine.held


def test_a_holder_that_falls_silent_within_a_transaction_loses_the_lease(
    engine: Engine, other: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_GUARDS", {"idle_in_transaction_session_timeout": SOON})
    lease = leases.acquire(engine).lease
    assert lease is not None
    lease.conn.exec_driver_sql("SELECT 1")  # begins one

    eventually(other.acquire)

    lease.release()


@pytest.mark.parametrize("name", leases._GUARDS)
def test_postgres_knows_what_it_is_asked_to_do_for_the_lease(database: Database, name: str) -> None:
    assert database.value("SELECT count(*) FROM pg_settings WHERE name = :name", name=name) == 1


def test_a_postgres_that_cannot_do_what_it_is_asked_gives_the_lease_all_the_same(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, palais_log: pytest.LogCaptureFixture
) -> None:
    guards = {"unheard_of": "5s", "client_connection_check_interval": "no time"}
    monkeypatch.setattr(leases, "_GUARDS", guards)
    recorder = Recorder(engine)

    assert recorder.acquire()

    assert "Postgres does without client_connection_check_interval" in palais_log.text
    recorder.write(entries(*court(), line()), None)
    recorder.release()


def test_the_lease_of_a_process_that_is_killed_goes_to_the_next_one_who_asks(
    database_url: str, other: Recorder, database: Database
) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDING, database_url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"True\n"
    assert not other.acquire()

    holder.kill()
    holder.communicate()

    eventually(other.acquire)
    assert database.value("SELECT holder_pid FROM gateway") == os.getpid()
