"""The proof on the real thing: a cockpit of its own beside a running OpenClaw gateway.

The tests share one gateway and one cockpit; the one that kills the gateway comes last.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cockpit import Cockpit, Stream
from tests.rig.gateway import RealGateway
from tests.rig.process import RigError, wait_until
from tests.rig.state import PRICES
from tests.rig.wire import Wire

pytestmark = pytest.mark.gateway
Json = dict[str, Any]
SOON = 30.0 if os.environ.keys() & {"PYTEST_XDIST_WORKER", "PALAIS_TEST_LANE"} else 5.0
"""Seconds that Palais may take; more where other tests run beside this one."""

OVER = {"failed", "aborted", "lost", "completed"}


@pytest.fixture(scope="module")
def cockpit(
    real_gateway: RealGateway, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cockpit]:
    folder = tmp_path_factory.mktemp("cockpit")
    with Cockpit(folder, real_gateway.url, real_gateway.token) as cockpit:
        eventually(lambda: cockpit.gateway()["state"], "connected", timeout=60)
        eventually(lambda: set(cockpit.statuses().values()), {"idle"}, timeout=30)
        yield cockpit


@pytest.fixture
def stream(cockpit: Cockpit) -> Iterator[Stream]:
    """Open a stream on a quiet court."""
    eventually(cockpit.busy, set())
    with cockpit.stream() as stream:
        yield stream


@pytest.fixture
def observer(real_gateway: RealGateway) -> Iterator[Wire]:
    """Watch the gateway itself, beside Palais."""
    with real_gateway.observer() as observer:
        yield observer


@pytest.fixture
def nonce(real_gateway: RealGateway) -> Iterator[str]:
    """Give a word that no other run has; what is held by it is let go at the end."""
    nonce = f"n{secrets.token_hex(4)}"
    yield nonce
    real_gateway.release(nonce)


def eventually(read: Callable[[], object], expected: object, timeout: float = SOON) -> None:
    """Read until it is as expected; at the end of the patience show the difference."""
    try:
        wait_until(lambda: read() == expected, timeout=timeout, what=repr(expected))
    except RigError:
        assert read() == expected


def finished(cockpit: Cockpit, agent_id: str, run_id: str, timeout: float = 30.0) -> Json:
    """Wait until the session of this run is over and its account is there."""

    def session() -> Json | None:
        found = cockpit.session_of(agent_id, run_id)
        return found if found and found["status"] != "running" and found["endedAt"] else None

    what = f"the end of {agent_id}'s session of run {run_id}"
    return wait_until(session, timeout=timeout, what=what) or {}


def account(entries: list[Json]) -> tuple[int, float]:
    """Add up what the model billed: tokens, and dollars by the configured prices."""
    tokens, dollars = 0, 0.0
    for entry in entries:
        usage, price = entry["usage"], PRICES[entry["model"]]
        cached = usage["prompt_tokens_details"]["cached_tokens"]
        tokens += usage["total_tokens"]
        dollars += (usage["prompt_tokens"] - cached) * price["input"] / 1e6
        dollars += cached * price["cacheRead"] / 1e6
        dollars += usage["completion_tokens"] * price["output"] / 1e6
    return tokens, dollars


def assert_account(cockpit: Cockpit, agent_id: str, run_id: str, entries: list[Json]) -> None:
    """Compare a session's tokens and cost with the model's own ledger."""
    tokens, dollars = account(entries)
    eventually(lambda: (cockpit.session_of(agent_id, run_id) or {}).get("tokens"), tokens)
    cost = (cockpit.session_of(agent_id, run_id) or {})["cost"]
    assert cost == pytest.approx(dollars)
    assert cost > 0


def test_the_agents_of_the_gateway_are_the_court(
    cockpit: Cockpit, real_gateway: RealGateway
) -> None:
    assert cockpit.gateway()["state"] == "connected"
    ids = {row["id"] for row in real_gateway.wire.ask("agents.list")["agents"]}
    eventually(lambda: set(cockpit.agents()), ids)
    agents = cockpit.agents().values()
    assert {agent["status"] for agent in agents} == {"idle"}
    assert all(agent["statusObserved"] for agent in agents)


def test_a_seeded_persona_keeps_its_name_and_a_newcomer_brings_its_own(cockpit: Cockpit) -> None:
    agents = cockpit.agents()
    names = {agent_id: agents[agent_id]["name"] for agent_id in ("builder", "cfo", "archivist")}
    assert names == {"builder": "Imhotep", "cfo": "CFO", "archivist": "Archivist"}


def test_a_run_makes_exactly_its_agent_busy_and_then_idle(
    cockpit: Cockpit, real_gateway: RealGateway, stream: Stream, nonce: str
) -> None:
    real_gateway.start_run("builder", f"{nonce} [[hold {nonce}]]")
    busy = stream.wait_status("builder", "busy")
    assert cockpit.busy() == {"builder"}
    assert cockpit.agents()["builder"]["activeSessions"] == 1
    real_gateway.release(nonce)
    stream.wait_status("builder", "idle", after=busy)
    assert cockpit.busy() == set()


def test_a_run_leaves_a_session_with_its_model_its_tokens_its_cost_and_its_answer(
    cockpit: Cockpit, real_gateway: RealGateway, stream: Stream, nonce: str
) -> None:
    run_id = real_gateway.start_run("writer", f"Bonjour {nonce}")
    assert finished(cockpit, "writer", run_id, timeout=30)["status"] == "completed"
    assert_account(cockpit, "writer", run_id, real_gateway.billed(nonce))
    session = cockpit.session_of("writer", run_id) or {}
    assert session["model"].removeprefix("mock/") == "mock-large"
    assert session["conversation"] == "agent:writer:main"
    assert session["summary"] == f"Mock answer to: Bonjour {nonce}"


def test_each_model_call_of_a_run_with_tools_is_counted_once(
    cockpit: Cockpit, real_gateway: RealGateway, stream: Stream, nonce: str
) -> None:
    run_id = real_gateway.start_run("marketer", f"{nonce} [[tools]]")
    finished(cockpit, "marketer", run_id, timeout=45)
    entries = real_gateway.billed(nonce)
    assert [entry["calls"] for entry in entries] == [["exec"], ["exec", "read"], []]
    assert_account(cockpit, "marketer", run_id, entries)


def test_agents_that_work_at_once_are_busy_within_a_second_of_their_first_frame(
    cockpit: Cockpit, real_gateway: RealGateway, stream: Stream, observer: Wire, nonce: str
) -> None:
    """The one bound on time that the product promises: both moments are of one clock."""
    runs = {
        agent_id: real_gateway.start_run(agent_id, f"{nonce} [[hold {nonce}]]")
        for agent_id in ("builder", "artist", "tutor")
    }
    busy = {agent_id: stream.wait_status(agent_id, "busy") for agent_id in runs}
    lags = {
        agent_id: busy[agent_id].at - observer.first_of(run_id).at
        for agent_id, run_id in runs.items()
    }
    assert cockpit.busy() == set(runs)
    real_gateway.release(nonce)
    for agent_id in runs:
        stream.wait_status(agent_id, "idle", after=busy[agent_id])
    assert max(lags.values()) <= 1.0, lags


def test_a_failing_model_shows_as_an_error_until_the_next_good_run(
    cockpit: Cockpit, real_gateway: RealGateway, stream: Stream, nonce: str
) -> None:
    aside = f"agent:explorer:{nonce}"  # apart: a failed message stays in its conversation
    failing = real_gateway.start_run("explorer", f"{nonce} [[error 400]]", aside)
    error = stream.wait_status("explorer", "error")
    assert finished(cockpit, "explorer", failing)["status"] == "failed"
    good = real_gateway.start_run("explorer", f"{nonce} again")
    stream.wait_status("explorer", "idle", after=error)
    assert finished(cockpit, "explorer", good)["status"] == "completed"


def test_an_aborted_run_is_aborted_and_its_agent_idle(
    cockpit: Cockpit, real_gateway: RealGateway, stream: Stream, observer: Wire, nonce: str
) -> None:
    run_id = real_gateway.start_run("writer", f"{nonce} [[hold {nonce}]]")
    busy = stream.wait_status("writer", "busy")
    observer.model_of(run_id)
    real_gateway.abort("agent:writer:main", run_id)
    stream.wait_status("writer", "idle", after=busy)
    assert finished(cockpit, "writer", run_id)["status"] == "aborted"
    assert "writer" not in cockpit.busy()


def test_a_run_from_telegram_is_seen_from_its_start_to_its_end(
    cockpit: Cockpit, real_gateway: RealGateway, stream: Stream, observer: Wire, nonce: str
) -> None:
    observer.ask("sessions.messages.subscribe", {"key": "agent:concierge:main"})
    real_gateway.inject_telegram(f"{nonce} [[hold {nonce}]]")
    busy = stream.wait_status("concierge", "busy", timeout=45)
    real_gateway.release(nonce)
    idle = stream.wait_status("concierge", "idle", after=busy)
    end = observer.wait_for(
        lambda arrival: arrival.ends_a_run and arrival.payload.get("agentId") == "concierge",
        10,
        "the end of the run from Telegram",
    )
    assert idle.at - end.at <= 5.0
    assert end.run_id
    assert finished(cockpit, "concierge", end.run_id)["status"] == "completed"
    assert_account(cockpit, "concierge", end.run_id, real_gateway.billed(nonce))


def test_the_activity_tells_who_started_and_who_ended(
    cockpit: Cockpit, real_gateway: RealGateway, stream: Stream, nonce: str
) -> None:
    run_id = real_gateway.start_run("messenger", nonce)
    session = finished(cockpit, "messenger", run_id, timeout=30)
    told = [entry for entry in cockpit.activity() if entry["sessionId"] == session["id"]]
    assert {entry["agentId"] for entry in told} == {"messenger"}
    newest_first = [entry["type"] for entry in told]
    assert newest_first.index("session.completed") < newest_first.index("session.started")


def test_a_wrong_token_is_explained_and_the_cockpit_stays_up(
    real_gateway: RealGateway, tmp_path: Path
) -> None:
    with Cockpit(tmp_path, real_gateway.url, "wrong-token") as cockpit:
        eventually(lambda: cockpit.gateway()["state"], "refused", timeout=60)
        assert "OPENCLAW_GATEWAY_TOKEN" in cockpit.gateway()["reason"]
        assert cockpit.health()["status"] == "ok"
        assert cockpit.running


def test_a_gateway_that_dies_at_work_is_out_of_sight_and_soon_seen_again(
    cockpit: Cockpit, real_gateway: RealGateway, stream: Stream, observer: Wire, nonce: str
) -> None:
    run_id = real_gateway.start_run("artist", f"{nonce} [[hold {nonce}]]")
    stream.wait_status("artist", "busy")
    observer.model_of(run_id)
    before = cockpit.statuses()
    try:
        real_gateway.kill()
        lost = stream.wait_gateway("connecting", "offline", timeout=30)
        assert cockpit.gateway()["state"] != "connected"
        assert not any(agent["statusObserved"] for agent in cockpit.agents().values())
        assert cockpit.statuses() == before
    finally:
        real_gateway.start()
    ready = time.monotonic()
    try:
        eventually(lambda: disagreement(cockpit, real_gateway), ("connected", set(), set()))
        assert stream.wait_gateway("connected", timeout=1, after=lost).at - ready <= SOON
    finally:
        real_gateway.release(nonce)  # the gateway resumes what it can, under a new run id
    eventually(cockpit.busy, set(), timeout=60)
    assert finished(cockpit, "artist", run_id)["status"] in OVER


def disagreement(cockpit: Cockpit, gateway: RealGateway) -> tuple[str, set[str], set[str]]:
    """Give the connection's state, the agents out of sight, and those wrongly busy or not."""
    agents = cockpit.agents()
    unseen = {agent_id for agent_id, agent in agents.items() if not agent["statusObserved"]}
    return cockpit.gateway()["state"], unseen, cockpit.busy() ^ gateway.active_agents()
