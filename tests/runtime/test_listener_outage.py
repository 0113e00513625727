"""The database goes away under a listener: nothing that was taken in is lost, nothing is twice."""

from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError

from palais.store import journal
from palais.store.database import OPTIONS
from palais.store.lease import LEASE_LOCK
from palais.store.recorder import Recorder
from tests.database import PATIENCE, Database
from tests.runtime.scripted import HELLO, Json, Script, Until, frame
from tests.store.rows import court, entries, named

LOG = "SELECT data->>'task' FROM activity_log WHERE data->>'status' = 'busy' ORDER BY id"
HOLDER = """
    SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = :lock
"""


FOR_EVER = Until(lambda: False)


def busy(task: str) -> Json:
    return frame("agent.status", status="busy", task=task)


@pytest.fixture
def cut(database: Database) -> Callable[[], None]:
    """Give what ends the connection that holds the lease."""
    return lambda: database.cut(database.value(HOLDER, lock=LEASE_LOCK))


def on_record(database: Database, task: str) -> Until:
    return Until(lambda: (task,) in database.run(LOG))


def test_a_connection_that_is_cut_between_two_batches_loses_nothing(
    script: Script, database: Database, cut: Callable[[], None]
) -> None:
    script.play([HELLO, busy("1"), on_record(database, "1"), cut, busy("2"), busy("3")])

    assert database.run(LOG) == [("1",), ("2",), ("3",)]
    assert len(script.dialled) == 1


@pytest.mark.parametrize("moment", ["INSERT INTO agents", "INSERT INTO activity_log", "COMMIT"])
def test_a_connection_that_is_cut_within_a_batch_loses_nothing(
    script: Script, database: Database, cut: Callable[[], None], moment: str
) -> None:
    armed: list[Callable[[], None]] = []

    def at_statement(_conn: Connection, _cursor: Any, sql: str, *_: Any) -> None:
        if armed and moment in sql:
            armed.pop()()

    def at_commit(_conn: Connection) -> None:
        if armed and moment == "COMMIT":
            armed.pop()()

    event.listen(script.engine, "before_cursor_execute", at_statement)
    event.listen(script.engine, "commit", at_commit)
    here = Until(lambda: database.value("SELECT count(*) FROM agents"))

    script.play([HELLO, here, lambda: armed.append(cut), busy("1"), busy("2")])

    assert armed == []
    assert database.run(LOG) == [("1",), ("2",)]
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
    assert database.run(LOG) == [("1",), ("2",)]


def test_while_the_database_is_away_what_comes_in_waits_for_it(
    script: Script, database: Database, cut: Callable[[], None]
) -> None:
    refused: list[int] = []

    def refuse(*_: object) -> None:
        refused.append(1)
        raise OperationalError("connect", None, Exception("the server is starting up"))

    def go_away() -> None:
        event.listen(script.engine, "do_connect", refuse)
        cut()

    def come_back() -> None:
        event.remove(script.engine, "do_connect", refuse)

    away = Until(lambda: len(refused) > 2)
    script.play([HELLO, busy("1"), go_away, busy("2"), away, busy("3"), come_back])

    assert database.run(LOG) == [("1",), ("2",), ("3",)]
    assert len(script.dialled) == 1


def test_a_database_that_is_away_at_the_start_is_waited_for(
    script: Script, database: Database, palais_log: pytest.LogCaptureFixture
) -> None:
    refused: list[int] = []

    def refuse(*_: object) -> None:
        refused.append(1)
        if len(refused) > 2:
            event.remove(script.engine, "do_connect", refuse)
        raise OperationalError("connect", None, Exception("the server is starting up"))

    event.listen(script.engine, "do_connect", refuse)

    script.play([HELLO, busy("1")])

    assert database.run(LOG) == [("1",)]
    assert "the server is starting up" in palais_log.text


def test_a_listener_can_be_stopped_while_the_database_is_away(database_url: str) -> None:
    nowhere = create_engine("postgresql+psycopg2://palais@127.0.0.1:9/palais")
    script = Script(nowhere)

    running = gevent.spawn(script.listener.run)
    gevent.idle()
    script.listener.stop()

    running.get(timeout=PATIENCE)
    assert script.dialled == []


class Usurper:
    """Another process, which takes the lease before its holder knows that it is lost."""

    def __init__(self, engine: Engine, cut: Callable[[], None]) -> None:
        self._cut = cut
        self.recorder = Recorder(engine)

    def take_over(self) -> None:
        self._cut()
        assert self.recorder.acquire()
        self.recorder.write(entries(*court(agent=named(name="Usurped"))), None)


@pytest.fixture
def usurper(other_engine: Engine, cut: Callable[[], None]) -> Usurper:
    return Usurper(other_engine, cut)


def test_a_process_that_lost_the_lease_writes_nothing_until_it_has_it_again(
    script: Script, database: Database, usurper: Usurper
) -> None:
    script.prepare(
        [HELLO, busy("1"), on_record(database, "1"), usurper.take_over, busy("2"), FOR_EVER],
        [frame("agent.status", status="error")],
    )

    running = gevent.spawn(script.listener.run)
    while not (script.dialled and script.dialled[0].closed):
        gevent.sleep(0.005)
    assert database.run(LOG) == [("1",)]
    assert not script.recorder.held
    usurper.recorder.release()
    running.get(timeout=PATIENCE)

    assert len(script.dialled) == 2
    assert database.run(LOG) == [("1",)]
    assert database.run("SELECT name, status FROM agents") == [("Usurped", "error")]


@pytest.fixture
def lingering(database_url: str) -> Iterator[Connection]:
    """Give what stands in for a backend of our own that does not die at once."""
    engine = create_engine(database_url, **OPTIONS)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        yield conn
    engine.dispose()


def test_a_batch_survives_that_the_server_notices_the_cut_later_than_we_do(
    script: Script, database: Database, lingering: Connection, cut: Callable[[], None]
) -> None:
    refused: list[str] = []

    def cut_but_hold() -> None:
        """Leave the lease taken, and nobody else on record as its holder."""
        cut()
        lingering.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LEASE_LOCK})
        event.listen(script.engine, "after_cursor_execute", let_go)

    def let_go(_conn: Connection, _cursor: Any, sql: str, *_: Any) -> None:
        if "pg_try_advisory_lock" in sql:
            refused.append(sql)
            lingering.execute(text("SELECT pg_advisory_unlock_all()"))

    script.play([HELLO, busy("1"), on_record(database, "1"), cut_but_hold, busy("2")])

    assert refused
    assert database.run(LOG) == [("1",), ("2",)]
