"""Frames as a gateway sends them, made up."""

from typing import Any

Json = dict[str, Any]

TEN = (
    *("concierge", "artist", "builder", "cfo", "explorer"),
    *("maintainer", "marketer", "messenger", "tutor", "writer"),
)
T0 = 1_795_375_000_000
"""Now, where nothing else is said."""


def challenge(at: int = T0) -> Json:
    """Return the gateway's first frame."""
    payload = {"nonce": "a-nonce", "ts": at}
    return {"type": "event", "event": "connect.challenge", "payload": payload}


def hello(protocol: int = 4, **payload: Any) -> Json:
    """Return the answer that lets Palais in."""
    said: Json = {
        "type": "hello-ok",
        "protocol": protocol,
        "server": {"version": "2026.9.6", "bootId": "boot-1"},
        "auth": {"role": "operator", "scopes": ["operator.read"]},
        "policy": {"tickIntervalMs": 30_000},
        **payload,
    }
    return {"type": "res", "id": "connect", "ok": True, "payload": said}


def roster(*agent_ids: str) -> Json:
    """Return an answer to ``agents.list``."""
    return {"ok": True, "payload": {"agents": [{"id": agent_id} for agent_id in agent_ids]}}


def refused(message: str, code: str = "INVALID_REQUEST") -> Json:
    """Return an answer that refuses a request."""
    return {"ok": False, "error": {"code": code, "message": message}}


def event(name: str, payload: Json, seq: int | None = None) -> Json:
    """Return an event."""
    frame: Json = {"type": "event", "event": name, "payload": payload}
    return frame if seq is None else {**frame, "seq": seq}


def of_run(run_id: str, at: int = T0, agent_id: str = "builder", **payload: Any) -> Json:
    """Return what every payload about a run says; its conversation is the agent's main one."""
    key = f"agent:{agent_id}:main"
    return {"runId": run_id, "agentId": agent_id, "sessionKey": key, "ts": at, **payload}


def lifecycle(run_id: str, phase: str, at: int = T0, **data: Any) -> Json:
    """Return a run's start, model, end or the like, of the builder."""
    return event("agent", of_run(run_id, at, stream="lifecycle", data={"phase": phase, **data}))


def spent(run_id: str | None, key: str, at: int = T0, cost: float | None = 0.5) -> Json:
    """Return the transcript message of a model call of the builder: 10 tokens in, 5 out."""
    own = {"id": key, "recordTimestampMs": at} | ({"runId": run_id} if run_id else {})
    message = {
        "role": "assistant",
        "provider": "mock",
        "model": "large",
        "content": "An answer",
        "usage": {"input": 10, "output": 5} | ({"cost": {"total": cost}} if cost else {}),
        "stopReason": "stop",
        "timestamp": at,
        "__openclaw": own,
    }
    return {"sessionKey": "agent:builder:main", "agentId": "builder", "message": message}


def audited(run_id: str, at: int, status: str = "", agent_id: str = "builder") -> Json:
    """Return an audit record: of a run's start, or with a status of its end."""
    return {
        "kind": "agent_run",
        "action": "agent.run.finished" if status else "agent.run.started",
        "status": status or "started",
        "occurredAt": at,
        "agentId": agent_id,
        "sessionKey": f"agent:{agent_id}:main",
        "runId": run_id,
    }


def log(*newest_first: Json) -> Json:
    """Return an answer to ``audit.activity.list``."""
    return {"ok": True, "payload": {"events": list(newest_first)}}


def active(*agent_ids: str, at: int = T0) -> Json:
    """Return an answer to ``sessions.list``: these agents are active in their main conversation."""
    rows = [{"key": f"agent:{agent_id}:main", "hasActiveRun": True} for agent_id in agent_ids]
    return {"ok": True, "payload": {"ts": at, "sessions": rows}}


def flat(type_: str, agent_id: str = "builder", **fields: Any) -> Json:
    """Return a frame of the flat dialect."""
    return {"type": type_, "agentId": agent_id, **fields}
