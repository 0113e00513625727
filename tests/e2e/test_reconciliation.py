"""Our ledger beside the figures of a real gateway, before and after a conversation is deleted."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cockpit import Cockpit
from tests.e2e.test_real_gateway import account, finished
from tests.rig.gateway import RealGateway
from tests.rig.process import wait_until
from tests.rig.wire import Wire

pytestmark = pytest.mark.gateway
Json = dict[str, Any]
PATIENCE = 150.0
"""Seconds: Palais asks soon after a run, and the gateway answers from a cache for half a minute."""


@pytest.fixture
def admin(real_gateway: RealGateway) -> Iterator[Wire]:
    """Give somebody who may delete conversations."""
    scopes = ("operator.read", "operator.write", "operator.admin")
    with Wire(real_gateway.url, real_gateway.token, *scopes) as wire:
        yield wire


def sums(cockpit: Cockpit, agent_id: str) -> Json:
    """Return an agent's balance of today, or of the two days around midnight."""
    rows = [
        row
        for row in cockpit.get("/api/v1/reconciliation?days=2")["rows"]
        if row["agentId"] == agent_id
    ]
    found: dict[str, list[float]] = {}
    for row in rows:
        told = {"ours": row["ours"], "gateway": row["gateway"] or {"tokens": 0, "cost": 0}}
        told |= {part["reason"]: part for part in row["parts"]}
        for name, amount in told.items():
            before = found.get(name, [0, 0.0])
            found[name] = [before[0] + amount["tokens"], before[1] + amount["cost"]]
    return found


def until(read: Callable[[], Json], holds: Callable[[Json], bool], what: str) -> Json:
    return wait_until(lambda: (it := read()) and holds(it) and it, timeout=PATIENCE, what=what)


def test_the_books_agree_to_the_token_and_a_deleted_conversation_explains_the_rest(
    real_gateway: RealGateway, admin: Wire, tmp_path: Path
) -> None:
    nonce = f"n{secrets.token_hex(4)}"
    kept, doomed = f"agent:cfo:{nonce}", f"agent:maintainer:{nonce}"
    with Cockpit(tmp_path, real_gateway.url, real_gateway.token) as cockpit:
        wait_until(lambda: cockpit.gateway()["state"] == "connected", timeout=60, what="connected")
        before = {agent_id: sums(cockpit, agent_id) for agent_id in ("cfo", "maintainer")}
        runs = {
            "cfo": real_gateway.start_run("cfo", f"{nonce} a [[tools]]", kept),
            "maintainer": real_gateway.start_run("maintainer", f"{nonce} b", doomed),
        }
        billed = {}
        for agent_id, run_id in runs.items():
            assert finished(cockpit, agent_id, run_id, timeout=60)["status"] == "completed"
            word = "a" if agent_id == "cfo" else "b"
            billed[agent_id] = account(real_gateway.billed(f"{nonce} {word}"))

        for agent_id, (tokens, dollars) in billed.items():
            told = until(
                lambda agent_id=agent_id: sums(cockpit, agent_id),  # type: ignore[misc]
                lambda told: told["gateway"] == pytest.approx(told["ours"]),
                f"the gateway's figures of {agent_id}",
            )
            assert before[agent_id] == {}, "somebody used this agent before"
            assert told["ours"] == [tokens, pytest.approx(dollars)]
            assert set(told) == {"ours", "gateway"}

        deleted = admin.ask("sessions.delete", {"key": doomed})
        for path in deleted["archived"]:  # for as long as it has these, it counts them
            Path(path).unlink()
        told = until(
            lambda: sums(cockpit, "maintainer"),
            lambda told: "deleted" in told,
            "the deletion in the books",
        )

        tokens, dollars = billed["maintainer"]
        assert told["deleted"] == told["ours"] == [tokens, pytest.approx(dollars)]
        assert set(told) == {"ours", "gateway", "deleted"}
        assert told["gateway"] == [0, 0]
        total = cockpit.get("/api/v1/reconciliation?days=2")["total"]
        assert total["explained"] is True
        assert total["deletedConversations"] == 1
