"""The read methods of the demo gateway, as functions of its state."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, NamedTuple

from palais.demo import usage
from palais.demo.roster import DEFAULT, ROSTER, agents_list
from palais.demo.simulation import Simulation

Params = dict[str, Any]
WRITES = frozenset({"agent", "chat.send", "chat.abort", "sessions.abort", "sessions.send"})


class Refusal(Exception):  # noqa: N818 - the gateway refuses; nothing went wrong here
    """An answer that says no, in the gateway's words."""

    def __init__(self, code: str, message: str, details: Params | None = None) -> None:
        super().__init__(message)
        self.error: Params = {"code": code, "message": message}
        if details:
            self.error["details"] = details


class Method(NamedTuple):
    """A method: what answers it, the parameters it takes, and the scope it needs."""

    answer: Callable[[Simulation, Params, int], Params]
    params: frozenset[str]
    scope: str | None = "operator.read"


def answer(state: Simulation, name: str, params: Params, scopes: Iterable[str], now: int) -> Params:
    """Answer a request, or raise Refusal as the real gateway would."""
    method = METHODS.get(name)
    scope = method.scope if method else "operator.write" if name in WRITES else "operator.admin"
    if scope and scope not in scopes:
        raise missing_scope(scope)
    if method is None:
        raise Refusal("INVALID_REQUEST", f"unknown method: {name}")
    for key in params.keys() - method.params:
        message = f"invalid {name} params: at root: unexpected property '{key}'"
        raise Refusal("INVALID_REQUEST", message)
    try:
        return method.answer(state, params, now)
    except (TypeError, ValueError):
        raise Refusal("INVALID_REQUEST", f"invalid {name} params") from None


def missing_scope(scope: str) -> Refusal:
    """Say which scope a request would need."""
    details = {"code": "MISSING_SCOPE", "missingScope": scope, "requiredScopes": [scope]}
    return Refusal("FORBIDDEN", f"missing scope: {scope}", details)


def sessions_list(state: Simulation, params: Params, now: int) -> Params:
    """List rows, the latest activity first."""
    rows = [row for row in _rows(state, now) if _wanted(row, params)]
    offset, limit = int(params.get("offset", 0)), int(params.get("limit", 100))
    page = rows[offset : offset + limit]
    more = len(rows) > offset + limit
    return {
        "ts": now,
        "path": "(multiple)",
        "count": len(page),
        "totalCount": len(rows),
        "limitApplied": limit,
        "nextOffset": offset + limit if more else None,
        "hasMore": more,
        "owners": [],
        "sessions": page,
    }


def health(state: Simulation, _params: Params, now: int) -> Params:
    """Say that all is well, and how many conversations each agent has."""
    return {
        "ok": True,
        "ts": now,
        "durationMs": 1,
        "heartbeatSeconds": 0,
        "defaultAgentId": DEFAULT.id,
        "agents": [
            {
                "agentId": agent.id,
                "name": agent.name,
                "isDefault": agent is DEFAULT,
                "sessions": {
                    "count": sum(session.agent is agent for session in state.sessions.values())
                },
            }
            for agent in ROSTER
        ],
        "channels": {},
        "eventLoop": {"degraded": False, "degradedSinceMs": None, "reasons": []},
    }


def _rows(state: Simulation, now: int) -> list[Params]:
    latest = sorted(state.sessions.values(), key=lambda session: -session.updated_at)
    return [session.row(now) for session in latest]


def _wanted(row: Params, params: Params) -> bool:
    return (
        (not params.get("activeOnly") or row["hasActiveRun"])
        and params.get("agentId") in {None, row["agentId"]}
        and params.get("spawnedBy") in {None, row.get("spawnedBy")}
    )


def _describe(state: Simulation, params: Params, now: int) -> Params:
    session = state.sessions.get(params.get("key", ""))
    return {"session": session.row(now) if session else None}


def _subscribe(state: Simulation, params: Params, now: int) -> Params:
    if not params:
        return {"subscribed": True}
    return {"subscribed": True, "list": sessions_list(state, params, now)}


def _subscribe_messages(_state: Simulation, params: Params, _now: int) -> Params:
    key = params.get("key")
    if not isinstance(key, str) or not key:
        raise Refusal("INVALID_REQUEST", "invalid sessions.messages.subscribe params: at /key")
    return {
        "subscribed": True,
        "key": key if key.startswith("agent:") else f"agent:{DEFAULT.id}:{key}",
    }


def _audit(state: Simulation, params: Params, _now: int) -> Params:
    cursor = params.get("cursor")
    entries = state.audit.newest(params.get("after", 0), int(cursor) if cursor else None)
    wanted = (
        entry
        for entry in entries
        if all(params.get(name) in {None, entry[name]} for name in ("kind", "agentId", "runId"))
    )
    page = list(islice(wanted, int(params.get("limit", 100)) + 1))
    events = page[: int(params.get("limit", 100))]
    more = {"nextCursor": str(events[-1]["sequence"])} if len(page) > len(events) else {}
    return {"events": events, **more}


def _history(state: Simulation, params: Params, now: int) -> Params:
    key = params.get("sessionKey", "")
    session = state.sessions.get(key)
    limit = int(params.get("limit", 200))
    messages = list(session.messages) if session else []
    return {
        "sessionKey": key,
        "sessionId": session.id if session else None,
        "messages": messages[-limit:],
        "activity": [],
        "pendingInputs": {"items": [], "total": 0},
        "hasMore": len(messages) > limit,
        "totalMessages": len(messages),
        "sessionInfo": session.row(now) | session.liveness() if session else None,
    }


def _usage(state: Simulation, params: Params, now: int) -> Params:
    if params.get("agentScope") == "all" and params.keys() & {"agentId", "key"}:
        message = "agentScope=all cannot be combined with key or agentId"
        raise Refusal("INVALID_REQUEST", message)
    agent_id = None if params.get("agentScope") else params.get("agentId", DEFAULT.id)
    found = (one for one in state.sessions.values() if agent_id in {None, one.agent.id})
    return usage.answer(found, params, now)


def _agents(_state: Simulation, _params: Params, _now: int) -> Params:
    return agents_list()


LISTING = frozenset(
    {
        "limit",
        "offset",
        "activeOnly",
        "agentId",
        "spawnedBy",
        "includeLastMessage",
        "includeDerivedTitles",
        "search",
        "archived",
        "sortBy",
    }
)
METHODS = {
    "agents.list": Method(_agents, frozenset()),
    "sessions.list": Method(sessions_list, LISTING),
    "sessions.subscribe": Method(_subscribe, LISTING),
    "sessions.messages.subscribe": Method(_subscribe_messages, frozenset({"key"})),
    "sessions.describe": Method(_describe, frozenset({"key"})),
    "audit.activity.list": Method(
        _audit, frozenset({"limit", "after", "kind", "agentId", "runId", "cursor"})
    ),
    "chat.history": Method(_history, frozenset({"sessionKey", "limit", "offset"})),
    "sessions.usage": Method(_usage, usage.PARAMS),
    "health": Method(health, frozenset({"probe"}), scope=None),
}
