"""The proof on the real thing: a run with two tools and a sub-agent is a tree, while it grows."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, text

from palais.store import embedded
from tests.e2e.cockpit import Cockpit, Stream
from tests.rig.gateway import RealGateway
from tests.rig.process import wait_until

pytestmark = pytest.mark.gateway
Json = dict[str, Any]


@pytest.fixture
def cockpit(real_gateway: RealGateway, tmp_path: Path) -> Iterator[Cockpit]:
    """Start a cockpit of its own beside the gateway."""
    with Cockpit(tmp_path, real_gateway.url, real_gateway.token) as cockpit:
        wait_until(lambda: cockpit.gateway()["state"] == "connected", timeout=60, what="connected")
        yield cockpit


def watched(stream: Stream) -> dict[str, dict[str, Json]]:
    """Return the steps of each session as a viewer of the stream has them."""
    found: dict[str, dict[str, Json]] = {}
    for event in stream.events:
        if event.data.get("type") in {"span.started", "span.completed"}:
            span = event.data["span"]
            found.setdefault(event.data["sessionId"], {}).setdefault(span["id"], {}).update(span)
    return found


def tree(steps: dict[str, Json], parent: str | None = None, indent: str = "") -> list[str]:
    """Return the steps as lines, each below its parent, in the order of their times."""
    below = [step for step in steps.values() if step.get("parentId") == parent]
    lines = []
    for step in sorted(below, key=lambda step: str(step.get("startedAt"))):
        lines.append(f"{indent}{step['type']} {step['name']} {step['status']}")
        lines += tree(steps, step["id"], indent + "  ")
    return lines


def recorded(cockpit: Cockpit, session_id: str) -> dict[str, Json]:
    """Return the steps of a session as the database has them, in the stream's names."""
    query = text("""
        SELECT id, parent_id AS "parentId", type, name, status, child_session_id AS "childSessionId"
        FROM agent_spans WHERE session_id = :session ORDER BY started_at
    """)
    engine = create_engine(embedded.address(cockpit.folder / "instance"), poolclass=NullPool)
    with engine.connect() as conn:
        return {row.id: dict(row._mapping) for row in conn.execute(query, {"session": session_id})}


TREE = [
    "llm_call mock-large ok",
    "  tool_call exec ok",
    "llm_call mock-large ok",
    "  tool_call read ok",
    "llm_call mock-large ok",
    "  tool_call tool_call ok",
    "    delegation sessions_spawn ok",
    "llm_call mock-large ok",
]
"""What openclaw offers by tool search alone is called inside of a call of ``tool_call``."""


def test_a_run_with_two_tools_and_a_sub_agent_is_the_right_tree_live(
    cockpit: Cockpit, real_gateway: RealGateway
) -> None:
    nonce = f"n{secrets.token_hex(4)}"
    with cockpit.stream() as stream:
        run_id = real_gateway.start_run("concierge", f"{nonce} [[spawn writer haiku {nonce}]]")
        for agent_id in ("concierge", "writer"):
            stream.wait_for(
                lambda event, it=agent_id: event.is_end_of(it), 60, f"the end of {agent_id}'s run"
            )
        parent = cockpit.session_of("concierge", run_id) or {}
        # A message may come after the end of its run.
        wait_until(lambda: tree(watched(stream)[parent["id"]]) == TREE, timeout=30, what="the tree")
        steps = watched(stream)
    live, kept = steps[parent["id"]], recorded(cockpit, parent["id"])
    assert {key: {name: step.get(name) for name in kept[key]} for key, step in live.items()} == kept

    delegation = next(step for step in live.values() if step["type"] == "delegation")
    assert delegation["childAgentId"] == "writer"
    child = steps[delegation["childSessionId"]]
    assert tree(child) == ["llm_call mock-large ok"]
    figures = ("tokensIn", "tokensOut", "cacheRead", "cacheWrite")
    calls = [step for step in live.values() if step["type"] == "llm_call"]
    assert sum(call[name] for call in calls for name in figures) == parent["tokens"]
