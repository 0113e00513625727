"""What can be asked of a session's steps, and the shapes of the answers. See docs/traces.md."""

from typing import Any, Final

from palais.web.openapi.operations import AGENT, answers, query
from palais.web.openapi.schemas import (
    COUNT,
    MAYBE_COUNT,
    MAYBE_TEXT,
    MAYBE_TIME,
    MAYBE_USD,
    SESSION,
    TEXT,
    Schema,
    closed,
    listed,
    ref,
)

MAYBE_MS: Final[Schema] = MAYBE_COUNT | {"description": "Milliseconds"}
YES_OR_NO: Final[Schema] = {"type": "boolean"}

_STEP: Final[dict[str, Schema]] = {
    "id": TEXT,
    "parentId": MAYBE_TEXT,
    "type": TEXT | {"description": "llm_call, tool_call, decision or delegation"},
    "name": TEXT,
    "title": MAYBE_TEXT,
    "status": MAYBE_TEXT | {"description": "running, ok, error, aborted or lost"},
    "startedAt": MAYBE_TIME,
    "endedAt": MAYBE_TIME,
    "durationMs": MAYBE_MS,
    "model": MAYBE_TEXT,
    "tokensIn": MAYBE_COUNT,
    "tokensOut": MAYBE_COUNT,
    "cacheRead": MAYBE_COUNT,
    "cacheWrite": MAYBE_COUNT,
    "cost": MAYBE_USD,
    "input": MAYBE_TEXT,
    "output": MAYBE_TEXT,
    "inputClipped": YES_OR_NO,
    "outputClipped": YES_OR_NO,
    "error": MAYBE_TEXT,
    "childSessionId": MAYBE_TEXT,
    "childAgentId": MAYBE_TEXT,
}
_OWNER: Final[dict[str, Schema]] = {"sessionId": TEXT, "agentId": TEXT}

SCHEMAS: Final[dict[str, Schema]] = {
    "SessionSpan": closed(
        "One step of a session; with `children`, also whose it is.",
        tuple(_OWNER),
        **_STEP,
        **_OWNER,
    ),
    "TracedSpan": closed(
        "One step in the order of the tree; `total` is of it and all below it.",
        (),
        **(_STEP | _OWNER),
        depth=COUNT,
        total=closed(
            "What is known, and how many parts of it are not",
            steps=COUNT,
            errors=COUNT,
            durationMs=MAYBE_MS,
            ownMs=MAYBE_MS,
            tokens=MAYBE_COUNT,
            uncounted=COUNT,
            cost=MAYBE_USD,
            unpriced=COUNT,
        ),
    ),
    "Trace": closed(
        "A session with all of its steps, and with those of the sessions it delegated to",
        session=closed("The session", **SESSION["properties"], agentId=TEXT),
        begunBy={
            "oneOf": [
                {"type": "null"},
                closed("The step that began it", agentId=TEXT, sessionId=TEXT, spanId=TEXT),
            ]
        },
        spans=listed(ref("TracedSpan")),
    ),
    "OtlpTrace": {
        "type": "object",
        "description": "ExportTraceServiceRequest of OTLP/JSON (opentelemetry.io/docs/specs/otlp)",
        "properties": {"resourceSpans": listed({"type": "object"})},
        "required": ["resourceSpans"],
    },
}

SESSION_ID: Final = {
    "name": "sessionId",
    "in": "path",
    "required": True,
    "description": "The session's id",
    "schema": TEXT,
}
SPAN_ID: Final = SESSION_ID | {"name": "spanId", "description": "The step's id in its session"}
_BASE: Final = "/api/v1/agents/{agentId}/sessions/{sessionId}"


def _get(name: str, words: str, schema: Schema, *parameters: Any) -> dict[str, Any]:
    return {
        "get": {
            "operationId": name,
            "summary": words,
            "parameters": [AGENT, SESSION_ID, *parameters],
            "responses": answers(schema, "404"),
        }
    }


PATHS: Final[dict[str, dict[str, Any]]] = {
    f"{_BASE}/spans": _get(
        "listSpans",
        "The steps of a session, the earliest first",
        listed(ref("SessionSpan")),
        query("content", "Whether input and output are told", YES_OR_NO | {"default": True}),
        query(
            "children",
            "Whether the steps of delegated sessions are added",
            YES_OR_NO | {"default": False},
        ),
    ),
    f"{_BASE}/spans/{{spanId}}": _get(
        "getSpan", "One step, with all that is kept of it", ref("SessionSpan"), SPAN_ID
    ),
    f"{_BASE}/trace.json": _get(
        "exportTrace", "The session and its tree, to take away", ref("Trace")
    ),
    f"{_BASE}/otlp.json": _get(
        "exportOtlp", "The same as OTLP/JSON, for OpenTelemetry", ref("OtlpTrace")
    ),
}
