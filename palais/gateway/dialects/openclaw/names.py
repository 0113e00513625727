"""How OpenClaw names things: agents and conversations by key, models by provider, runs by id."""

import re
from typing import Final

from palais.domain.text import NAME_LIMIT, SUMMARY_LIMIT, clean, is_id
from palais.gateway import fields
from palais.gateway.frames import Json

INTERNAL: Final = "<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>"
_STAMP = re.compile(r"^\[[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d [A-Z+:\d-]+\] ")


def owner(payload: Json) -> str:
    """Return the agent a payload is about; protocol 3 says it only in the conversation's key."""
    if payload.get("agentId") is not None:
        return fields.agent_id(payload, "a frame")
    key = payload.get("sessionKey") or payload.get("key")
    parts = key.split(":", 2) if isinstance(key, str) else []
    if len(parts) == 3 and parts[0] == "agent" and is_id(parts[1]):
        return parts[1]
    raise fields.bad(payload, "a frame names no agent")


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
    """Return the text of a message or tool result as one clean line; None where it has none."""
    value = message.get("content")
    if isinstance(value, str):
        text = value
    else:
        blocks = fields.mappings(message, "content")
        text = " ".join(str(block.get("text") or "") for block in blocks if "text" in block)
    if text.startswith(INTERNAL):
        return None
    return clean(_STAMP.sub("", text), SUMMARY_LIMIT) or None
