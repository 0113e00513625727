"""How psycopg2 waits in a process of greenlets: it lets others run, and not for ever.

In this mode libpq heeds no ``connect_timeout``, and a host that vanished behind a proxy is not
noticed by TCP either.
"""

from typing import Any, Final
from weakref import WeakSet

import psycopg2
from psycogreen.gevent import gevent_wait_callback
from psycopg2 import extensions

CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 10.0
"""How long nothing may come of what was asked; more than any query of ours takes."""

_unlimited: WeakSet[Any] = WeakSet()


def install() -> None:
    """Have psycopg2 wait so, from now on."""
    extensions.set_wait_callback(wait)


def without_limit(raw: Any) -> None:
    """Let this connection wait for as long as it takes: somebody else looks after it."""
    _unlimited.add(raw)


def wait(raw: Any) -> None:
    """Wait until the connection can go on (psycopg's documentation, "Support for coroutines").

    Raises psycopg2's OperationalError where nothing comes, upon which psycopg2 closes it.
    """
    seconds = _limit(raw)
    try:
        gevent_wait_callback(raw, timeout=seconds)
    except TimeoutError:
        raise psycopg2.OperationalError(f"Postgres has said nothing for {seconds:g} s.") from None


def _limit(raw: Any) -> float | None:
    if raw in _unlimited:
        return None
    return CONNECT_SECONDS if raw.status == extensions.STATUS_SETUP else ANSWER_SECONDS
