"""The gateway's first words: the challenge, and the welcome after a successful handshake."""

from collections.abc import Iterable, Sequence
from typing import Any

from palais.demo.handshake import PROTOCOL
from palais.demo.roster import DEFAULT
from palais.version import VERSION

TICK_MS = 30_000
MAX_PAYLOAD = 25 * 1024 * 1024
EVENTS = (
    "connect.challenge",
    "agent",
    "chat",
    "session.message",
    "session.tool",
    "sessions.changed",
    "task",
    "health",
    "tick",
    "shutdown",
)


def challenge(nonce: str, now: int) -> dict[str, Any]:
    """Return the event that opens every connection."""
    return {
        "type": "event",
        "event": "connect.challenge",
        "payload": {"nonce": nonce, "ts": now, "capabilities": []},
    }


def hello_ok(
    boot_id: str, scopes: Sequence[str], methods: Iterable[str], health: dict[str, Any], uptime: int
) -> dict[str, Any]:
    """Return the payload that answers ``connect``."""
    return {
        "type": "hello-ok",
        "protocol": PROTOCOL,
        "server": {"version": f"demo-{VERSION}", "bootId": boot_id},
        "features": {"methods": sorted(methods), "events": EVENTS, "capabilities": []},
        "snapshot": {
            "suspension": {"phase": "accepting"},
            "presence": [],
            "health": health,
            "stateVersion": {"presence": 1, "health": 1},
            "uptimeMs": uptime,
            "sessionDefaults": {
                "defaultAgentId": DEFAULT.id,
                "mainKey": "main",
                "mainSessionKey": DEFAULT.main_key,
                "scope": "per-sender",
            },
        },
        "auth": {"method": "token", "role": "operator", "scopes": list(scopes)},
        "policy": {
            "maxPayload": MAX_PAYLOAD,
            "maxBufferedBytes": 2 * MAX_PAYLOAD,
            "tickIntervalMs": TICK_MS,
        },
    }
