"""Several writers at once, and what a listener of the database hears of them."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from select import select
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from palais.domain.changes import AgentChanged, Presence
from palais.domain.events import Profile, Status
from palais.store import journal
from palais.store import seed as seeds
from palais.store.journal import GATEWAY_CHANNEL, LOG_CHANNEL, PRESENCE_CHANNEL
from palais.store.link import LinkFacts, LinkState, record
from tests.database import PATIENCE, Database, backend
from tests.store.rows import NOW, court, entries, line, named

SUMMARIES = "SELECT summary FROM activity_log ORDER BY id"


class Ear:
    """A connection that listens to all channels."""

    def __init__(self, engine: Engine) -> None:
        self._conn = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        for channel in (LOG_CHANNEL, PRESENCE_CHANNEL, GATEWAY_CHANNEL):
            self._conn.exec_driver_sql(f"LISTEN {channel}")
        self._raw: Any = self._conn.connection.driver_connection

    def so_far(self) -> list[tuple[str, str]]:
        """Return what has been said up to now."""
        self._conn.exec_driver_sql("SELECT 1")
        heard = [(notice.channel, notice.payload) for notice in self._raw.notifies]
        self._raw.notifies.clear()
        return heard

    def next(self) -> list[tuple[str, str]]:
        """Return what is said next, waiting for it."""
        ready, _, _ = select([self._raw], [], [], PATIENCE)
        assert ready, "nothing was said"
        self._raw.poll()
        return self.so_far()


@pytest.fixture
def ear(engine: Engine) -> Ear:
    return Ear(engine)


@pytest.fixture
def second(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as conn:
        yield conn


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def test_a_second_writer_waits_until_the_first_has_committed(
    engine: Engine, second: Connection, database: Database, elsewhere: ThreadPoolExecutor
) -> None:
    pid = backend(second)
    with engine.connect() as first, first.begin():
        journal.append(first, entries(line("first"), prefix="a"))
        later = elsewhere.submit(journal.commit, second, entries(line("second"), prefix="b"))
        database.await_blocked(pid)

        assert database.run(SUMMARIES) == []
    later.result(PATIENCE)

    assert database.run(SUMMARIES) == [("first",), ("second",)]


def test_a_writer_that_gives_up_lets_the_next_one_go_on(
    engine: Engine, second: Connection, database: Database, elsewhere: ThreadPoolExecutor
) -> None:
    pid = backend(second)
    with engine.connect() as first, first.begin() as transaction:
        journal.append(first, entries(line("first"), prefix="a"))
        later = elsewhere.submit(journal.commit, second, entries(line("second"), prefix="b"))
        database.await_blocked(pid)
        transaction.rollback()
    later.result(PATIENCE)

    assert database.run(SUMMARIES) == [("second",)]


def test_seeding_beside_a_listener_ends_well_for_both(
    engine: Engine, second: Connection, database: Database, elsewhere: ThreadPoolExecutor
) -> None:
    journal.commit(second, entries(*court(), *court(agent=named(id="writer", name="Thot"))))
    second.rollback()
    halfway, go_on = Event(), Event()

    def profiles() -> Iterator[Profile]:
        yield Profile("builder", "Imhotep the Great")
        halfway.set()
        go_on.wait(PATIENCE)
        yield Profile("writer", "Thot the Great")

    def seed() -> dict[str, str]:
        with engine.connect() as conn:
            return seeds.seed(conn, profiles(), NOW)

    busy = named(id="writer", name="Thot", status=Status.BUSY)
    seeding = elsewhere.submit(seed)
    assert halfway.wait(PATIENCE)
    batch = entries(AgentChanged(busy), line("at work", agent_id="writer"), prefix="b")
    listening = elsewhere.submit(journal.commit, second, batch)
    database.await_blocked(backend(second))
    go_on.set()

    assert seeding.result(PATIENCE) == {"builder": "updated", "writer": "updated"}
    listening.result(PATIENCE)
    told = database.run("SELECT name, status FROM agents WHERE id = 'writer'")
    assert told == [("Thot the Great", "busy")]


def test_nobody_is_told_of_a_batch_before_it_is_committed(engine: Engine, ear: Ear) -> None:
    with engine.connect() as conn, conn.begin():
        journal.append(conn, entries(line()))
        assert ear.so_far() == []

    assert [channel for channel, _ in ear.next()] == [LOG_CHANNEL]


def test_a_small_batch_is_told_in_its_notice_with_the_row_before_it(
    engine: Engine, ear: Ear
) -> None:
    told: list[str] = []
    with engine.connect() as conn:
        for batch in (entries(line("a")), entries(line("b", agent_id=None), line("c"), prefix="2")):
            journal.commit(conn, batch)
            told += [payload for _, payload in ear.next()]

    first, second = (payload.split("\t") for payload in told)
    assert first[:4] == ["", "1", "builder", "agent.status"]
    assert second[:4] == ["1", "2", "", "agent.status"]
    assert second[5:8] == ["3", "builder", "agent.status"]
    assert [json.loads(data)["type"] for data in (second[4], second[8])] == ["agent.status"] * 2


def test_a_batch_that_was_written_before_is_not_told_again(engine: Engine, ear: Ear) -> None:
    with engine.connect() as conn:
        journal.commit(conn, entries(line()))
        ear.next()
        journal.commit(conn, entries(line()))
        record(conn, LinkFacts(LinkState.CONNECTED))

    assert ear.next() == [(GATEWAY_CHANNEL, "")]


@pytest.mark.parametrize("size", [100, 5_800, 6_000, 9_000, 1_000_000])
def test_a_batch_of_any_size_is_told_of(engine: Engine, ear: Ear, size: int) -> None:
    with engine.connect() as conn:
        journal.commit(conn, entries(line(fields={"task": "é" * (size // 2)})))

    [(channel, payload)] = ear.next()
    assert channel == LOG_CHANNEL
    assert bool(payload) == (size < 6_000)


def test_nobody_is_told_of_a_batch_that_is_rolled_back(engine: Engine, ear: Ear) -> None:
    with engine.connect() as conn:
        with conn.begin() as transaction:
            journal.append(conn, entries(line()))
            transaction.rollback()
        record(conn, LinkFacts(LinkState.CONNECTED))

    assert ear.next() == [(GATEWAY_CHANNEL, "")]


def test_a_sign_of_life_is_told_and_leaves_no_history(
    engine: Engine, ear: Ear, database: Database
) -> None:
    lives = [Presence("builder", "thinking", NOW), Presence("builder", "tool:exec", NOW + 5)]

    with engine.connect() as conn:
        journal.commit(conn, entries(*court(), *lives))

    [(channel, payload)] = ear.next()
    assert channel == PRESENCE_CHANNEL
    assert json.loads(payload) == {
        "type": "agent.presence",
        "agentId": "builder",
        "activity": "tool:exec",
        "ts": NOW + 5,
    }
    assert database.run(SUMMARIES) == []


def test_a_batch_without_history_wakes_nobody_who_follows_the_log(engine: Engine, ear: Ear) -> None:
    with engine.connect() as conn:
        journal.commit(conn, entries(*court()))
        record(conn, LinkFacts(LinkState.OFFLINE))

    assert ear.next() == [(GATEWAY_CHANNEL, "")]
