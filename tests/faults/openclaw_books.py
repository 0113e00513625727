"""The accounts of a real gateway's runs, three times over: its own, the model's, and Palais's."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.database import Database
from tests.rig.gateway import RealGateway

Json = dict[str, Any]

USAGE = "SELECT key, tokens FROM usage"
SESSIONS = "SELECT run_id, status, tokens FROM agent_sessions"
OVER = {"completed", "failed", "timeout", "aborted", "lost"}
KINDS = ("input", "output", "cacheRead", "cacheWrite")
HISTORY = 200


def known_to_gateway(gateway: RealGateway, conversations: Iterable[str]) -> dict[str, int]:
    """Return the tokens of each model call that the gateway still knows, by its own id."""
    known: dict[str, int] = {}
    for conversation in conversations:
        asked = {"sessionKey": conversation, "limit": HISTORY}
        for message in gateway.wire.ask("chat.history", asked)["messages"]:
            usage = message.get("usage") or {}
            tokens = sum(usage.get(kind) or 0 for kind in KINDS)
            if message.get("role") == "assistant" and message.get("provider") != "openclaw":
                known |= {message["__openclaw"]["id"]: tokens} if tokens else {}
    return known


def on_record(database: Database) -> dict[str, int]:
    """Return the tokens of each model call that Palais has counted, by the gateway's id."""
    rows: Any = database.run(USAGE)
    return {key: int(tokens) for key, tokens in rows}


def statuses(database: Database) -> dict[str, str]:
    """Return the status of each run on record."""
    rows: Any = database.run(SESSIONS)
    return {run_id: status for run_id, status, _ in rows}


def tokens_of(database: Database, run_id: str) -> int | None:
    """Return the tokens of one run on record."""
    rows: Any = database.run(f"{SESSIONS} WHERE run_id = :run", run=run_id)
    return rows[0][2] if rows else None


def billed(gateway: RealGateway, nonce: str) -> int:
    """Return the tokens that the model billed for a message."""
    return sum(entry["usage"]["total_tokens"] for entry in gateway.billed(nonce))


def differences(known: Mapping[str, int], counted: Mapping[str, int]) -> list[str]:
    """Say which of the model calls that the gateway knows Palais has not counted as it does."""
    return [
        f"call {key}: {tokens} tokens by the gateway, {counted.get(key)} by Palais"
        for key, tokens in sorted(known.items())
        if counted.get(key) != tokens
    ]
