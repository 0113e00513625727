"""Who checks the budgets, how often, and through what."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

import gevent
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from palais.domain.budgets import Period
from palais.store import budget_watch as module
from palais.store import budgets
from palais.store.budget_watch import BudgetWatch
from palais.store.recorder import Recorder
from tests.database import PATIENCE, Database, Scribe
from tests.store.rows import entries, line, registered
from tests.store.spent import spend

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WARNED = "SELECT count(*) FROM activity_log WHERE type = 'budget.warning'"


class Noon:
    """Stands in for the watch's ``datetime``: no midnight comes between spending and checking."""

    @staticmethod
    def now(_zone: tzinfo) -> datetime:
        return NOON


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing wait that waits for time alone, but for the long rest."""
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(module, "datetime", Noon)


@pytest.fixture(autouse=True)
def budget(engine: Engine, scribe: Scribe) -> None:
    scribe.write(registered("builder"))
    with engine.connect() as conn:
        budgets.put(conn, "builder", Period.DAY, Decimal(10), NOON)


class Written:
    """What a recorder has committed."""

    def __init__(self) -> None:
        self.entries = 0

    def __call__(self) -> int:
        return self.entries


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def start(engine: Engine, written: Written) -> Iterator[Callable[..., BudgetWatch]]:
    """Give what starts a loop beside the test."""
    loops: list[tuple[BudgetWatch, gevent.Greenlet]] = []

    def begin(holds: Callable[[], bool] = lambda: True) -> BudgetWatch:
        watch = BudgetWatch(engine, holds, written)
        loops.append((watch, gevent.spawn(watch.run)))
        return watch

    yield begin
    for watch, greenlet in loops:
        watch.stop()
        greenlet.get(timeout=PATIENCE)


def until(condition: Callable[[], object]) -> None:
    with gevent.Timeout(PATIENCE):
        while not condition():
            gevent.sleep(0)


def steps(watch: BudgetWatch, number: int) -> None:
    """Take steps without the waits after them."""
    watch.stop()
    for _ in range(number):
        watch.step()


def looks(engine: Engine) -> list[int]:
    """Return what grows by one with each use of the database."""
    found: list[int] = []
    event.listen(engine, "checkout", lambda *_: found.append(1))
    return found


def test_a_warning_comes_soon_after_money_was_spent(
    start: Callable[..., BudgetWatch], scribe: Scribe, written: Written, database: Database
) -> None:
    start()
    spend(scribe, 9, NOON)
    written.entries += 1

    until(lambda: database.value(WARNED) == 1)


def test_where_nothing_was_written_the_database_is_left_alone(
    engine: Engine, written: Written
) -> None:
    watch = BudgetWatch(engine, lambda: True, written)
    asked = looks(engine)

    steps(watch, 50)
    assert len(asked) == 1

    written.entries += 3
    steps(watch, 50)
    assert len(asked) == 2


def test_a_new_day_is_noticed_though_nothing_was_written(
    engine: Engine, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REST_SECONDS", 0.0)
    asked = looks(engine)

    steps(BudgetWatch(engine, lambda: True, written), 3)

    assert len(asked) == 3


def test_only_the_process_that_holds_the_lease_checks_and_its_successor_at_once(
    engine: Engine, scribe: Scribe, written: Written, database: Database
) -> None:
    spend(scribe, 9, NOON)
    held = [False]
    watch = BudgetWatch(engine, lambda: held[0], written)

    steps(watch, 3)
    assert database.value(WARNED) == 0

    held[0] = True
    steps(watch, 1)
    assert database.value(WARNED) == 1


def test_a_recorder_counts_what_it_committed(engine: Engine) -> None:
    recorder = Recorder(engine)
    assert recorder.acquire()

    recorder.write(entries(line("one"), line("two")), None)

    assert recorder.written == 2
    recorder.release()


def test_an_outage_is_said_once_and_survived(
    start: Callable[..., BudgetWatch],
    engine: Engine,
    scribe: Scribe,
    database: Database,
    palais_log: pytest.LogCaptureFixture,
) -> None:
    spend(scribe, 9, NOON)
    engine.dispose()
    tries: list[int] = []

    def refuse(*_: object) -> None:
        tries.append(1)
        raise OperationalError("connect", None, Exception("the server is starting up"))

    event.listen(engine, "do_connect", refuse)
    start()
    until(lambda: len(tries) > 2)
    event.remove(engine, "do_connect", refuse)
    until(lambda: database.value(WARNED) == 1)

    warnings = [one.getMessage() for one in palais_log.records if one.levelname == "WARNING"]
    assert warnings == ["The budgets cannot be checked: the server is starting up. Trying again."]


def test_a_loop_that_rests_ends_when_it_is_stopped(engine: Engine, written: Written) -> None:
    watch = BudgetWatch(engine, lambda: True, written)
    greenlet = gevent.spawn(watch.run)
    gevent.sleep(0)

    watch.stop()

    greenlet.get(timeout=PATIENCE)
