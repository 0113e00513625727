"""Server-Sent Events, encoded. See the WHATWG HTML standard, section 9.2."""

import time
from typing import Final

from palais.live.hub import Broadcast
from palais.store import wire
from palais.store.views import GatewayView, Head

RETRY: Final = b"retry: 3000\n\n"
RESET: Final = b"event: reset\ndata: {}\n\n"


def event(name: str, data: str, event_id: str | None = None) -> bytes:
    """Return one event; ``data`` is JSON without line breaks."""
    head = f"id: {event_id}\n" if event_id is not None else ""
    return f"{head}event: {name}\ndata: {data}\n\n".encode()


def agent_event(epoch: str, row_id: int, agent_id: str | None, kind: str, data: str) -> Broadcast:
    """Return a line of history as viewers get it; its id is the cursor after it."""
    return Broadcast(event("agent", data, f"{epoch}.{row_id}"), row_id, agent_id, kind)


def presence_event(agent_id: str, data: str) -> Broadcast:
    """Return a sign of life: no history, hence no id."""
    return Broadcast(event("agent", data), None, agent_id, "agent.presence")


def gateway_event(view: GatewayView) -> Broadcast:
    """Return the state of the gateway connection; it passes every filter."""
    body = {
        "state": view.state,
        "since": wire.iso(view.since),
        "reason": view.reason,
        "code": view.code,
        "command": view.command,
    }
    return Broadcast(event("gateway", wire.dumps(body)))


def connected(head: Head) -> bytes:
    """Return the first event of a stream."""
    body = {"ts": _now(), "epoch": head.epoch, "head": head.id}
    return event("connected", wire.dumps(body))


def ping() -> Broadcast:
    """Return the heartbeat that keeps proxies from closing a quiet stream."""
    return Broadcast(event("ping", wire.dumps({"ts": _now()})))


def _now() -> int:
    return time.time_ns() // 1_000_000
