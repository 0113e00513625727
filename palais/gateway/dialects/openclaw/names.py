"""How OpenClaw names things: agents and conversations by key, models by provider, runs by id."""

import re
from typing import Final

from palais.domain.text import NAME_LIMIT, SUMMARY_LIMIT, is_id
from palais.gateway import fields
from palais.gateway.frames import Json

INTERNAL: Final = "<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>"
_STAMP = re.compile(r"^\[[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d [A-Z+:\d-]+\] ")


def owner(payload: Json) -> str:
    """Return the agent a payload is about; protocol 3 says it only in the conversation's key."""
    if payload.get("agentId") is not None:
        return fields.agent_id(payload, "a frame")
    key = payload.get("sessionKey") or payload.get("key")
    named = agent_of(key) if isinstance(key, str) else None
    if named is None:
        raise fields.bad(payload, "a frame names no agent")
    return named


def run_of(payload: Json) -> str:
    """Return the run a payload is about; raise DecodeError where it names none."""
    run_id = fields.run_id(payload)
    if run_id is None:
        raise fields.bad(payload, "a frame names no run")
    return run_id


def qualified(obj: Json, provider: str = "provider", model: str = "model") -> str | None:
    """Return ``provider/model``, or what there is of it."""
    names = (fields.line(obj, provider, NAME_LIMIT), fields.line(obj, model, NAME_LIMIT))
    return "/".join(name for name in names if name) if names[1] else None


def content(message: Json) -> str | None:
    """Return the text of a message as one clean line, secrets masked; None where it has none."""
    return fields.safe_line(text_of(message), SUMMARY_LIMIT)


def text_of(message: Json) -> str:
    """Return the text of a message or tool result as it came, a block a line."""
    value = message.get("content")
    if isinstance(value, str):
        text = value
    else:
        blocks = fields.mappings(message, "content")
        text = "\n".join(str(block.get("text") or "") for block in blocks if "text" in block)
    return "" if text.startswith(INTERNAL) else _STAMP.sub("", text)


def agent_of(key: str | None) -> str | None:
    """Return the agent of a conversation by its key; None where it names none."""
    parts = (key or "").split(":", 2)
    named = len(parts) == 3 and parts[0] == "agent" and is_id(parts[1])
    return parts[1] if named else None
