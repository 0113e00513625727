"""The proof on the real thing: the ledger is what the mock model billed, call by call."""

import json
import secrets
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cockpit import Cockpit
from tests.rig.gateway import RealGateway
from tests.rig.process import wait_until
from tests.rig.state import PRICES, UNPRICED
from tests.rig.wire import Wire

pytestmark = pytest.mark.gateway
Json = dict[str, Any]


@pytest.fixture
def cockpit(real_gateway: RealGateway, tmp_path: Path) -> Iterator[Cockpit]:
    """Start a cockpit of its own beside the gateway."""
    with Cockpit(tmp_path, real_gateway.url, real_gateway.token) as cockpit:
        wait_until(lambda: cockpit.gateway()["state"] == "connected", timeout=60, what="connected")
        yield cockpit


class Books:
    """What was billed and what was counted since these books were opened."""

    def __init__(self, cockpit: Cockpit, gateway: RealGateway) -> None:
        self._cockpit, self._gateway = cockpit, gateway
        self._since = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._seen = len(self._answers())

    def billed(self) -> list[Json]:
        """Return the finished answers of the model but those for the gateway's own recaps."""
        answers = self._answers()[self._seen :]
        return [one for one in answers if one["usage"] and not one["utility"]]

    def counted(self) -> list[Json]:
        """Return the ledger's entries."""
        return list(self._cockpit.get(f"/api/v1/ledger?limit=200&from={self._since}"))

    def agree(self) -> bool:
        """Whether each answer of the model is an entry of the ledger, to the token and the cent."""
        billed = Counter(_bill(one) for one in self.billed())
        return billed == Counter(_entry(one) for one in self.counted())

    def _answers(self) -> list[Json]:
        file = self._gateway.ledger
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def _bill(answer: Json) -> tuple[object, ...]:
    usage = answer["usage"]
    cached = usage["prompt_tokens_details"]["cached_tokens"]
    fresh, made = usage["prompt_tokens"] - cached, usage["completion_tokens"]
    price = PRICES.get(answer["model"])
    amounts = ((fresh, "input"), (cached, "cacheRead"), (made, "output"))
    dollars = None if price is None else sum(n * price[kind] for n, kind in amounts) / 1e6
    return answer["model"], fresh, cached, made, dollars and round(dollars, 9)


def _entry(entry: Json) -> tuple[object, ...]:
    amounts = entry["tokensIn"], entry["cacheRead"], entry["tokensOut"]
    assert entry["tokens"] == sum(amounts) + entry["cacheWrite"]
    cost = entry["cost"]
    return entry["model"].rpartition("/")[2], *amounts, cost and round(cost, 9)


def told_costs(gateway: RealGateway, conversation: str) -> list[float | None]:
    """Return what the gateway says that each model call of a conversation cost."""
    told = gateway.wire.ask("chat.history", {"sessionKey": conversation, "limit": 200})["messages"]
    return [one["usage"].get("cost", {}).get("total") for one in told if one["role"] == "assistant"]


def test_the_ledger_is_what_the_model_billed_to_the_token(
    cockpit: Cockpit, real_gateway: RealGateway
) -> None:
    nonce = f"n{secrets.token_hex(4)}"
    books = Books(cockpit, real_gateway)
    main = f"agent:concierge:{nonce}"
    task = json.dumps({"agentId": "writer", "task": f"haiku {nonce}"})
    real_gateway.start_run("builder", f"{nonce} [[tools]]", f"agent:builder:{nonce}")
    real_gateway.start_run("concierge", f"{nonce} [[tool sessions_spawn {task}]]", main)
    real_gateway.start_run("archivist", f"{nonce} hello", f"agent:archivist:{nonce}")

    agents = {"builder", "concierge", "writer", "archivist"}
    wait_until(
        lambda: (
            {one["agentId"] for one in books.counted()} == agents
            and not real_gateway.active_agents()
            and books.agree()
        ),
        timeout=120,
        what="a ledger that is what the model billed",
    )

    counted = books.counted()
    assert len(counted) >= 3 + 2 + 1 + 1
    assert {one["basis"] for one in counted} == {"gateway", "unknown"}
    assert {one["agentId"] for one in counted if one["basis"] == "unknown"} == {"archivist"}
    assert {one["model"] for one in counted if one["basis"] == "unknown"} == {f"mock/{UNPRICED}"}
    sessions = {row["id"]: row for agent in agents for row in cockpit.sessions(agent)}
    for session_id in {one["sessionId"] for one in counted}:
        own = [one for one in counted if one["sessionId"] == session_id]
        assert sessions[session_id]["tokens"] == sum(one["tokens"] for one in own)

    [unpriced] = told_costs(real_gateway, f"agent:archivist:{nonce}")
    assert unpriced == 0, "what a gateway tells of a model without a price is no longer 0"

    with Wire(real_gateway.url, real_gateway.token, "operator.read", "operator.admin") as admin:
        admin.ask("sessions.delete", {"key": f"agent:builder:{nonce}"})
    later = Books(cockpit, real_gateway)
    real_gateway.start_run("messenger", f"{nonce} later")
    wait_until(lambda: later.counted() and later.agree(), timeout=60, what="a later entry")
    assert books.counted()[len(later.counted()) :] == counted
