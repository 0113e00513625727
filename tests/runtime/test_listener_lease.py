"""The lease changes hands under a listener, or comes back to it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text

from palais.gateway import attempts
from palais.store import committer as committers
from palais.store.database import OPTIONS
from palais.store.lease import LEASE_LOCK
from palais.store.recorder import Recorder
from tests.database import PATIENCE, Database
from tests.gateway.frames import challenge
from tests.runtime.scripted import (
    FOR_EVER,
    HELLO,
    REFUSAL,
    TASKS,
    Outage,
    Script,
    States,
    Until,
    busy,
    frame,
    on_record,
    until,
)
from tests.store.rows import NOW, court, entries, named


def failed(database: Database) -> Until:
    return Until(lambda: database.value("SELECT status FROM agents") == "error")


class Usurper:
    """Another process, which takes the lease before its holder knows that it is lost."""

    def __init__(self, engine: Engine, outage: Outage) -> None:
        self._outage = outage
        self.recorder = Recorder(engine)

    def take_over(self) -> None:
        self._outage.cut()
        assert self.recorder.acquire()
        self.recorder.write(entries(*court(agent=named(name="Usurped"))), None)


@pytest.fixture
def usurper(other_engine: Engine, outage: Outage) -> Usurper:
    return Usurper(other_engine, outage)


def test_a_process_that_lost_the_lease_writes_nothing_until_it_has_it_again(
    script: Script, database: Database, usurper: Usurper
) -> None:
    running = script.begin(
        [HELLO, busy("1"), on_record(database, "1"), usurper.take_over, busy("2"), FOR_EVER],
        [frame("agent.status", status="error"), failed(database)],
    )
    until(lambda: script.dialled and script.dialled[0].closed)
    assert database.run(TASKS) == [("1",)]
    assert not script.recorder.held
    usurper.recorder.release()
    running.get(timeout=PATIENCE)

    assert len(script.dialled) == 2
    assert database.run(TASKS) == [("1",)]
    assert database.run("SELECT name, status FROM agents") == [("Usurped", "error")]


@pytest.fixture
def lingering(database_url: str) -> Iterator[Connection]:
    """Give what stands in for a backend of our own that does not die at once."""
    engine = create_engine(database_url, **OPTIONS)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        yield conn
    engine.dispose()


def test_a_batch_survives_that_the_server_notices_the_cut_later_than_we_do(
    script: Script, database: Database, lingering: Connection, outage: Outage
) -> None:
    refused: list[str] = []

    def cut_but_hold() -> None:
        """Leave the lease taken, and nobody else on record as its holder."""
        outage.cut()
        lingering.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LEASE_LOCK})
        event.listen(script.engine, "after_cursor_execute", let_go)

    def let_go(_conn: Connection, _cursor: Any, sql: str, *_: Any) -> None:
        if "pg_try_advisory_lock" in sql:
            refused.append(sql)
            lingering.execute(text("SELECT pg_advisory_unlock_all()"))

    script.play([HELLO, busy("1"), on_record(database, "1"), cut_but_hold, busy("2")])

    assert refused
    assert database.run(TASKS) == [("1",), ("2",)]


def test_a_holder_that_the_gateway_refuses_shows_the_database_that_it_lives(
    script: Script, monkeypatch: pytest.MonkeyPatch, states: States
) -> None:
    monkeypatch.setattr(attempts, "REFUSED", 3600.0)
    monkeypatch.setattr(committers, "BEAT_SECONDS", 0.001)
    beat = script.recorder.beat

    def noted() -> None:
        states.note()
        if [state for state, *_ in states.noted].count("refused") == 3:
            script.listener.stop()
        beat()

    monkeypatch.setattr(script.recorder, "beat", noted)
    script.play([challenge(NOW), Until(lambda: script.dialled[0].sent), REFUSAL])

    assert len(script.dialled) == 1


def test_a_holder_that_waits_for_the_gateway_notices_that_it_lost_the_lease(
    script: Script, monkeypatch: pytest.MonkeyPatch, usurper: Usurper
) -> None:
    monkeypatch.setattr(attempts, "REFUSED", 3600.0)
    monkeypatch.setattr(committers, "BEAT_SECONDS", 0.001)
    running = script.begin([challenge(NOW), Until(lambda: script.dialled[0].sent), REFUSAL])
    until(lambda: script.dialled and script.dialled[0].closed)
    usurper.take_over()
    until(lambda: not script.recorder.held)
    usurper.recorder.release()

    running.get(timeout=PATIENCE)  # it dials again, and there is nobody
    assert not script.recorder.held
