"""A gateway that talks nonsense, falls silent or goes away: the listener goes on."""

import itertools
import re
from collections.abc import Iterator
from random import Random

import pytest

from palais.errors import GatewayError
from palais.gateway import attempts
from palais.gateway import connection as connections
from tests.database import Database
from tests.gateway.frames import challenge
from tests.runtime.scripted import HELLO, TASKS, FakeTransport, Script, States, Until, busy, frame
from tests.store.rows import NOW


def on_record(database: Database) -> Until:
    """Say nothing more until what was said is committed."""
    return Until(lambda: database.value("SELECT count(*) FROM agents"))


def closed(script: Script) -> Until:
    """Say nothing more until the listener hangs up."""
    return Until(lambda: script.dialled[0].closed)


def test_frames_of_unknown_agents_are_counted_and_the_next_one_is_handled(
    script: Script, database: Database
) -> None:
    strangers = [frame("agent.status", "stranger", status="busy") for _ in range(3)]

    script.play([HELLO, *strangers, frame("agent.status", status="error")])

    assert script.listener.faults["an event of an unknown agent"] == 3
    assert database.run("SELECT id, status FROM agents") == [("builder", "error")]


@pytest.mark.parametrize("bad", ["{", "[]", "null", '{"type":7}', '{"type":"agent.status"}', ""])
def test_a_frame_that_makes_no_sense_is_counted_and_the_next_one_is_handled(
    script: Script, database: Database, bad: str
) -> None:
    script.play([HELLO, bad, bad, frame("agent.status", status="error")])

    assert sum(script.listener.faults.values()) == 2
    assert database.value("SELECT status FROM agents") == "error"


def test_a_silent_gateway_is_given_up(script: Script, states: States) -> None:
    def fall_silent() -> None:
        script.dialled[0].heard_at -= 1_000

    script.play([HELLO, states.until("connected"), fall_silent, closed(script)], [states.note])

    [(state, reason, _)] = states.noted
    assert state == "offline"
    assert re.match(r"The gateway has been silent for 10\d\d seconds", str(reason))
    assert script.dialled[0].closed


def test_a_gateway_that_challenges_and_then_says_nothing_is_given_up(
    script: Script, states: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HELLO_SECONDS", 0.0)

    script.play([challenge(NOW), closed(script)], [states.note])

    said = "The gateway did not answer the connect request."
    assert states.noted == [("offline", said, "NO_ANSWER")]


def test_what_was_read_before_a_connection_broke_is_on_record(
    script: Script, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_transport: FakeTransport) -> None:
        raise GatewayError("The connection was lost (while speaking).")

    monkeypatch.setattr(connections, "PING_SECONDS", 0.0)
    monkeypatch.setattr(connections, "BATCH", 1)
    monkeypatch.setattr(FakeTransport, "ping", broken)

    script.play([HELLO, busy("1"), busy("2"), busy("3")])

    assert database.run(TASKS) == [("1",), ("2",), ("3",)]


def test_a_quiet_gateway_is_asked_for_a_sign_of_life(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PING_SECONDS", 0.0)

    script.play([HELLO, Until(lambda: script.dialled[0].pings)])

    assert script.dialled[0].closed


def test_attempts_come_further_and_further_apart_until_a_connection_was_healthy(
    script: Script, states: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[list[int]] = []

    def counted(_random: Random) -> Iterator[float]:
        used.append([])
        for number in itertools.count():
            used[-1].append(number)
            yield 0.001

    monkeypatch.setattr(attempts, "delays", counted)
    monkeypatch.setattr(attempts, "HEALTHY_SECONDS", 0.0)

    away = GatewayError("away")
    script.play(away, away, away, [HELLO, states.until("connected")], away)

    assert used[0] == [0, 1, 2]
    assert used[-1] == [0, 1, 2]


def test_a_gateway_that_listens_again_is_dialled_at_once(
    script: Script, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "PROBE_SECONDS", 0.001)
    monkeypatch.setattr(attempts, "delays", lambda _random: itertools.repeat(3600.0))
    looked = iter([False, False, False, True])
    script.reachable = lambda: next(looked, True)

    script.play(GatewayError("away"), [HELLO, on_record(database), script.listener.stop])

    assert next(looked, None) is None
    assert database.value("SELECT name FROM agents") == "Imhotep"


def test_a_gateway_that_says_when_to_come_again_is_taken_at_its_word(
    script: Script, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "delays", lambda _random: itertools.repeat(3600.0))

    starting = GatewayError("It is starting.", retry_after=0.001)
    script.play(starting, [HELLO, on_record(database), script.listener.stop])

    assert database.value("SELECT name FROM agents") == "Imhotep"


def test_a_fault_of_our_own_ends_a_connection_and_not_the_listener(
    script: Script, database: Database, palais_log: pytest.LogCaptureFixture
) -> None:
    script.play(RuntimeError("a bug"), [HELLO])

    assert "The listener failed; it starts again." in palais_log.text
    assert database.value("SELECT name FROM agents") == "Imhotep"
