"""The shapes of what the stream carries: the ``data`` of each event. See docs/stream.md."""

from typing import Final

from palais.domain.budgets import THRESHOLDS
from palais.web.openapi.schemas import (
    COUNT,
    LINK_STATE,
    MAYBE_COUNT,
    MAYBE_TEXT,
    MAYBE_TIME,
    MAYBE_USD,
    MILLIS,
    PERIOD,
    RATING,
    RUN_STATUS,
    SCOPE,
    STATUS,
    TASK_ID,
    TEXT,
    TIME,
    USD,
    Schema,
    closed,
    ref,
)

INSTANTS: Final = {"startedAt": MAYBE_TIME, "endedAt": MAYBE_TIME}

SPAN: Final = closed(
    "One step of a run; what is not known is left out.",
    (
        *("parentId", "title", "status", "startedAt", "endedAt", "durationMs", "model"),
        *("tokensIn", "tokensOut", "cacheRead", "cacheWrite", "cost", "input", "output"),
        *("inputClipped", "outputClipped", "error", "childSessionId", "childAgentId"),
    ),
    id=TEXT,
    parentId=TEXT,
    type={"enum": ["llm_call", "tool_call", "decision", "delegation"]},
    name=TEXT,
    title=TEXT,
    status={"enum": ["running", "ok", "error", "aborted", "lost"]},
    startedAt=TIME,
    endedAt=TIME,
    durationMs={"type": "integer", "minimum": 0},
    model=TEXT,
    tokensIn={"type": "integer", "minimum": 0},
    tokensOut={"type": "integer", "minimum": 0},
    cacheRead={"type": "integer", "minimum": 0},
    cacheWrite={"type": "integer", "minimum": 0},
    cost={"type": "number", "minimum": 0},
    input=TEXT,
    output=TEXT,
    inputClipped={"const": True},
    outputClipped={"const": True},
    error=TEXT,
    childSessionId=TEXT,
    childAgentId=TEXT,
)


def _event(type_: str, words: str, optional: tuple[str, ...] = (), **fields: Schema) -> Schema:
    return closed(words, optional, type={"const": type_}, **fields, ts=MILLIS)


_OF_AGENT: Final = {"agentId": TEXT}
_OF_RUN: Final = {"agentId": TEXT, "sessionId": TEXT}
_OF_STEP: Final = {
    **_OF_RUN,
    "span": ref("Span"),
    "again": {"const": True, "description": "told once more: its place in the tree was found"},
}

TOLD: Final[dict[str, Schema]] = {
    "AgentRegistered": _event(
        "agent.registered",
        "Who an agent is",
        (),
        **_OF_AGENT,
        name=TEXT,
        persona=TEXT,
        bio=TEXT,
        emoji=MAYBE_TEXT,
        model=MAYBE_TEXT,
        avatarUrl=MAYBE_TEXT,
        status=STATUS,
    ),
    "AgentStatus": _event(
        "agent.status",
        "What an agent does now",
        ("activity", "task", "taskId", "activeSessions", "sessionId"),
        **_OF_RUN,
        status=STATUS,
        activity=MAYBE_TEXT,
        task=MAYBE_TEXT,
        taskId=TASK_ID,
        activeSessions={"type": "integer", "minimum": 0},
    ),
    "AgentPresence": _event(
        "agent.presence",
        "A sign of life; it has no id, and is never replayed.",
        (),
        **_OF_AGENT,
        activity=MAYBE_TEXT,
    ),
    "SessionStarted": _event(
        "session.started",
        "A run began",
        (),
        **_OF_RUN,
        status=RUN_STATUS,
        task=MAYBE_TEXT,
        taskId=TASK_ID,
        model=MAYBE_TEXT,
        startedAt=MAYBE_TIME,
    ),
    "SessionUpdated": _event(
        "session.updated",
        "More is known of a run",
        (),
        **_OF_RUN,
        status=RUN_STATUS,
        task=MAYBE_TEXT,
        model=MAYBE_TEXT,
        tokens=MAYBE_COUNT,
        cost=MAYBE_USD,
        summary=MAYBE_TEXT,
        confidence=RATING,
    ),
    "SessionCompleted": _event(
        "session.completed",
        "A run ended",
        (),
        **_OF_RUN,
        status=RUN_STATUS,
        model=MAYBE_TEXT,
        tokens=MAYBE_COUNT,
        cost=MAYBE_USD,
        summary=MAYBE_TEXT,
        error=MAYBE_TEXT,
        confidence=RATING,
        inferred={"type": ["boolean", "null"]},
        **INSTANTS,
    ),
    "SpanStarted": _event("span.started", "A step began", ("again",), **_OF_STEP),
    "SpanCompleted": _event(
        "span.completed",
        "A step ended; `inferred` where its end was not observed",
        ("again", "inferred"),
        **_OF_STEP,
        inferred={"const": True},
    ),
    "BudgetWarning": _event(
        "budget.warning",
        "A share of a budget is spent; told once for each threshold",
        ("agentId",),
        agentId=TEXT,
        scope=SCOPE,
        period=PERIOD,
        threshold={"enum": list(THRESHOLDS), "description": "Per cent"},
        spent=USD,
        amount=USD,
        startedAt=TIME,
        unpricedCalls=COUNT,
    ),
    "Gap": _event(
        "gap",
        "A period in which the gateway was not observed",
        (),
        startedAt=TIME,
        endedAt=TIME,
        reason={"enum": ["gateway", "restart", "sequence", "palais", "lease", "database"]},
    ),
}

EVENTS: Final[dict[str, Schema]] = {
    "Span": SPAN,
    **TOLD,
    "AgentEvent": {
        "description": "`event: agent`, with an `id` unless it is a sign of life",
        "oneOf": [ref(name) for name in TOLD],
        "discriminator": {
            "propertyName": "type",
            "mapping": {
                schema["properties"]["type"]["const"]: ref(name)["$ref"]
                for name, schema in TOLD.items()
            },
        },
    },
    "ConnectedEvent": closed(
        "`event: connected`, the first of a stream: the log's identity and its newest id",
        ts=MILLIS,
        epoch=TEXT,
        head={"type": "integer", "minimum": 0},
    ),
    "GatewayEvent": closed(
        "`event: gateway`: how the connection to the gateway stands",
        state=LINK_STATE,
        since=MAYBE_TIME,
        reason=MAYBE_TEXT,
        code=MAYBE_TEXT,
        command=MAYBE_TEXT,
    ),
    "PingEvent": closed("`event: ping`, a heartbeat", ts=MILLIS),
    "ResetEvent": closed("`event: reset`: the cursor is void, fetch the facts anew"),
    "LaggedEvent": closed("`event: lagged`: too slow, and let go; resume by the cursor"),
}
"""By the name of each schema; ``AgentEvent`` is any of those that an agent can cause."""
