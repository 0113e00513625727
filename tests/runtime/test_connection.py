"""Whether a connection lives, and who has to look for it."""

import pytest
from gevent.event import Event as Flag

from palais.errors import GatewayError
from palais.gateway import connection as connections
from palais.gateway.connection import Connection
from palais.gateway.identity import Identity
from palais.gateway.link import Link, Memory
from tests.runtime.scripted import FakeTransport


@pytest.fixture
def connection() -> Connection:
    """Give a connection of which nothing has been heard for a thousand seconds."""
    link = Link(Identity.from_seed(bytes(32)), None, Memory(), lambda: "an-id")
    transport = FakeTransport([], {})
    transport.heard_at -= 1_000
    return Connection(transport, link, Flag())  # type: ignore[arg-type]


def test_a_gateway_that_is_silent_is_given_up(connection: Connection) -> None:
    with pytest.raises(GatewayError, match=r"silent for 10\d\d seconds"):
        connection.check()


def test_a_gateway_is_not_given_up_because_nobody_looked(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "ABSENT_SECONDS", -1.0)

    connection.check()

    monkeypatch.setattr(connections, "ABSENT_SECONDS", 5.0)
    connection.check()


def test_the_moment_at_which_it_was_last_heard_is_never_a_later_one(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.transport.heard_at = 0.0006
    monkeypatch.setattr(connections.time, "monotonic", lambda: 1.0)

    assert connection.heard_at(now=1_000) == 0
