"""Who may listen to the gateway: one process at a time."""

import os
import socket
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine

from palais.store.database import OPTIONS
from palais.store.recorder import Recorder
from tests.database import Database, eventually
from tests.store.rows import court, entries, line

HOLDERS = """
    SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted
"""


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
