"""Tool calls by what a transcript has of them: they may have ended while nobody looked on."""

from collections.abc import Iterable
from dataclasses import replace

from palais.domain.events import Event, SpanCompleted
from palais.domain.text import NAME_LIMIT
from palais.gateway import fields
from palais.gateway.dialects.openclaw import model_calls, stream
from palais.gateway.dialects.openclaw.names import owner
from palais.gateway.frames import Json


def results(messages: Iterable[Json], conversation: str) -> list[Event]:
    """Translate the tool results of a transcript, with what the tools were given.

    When a tool began is in no transcript. Protocol 3 does not say whose results they are.
    """
    said = list(messages)
    calls = [call for message in said for call in model_calls.calls(message)]
    asked = {fields.step_id(call, "id"): call for call in calls}
    found: list[Event] = []
    for message in said:
        if message.get("role") == "toolResult":
            call = asked.get(fields.step_id(message, "toolCallId"), {})
            found += _result(message, call, conversation)
    return found


def _result(message: Json, asked: Json, conversation: str) -> list[Event]:
    call_id = fields.step_id(message, "toolCallId")
    name = fields.line(message, "toolName", NAME_LIMIT)
    run_id = fields.run_id(fields.mapping(message, "__openclaw"))
    at = fields.instant(message, "timestamp")
    if call_id is None or name is None or run_id is None or at is None:
        return []
    told = {"phase": "result", "result": message, "isError": message.get("isError")}
    span = stream.tool_span(call_id, name, {**told, "args": asked.get("arguments")})
    agent_id = owner({"sessionKey": conversation})
    return [SpanCompleted(agent_id, replace(span, ended_at=at), at, run_id, whole=True)]
