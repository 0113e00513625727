"""Who prunes the log, how often, and through what."""

from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from palais.store import retention as module
from palais.store.database import OPTIONS
from palais.store.recorder import Recorder
from palais.store.retention import Retention
from tests.database import PATIENCE, Database, backend, eventually

RECORDED = """
    INSERT INTO activity_log (key, at, type, data, recorded_at)
    SELECT gen_random_uuid(), now(), 'agent.status', '{}', now() - interval '91 days'
    FROM generate_series(1, :count)
"""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing wait that waits for time alone, but for the long rest at the end."""
    monkeypatch.setattr(module, "BATCH", 10)
    for name in ("PAUSE_SECONDS", "STANDBY_SECONDS", "AGAIN_SECONDS"):
        monkeypatch.setattr(module, name, 0.001)


@pytest.fixture
def other_engine(database_url: str) -> Iterator[Engine]:
    """Give what another process would have."""
    engine = create_engine(database_url, **OPTIONS)
    yield engine
    engine.dispose()


@pytest.fixture
def start(engine: Engine) -> Iterator[Callable[..., Retention]]:
    """Give what starts a loop beside the test."""
    loops: list[tuple[Retention, gevent.Greenlet]] = []

    def begin(holds: Callable[[], bool] = lambda: True) -> Retention:
        retention = Retention(engine, 90, holds)
        loops.append((retention, gevent.spawn(retention.run)))
        return retention

    yield begin
    for retention, greenlet in loops:
        retention.stop()
        greenlet.get(timeout=PATIENCE)


def once(engine: Engine, holds: Callable[[], bool]) -> None:
    """Take one step without the wait after it."""
    retention = Retention(engine, 90, holds)
    retention.stop()
    retention.step()


def left(database: Database) -> object:
    return database.value("SELECT count(*) FROM activity_log")


def until(condition: Callable[[], object]) -> None:
    """Let the loop run until the condition holds."""
    with gevent.Timeout(PATIENCE):
        while not condition():
            gevent.sleep(0)


def test_only_the_process_that_holds_the_lease_prunes(
    engine: Engine, other_engine: Engine, database: Database
) -> None:
    database.run(RECORDED, count=1)
    mine, other = Recorder(engine), Recorder(other_engine)
    assert other.acquire()
    assert not mine.acquire()

    once(engine, lambda: mine.held)
    assert left(database) == 1

    other.release()
    eventually(mine.acquire)
    once(engine, lambda: mine.held)
    assert left(database) == 0
    mine.release()


def test_a_process_that_gets_the_lease_later_prunes_then(
    start: Callable[..., Retention], database: Database
) -> None:
    database.run(RECORDED, count=1)
    asked: list[bool] = []

    def holds() -> bool:
        asked.append(len(asked) >= 3)
        return asked[-1]

    start(holds)
    until(lambda: left(database) == 0)

    assert asked == [False, False, False, True]


def test_one_that_wrongly_thinks_it_holds_the_lease_does_no_harm(
    start: Callable[..., Retention], database: Database
) -> None:
    database.run(RECORDED, count=35)

    start()
    start()
    until(lambda: left(database) == 0)

    assert database.value("SELECT floor FROM stream") == 35


def test_a_long_backlog_goes_batch_by_batch_and_is_reported_once(
    start: Callable[..., Retention],
    engine: Engine,
    database: Database,
    palais_log: pytest.LogCaptureFixture,
) -> None:
    batches: list[int] = []
    event.listen(engine, "commit", lambda _conn: batches.append(1))
    database.run(RECORDED, count=35)

    start()
    until(lambda: palais_log.messages)

    assert left(database) == 0
    assert len(batches) == 4
    assert palais_log.messages == ["Pruned 35 lines of history older than 90 days."]


def test_where_nothing_is_old_nothing_is_said(
    engine: Engine, palais_log: pytest.LogCaptureFixture
) -> None:
    once(engine, lambda: True)

    assert palais_log.messages == []


def test_once_nothing_old_is_left_the_next_look_is_much_later(
    start: Callable[..., Retention], engine: Engine, database: Database
) -> None:
    looks: list[int] = []
    event.listen(engine, "checkout", lambda *_: looks.append(1))
    start()
    until(lambda: looks)

    database.run(RECORDED, count=1)
    for _ in range(100):
        gevent.sleep(0)

    assert looks == [1]
    assert left(database) == 1


def test_an_outage_is_said_once_and_survived(
    start: Callable[..., Retention],
    engine: Engine,
    database: Database,
    palais_log: pytest.LogCaptureFixture,
) -> None:
    database.run(RECORDED, count=1)
    tries: list[int] = []

    def refuse(*_: object) -> None:
        tries.append(1)
        raise OperationalError("connect", None, Exception("the server is starting up"))

    event.listen(engine, "do_connect", refuse)
    start()
    until(lambda: len(tries) > 2)
    event.remove(engine, "do_connect", refuse)
    until(lambda: left(database) == 0)

    warnings = [one.getMessage() for one in palais_log.records if one.levelname == "WARNING"]
    assert len(warnings) == 1
    assert warnings[0].startswith("The log cannot be pruned: ")
    assert "the server is starting up" in warnings[0]


def test_a_connection_that_is_cut_in_the_middle_of_a_batch_is_replaced(
    start: Callable[..., Retention], engine: Engine, database: Database
) -> None:
    database.run(RECORDED, count=25)
    cuts = ["DELETE", "UPDATE stream"]

    def cut(conn: Any, _cur: Any, sql: str, *_: Any) -> None:
        if cuts and sql.startswith(cuts[0]):
            cuts.pop(0)
            database.cut(backend(conn))

    event.listen(engine, "before_cursor_execute", cut)
    start()
    until(lambda: left(database) == 0)

    assert cuts == []
    assert database.value("SELECT floor FROM stream") == 25


def test_a_loop_that_rests_ends_when_it_is_stopped(engine: Engine) -> None:
    retention = Retention(engine, 90, lambda: True)
    greenlet = gevent.spawn(retention.run)
    gevent.sleep(0)

    retention.stop()

    greenlet.get(timeout=PATIENCE)
