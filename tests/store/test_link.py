"""The state of the gateway connection, as every process sees it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from palais.store import journal, link
from palais.store.link import LinkFacts, LinkState
from tests.database import Database

ROW = "SELECT state, reason, code, protocol, server_version, boot_id, url FROM gateway"
LONG_AGO = "UPDATE gateway SET since = '2020-01-01T00:00Z'"
MOVED = "SELECT since > now() - interval '1 hour' FROM gateway"
HELLO = LinkFacts(LinkState.CONNECTED, None, None, 4, "2026.9.6", "boot-1", "ws://gateway")


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as conn:
        yield conn


def test_what_the_gateway_said_of_itself_is_on_record(conn: Connection, database: Database) -> None:
    link.record(conn, HELLO)

    assert database.run(ROW) == [("connected", None, None, 4, "2026.9.6", "boot-1", "ws://gateway")]


def test_a_refusal_is_on_record_with_its_reason_and_kind(
    conn: Connection, database: Database
) -> None:
    link.record(conn, LinkFacts(LinkState.REFUSED, "Wrong token.", "AUTH_TOKEN_MISMATCH"))

    assert database.run("SELECT state, reason, code FROM gateway") == [
        ("refused", "Wrong token.", "AUTH_TOKEN_MISMATCH")
    ]


def test_an_old_reason_does_not_outlive_its_state(conn: Connection, database: Database) -> None:
    link.record(conn, LinkFacts(LinkState.REFUSED, "Wrong token.", "AUTH_TOKEN_MISMATCH"))

    link.record(conn, HELLO)

    assert database.run("SELECT reason, code FROM gateway") == [(None, None)]


@pytest.mark.parametrize("state", list(LinkState))
def test_since_moves_when_the_state_does(
    conn: Connection, database: Database, state: LinkState
) -> None:
    before = LinkState.OFFLINE if state is not LinkState.OFFLINE else LinkState.CONNECTED
    link.record(conn, LinkFacts(before))
    database.run(LONG_AGO)

    link.record(conn, LinkFacts(state))

    assert database.value(MOVED) is True


@pytest.mark.parametrize("state", list(LinkState))
def test_since_stays_while_the_state_does(
    conn: Connection, database: Database, state: LinkState
) -> None:
    link.record(conn, LinkFacts(state, reason="The first attempt failed."))
    database.run(LONG_AGO)

    link.record(conn, LinkFacts(state, reason="The second attempt failed."))

    assert database.value(MOVED) is False
    assert database.value("SELECT reason FROM gateway") == "The second attempt failed."


@pytest.mark.parametrize("state", [LinkState.OFFLINE, LinkState.CONNECTING, LinkState.REFUSED])
def test_a_gateway_out_of_sight_is_remembered_by_its_last_boot(
    conn: Connection, state: LinkState
) -> None:
    link.record(conn, HELLO)

    link.record(conn, LinkFacts(state))

    assert link.memory(conn) == ("boot-1", None)


def test_a_gateway_never_seen_has_no_memory(conn: Connection) -> None:
    assert link.memory(conn) == (None, None)


def test_the_last_moment_observed_is_remembered_to_the_millisecond(conn: Connection) -> None:
    journal.commit(conn, [], observed_at=1_764_000_000_123)

    assert link.memory(conn) == (None, 1_764_000_000_123)


def test_when_the_gateway_was_first_observed_is_noted_once(
    conn: Connection, database: Database
) -> None:
    first = "SELECT first_observed_at FROM gateway"
    link.record(conn, LinkFacts(LinkState.CONNECTING))
    assert database.value(first) is None
    link.record(conn, HELLO)
    noted = database.value(first)
    assert noted is not None

    link.record(conn, LinkFacts(LinkState.OFFLINE))
    link.record(conn, HELLO)

    assert database.value(first) == noted
