"""The database goes away under a listener: nothing that was taken in is lost, nothing is twice."""

import time
from collections.abc import Callable
from typing import Any

import gevent
import psycopg2
import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy import event as sql_event
from sqlalchemy.exc import OperationalError

from palais.gateway import connection as connections
from palais.store import journal
from tests.database import PATIENCE, Database
from tests.gateway.frames import challenge, event, lifecycle, of_run
from tests.runtime.scripted import (
    HELLO,
    IN_ORDER,
    TASKS,
    Outage,
    Script,
    States,
    Until,
    a_moment,
    busy,
    on_record,
)
from tests.store.rows import NOW


@pytest.fixture
def cut(outage: Outage) -> Callable[[], None]:
    """Give what ends the connection that holds the lease."""
    return outage.cut


def test_a_connection_that_is_cut_between_two_batches_loses_nothing(
    script: Script, database: Database, cut: Callable[[], None]
) -> None:
    script.play([HELLO, busy("1"), on_record(database, "1"), cut, busy("2"), busy("3")])

    assert database.run(TASKS) == [("1",), ("2",), ("3",)]
    assert len(script.dialled) == 1


@pytest.mark.parametrize("sent", [False, True])
def test_a_connection_that_is_cut_within_a_batch_loses_nothing(
    script: Script,
    database: Database,
    cut: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    sent: bool,
) -> None:
    armed: list[Callable[[], None]] = []
    execute = journal.execute

    def cut_off(raw: Any, sql: str, values: Any) -> None:
        if armed and not sent:
            armed.pop()()
        execute(raw, sql, values)
        if armed:
            armed.pop()()
            raise psycopg2.OperationalError("the connection was lost")

    monkeypatch.setattr(journal, "execute", cut_off)
    here = Until(lambda: database.value("SELECT count(*) FROM agents"))

    script.play([HELLO, here, lambda: armed.append(cut), busy("1"), busy("2")])

    assert armed == []
    assert database.run(TASKS) == [("1",), ("2",)]
    assert len(script.dialled) == 1


def test_a_commit_whose_answer_is_lost_is_not_written_twice(
    script: Script, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, tries = journal.commit, []

    def then_lose(conn: Connection, batch: list[journal.Entry], observed_at: int | None) -> None:
        commit(conn, batch, observed_at)
        tries.append(len(batch))
        if len(tries) == 1:
            raise OperationalError("COMMIT", None, Exception("the connection was lost"))

    monkeypatch.setattr(journal, "commit", then_lose)

    script.play([HELLO, busy("1"), busy("2")])

    assert tries[0] == tries[1]
    assert database.run(TASKS) == [("1",), ("2",)]


def test_while_the_database_is_away_what_comes_in_waits_for_it(
    script: Script, database: Database, outage: Outage, palais_log: pytest.LogCaptureFixture
) -> None:
    script.play([HELLO, busy("1"), outage.begin, busy("2"), outage.lasts, busy("3"), outage.end])

    assert database.run(TASKS) == [("1",), ("2",), ("3",)]
    assert database.run("SELECT * FROM gaps") == []
    assert len(script.dialled) == 1
    assert palais_log.text.count("The database is away: ") == 1
    assert palais_log.text.count("The database is back after ") == 1


def test_while_the_database_is_away_the_gateway_is_heard_and_answered(
    script: Script, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PING_SECONDS", 0.0)
    pings: list[int] = []

    def asked_again() -> bool:
        pings.append(script.dialled[0].pings)
        return pings[-1] > pings[0] + 2

    told = [busy(str(number)) for number in range(200)]
    script.play([HELLO, outage.begin, outage.lasts, *told, Until(asked_again), outage.end])

    assert len(script.dialled) == 1


def test_signs_of_life_of_an_outage_take_no_more_room_than_the_last_one(
    script: Script, database: Database, outage: Outage, states: States
) -> None:
    script.answers = IN_ORDER
    held: list[int] = []
    begin = time.time_ns() // 1_000_000
    words = [
        event("agent", of_run("run-1", begin + 2_000 * n, stream="assistant", data={"text": "…"}))
        for n in range(300)
    ]
    started = lifecycle("run-1", "start", begin)
    here = Until(lambda: database.value("SELECT count(*) FROM agent_sessions"))
    quiet = Until(lambda: script.listener._committer.observed_at > read_at[0])
    read_at: list[int] = []

    def note() -> None:
        read_at.append(time.time_ns() // 1_000_000)

    script.play(
        [
            *(challenge(NOW), states.until("connected"), started, here, outage.begin, outage.lasts),
            *(*words, note, a_moment(), event("tick", {"ts": NOW}), quiet),
            *(lambda: held.append(script.held), outage.end),
        ]
    )

    assert held[0] <= 3
    seen = "SELECT (extract(epoch FROM last_seen_at) * 1000)::bigint FROM agents"
    assert database.value(seen) == begin + 2_000 * 299


def test_a_listener_can_be_stopped_while_something_waits_for_the_database(
    script: Script, database: Database, outage: Outage, palais_log: pytest.LogCaptureFixture
) -> None:
    begun = (HELLO, busy("1"), on_record(database, "1"))
    script.play([*begun, outage.begin, busy("2"), outage.lasts, script.listener.stop])

    assert "Stopped without the database" in palais_log.text
    assert database.run(TASKS) == [("1",)]


def test_a_database_that_is_away_at_the_start_is_waited_for(
    script: Script, database: Database, palais_log: pytest.LogCaptureFixture
) -> None:
    refused: list[int] = []

    def refuse(*_: object) -> None:
        refused.append(1)
        if len(refused) > 2:
            sql_event.remove(script.engine, "do_connect", refuse)
        raise OperationalError("connect", None, Exception("the server is starting up"))

    sql_event.listen(script.engine, "do_connect", refuse)

    script.play([HELLO, busy("1")])

    assert database.run(TASKS) == [("1",)]
    assert "the server is starting up" in palais_log.text


def test_a_listener_can_be_stopped_while_the_database_is_away(database_url: str) -> None:
    nowhere = create_engine("postgresql+psycopg2://palais@127.0.0.1:9/palais")
    script = Script(nowhere)

    running = gevent.spawn(script.listener.run)
    gevent.idle()
    script.listener.stop()

    running.get(timeout=PATIENCE)
    assert script.dialled == []
