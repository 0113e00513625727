"""How long a greenlet waits for a database that says nothing."""

from collections.abc import Callable, Iterator

import gevent
import pytest
from psycopg2 import extensions
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from palais.store import lease, waiting
from tests.database import PATIENCE
from tests.store.stalling import Proxy

ONE = text("SELECT 1")
SLOW = text("SELECT pg_sleep(0.5)")


@pytest.fixture(autouse=True)
def _green(far: Engine) -> Iterator[None]:
    assert far.url  # made, with its database, before anything waits so
    waiting.install()
    with gevent.Timeout(PATIENCE):
        yield
    extensions.set_wait_callback(None)


@pytest.fixture
def no_longer(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Give what ends all patience: until then even a busy machine has time to connect."""

    def begin() -> None:
        monkeypatch.setattr(waiting, "CONNECT_SECONDS", 0.2)
        monkeypatch.setattr(waiting, "ANSWER_SECONDS", 0.2)

    return begin


def test_a_connection_that_is_not_made_in_time_is_given_up(
    far: Engine, proxy: Proxy, no_longer: Callable[[], None]
) -> None:
    proxy.stall()
    no_longer()
    with pytest.raises(OperationalError, match="has said nothing"), far.connect():
        pass


def test_an_answer_that_does_not_come_costs_the_connection(
    far: Engine, proxy: Proxy, no_longer: Callable[[], None]
) -> None:
    with far.connect() as conn:
        conn.execute(ONE)
        proxy.stall()
        no_longer()
        with pytest.raises(OperationalError, match="has said nothing") as caught:
            conn.execute(ONE)
        assert caught.value.connection_invalidated


def test_the_holder_of_the_lease_waits_for_a_slow_answer(
    far: Engine, no_longer: Callable[[], None]
) -> None:
    held = lease.acquire(far).lease
    assert held is not None
    no_longer()
    with held.conn.begin():
        held.conn.execute(SLOW)
    held.release()


def test_others_run_while_one_waits(far: Engine) -> None:
    with far.connect() as conn:
        waiter = gevent.spawn(conn.execute, text("SELECT pg_sleep(0.1)"))
        gevent.sleep(0)
        assert not waiter.ready()
        waiter.get()
