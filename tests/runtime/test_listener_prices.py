"""A model call whose cost nobody told is priced as it is taken in, once for all tables."""

import pytest
from sqlalchemy import Engine

from palais.domain.prices import Price, Prices, Rates, Table
from tests.database import Database
from tests.gateway.frames import event, lifecycle, spent
from tests.runtime.scripted import HELLO, IN_ORDER, Script, States, Until, frame

BASIS = "SELECT basis, cost::float, tokens FROM usage"
PRICES = Prices([Table("2026-11-23", {"mock/large": Price(Rates(1.0, 2.0))})])


@pytest.fixture
def priced(engine: Engine) -> Script:
    return Script(engine, PRICES)


def counted(database: Database) -> Until:
    return Until(lambda: database.value("SELECT count(*) FROM usage") == 1)


def step(**more: object) -> dict[str, object]:
    tokens = {"tokensIn": 1_000_000, "tokensOut": 1_000_000}
    return {"id": "s", "type": "llm_call", "name": "m", "model": "mock/large", **tokens, **more}


@pytest.mark.parametrize(
    ("said", "basis", "cost"),
    [
        ({}, "prices 2026-11-23", 3.0),
        ({"cost": 0.25}, "gateway", 0.25),
        ({"cost": 0}, "gateway", 0.0),
        ({"model": "mock/small"}, "unknown", None),
    ],
)
def test_a_bridge_s_call_has_its_cost_in_session_step_and_ledger_alike(
    priced: Script, database: Database, said: dict[str, object], basis: str, cost: float | None
) -> None:
    started = frame("session.started", sessionId="r")
    done = frame("span.completed", sessionId="r", span=step(**said))

    priced.play([HELLO, started, done, counted(database)])

    assert database.run(BASIS) == [(basis, cost, 2_000_000)]
    assert database.run("SELECT cost::float FROM agent_sessions") == [(cost,)]
    assert database.run("SELECT cost::float FROM agent_spans") == [(cost,)]


def test_a_gateway_s_call_without_a_cost_is_priced(
    priced: Script, database: Database, states: States
) -> None:
    priced.answers = IN_ORDER
    challenge = {"type": "event", "event": "connect.challenge", "payload": {"nonce": "n", "ts": 1}}
    run = [lifecycle("a", "start"), event("session.message", spent("a", "k", cost=None))]

    priced.play([challenge, states.until("connected"), *run, counted(database)])

    assert database.run(BASIS) == [("prices 2026-11-23", 20e-6, 15)]
    assert database.run("SELECT cost::float FROM agent_sessions") == [(20e-6,)]
    assert database.run("SELECT cost::float FROM agent_spans") == [(20e-6,)]


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59Z", "1970-01-20T12:00:00Z"])
def test_a_call_of_an_impossible_time_is_of_today(
    priced: Script, database: Database, at: str
) -> None:
    done = frame("span.completed", sessionId="r", span=step(endedAt=at))

    priced.play([HELLO, frame("session.started", sessionId="r"), done, counted(database)])

    told = "SELECT now() - at BETWEEN '0' AND '1 hour' FROM usage"
    assert database.run(told) == [(True,)]
