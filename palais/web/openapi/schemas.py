"""The shapes of what the API answers, as JSON Schema 2020-12 (which OpenAPI 3.1 uses)."""

from typing import Any, Final

from palais.domain.budgets import Period
from palais.domain.events import RunStatus, Status
from palais.store.edits import LIMITS
from palais.store.link import LinkState
from palais.web.request import TYPES

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
MAYBE_COUNT: Final[Schema] = {"type": ["integer", "null"], "minimum": 0}
USD: Final[Schema] = {"type": "number", "minimum": 0, "description": "USD"}
MAYBE_USD: Final[Schema] = {"type": ["number", "null"], "minimum": 0, "description": "USD"}
MILLIS: Final[Schema] = {"type": "integer", "description": "Milliseconds since 1970, UTC"}
TIME: Final[Schema] = {
    "type": "string",
    "format": "date-time",
    "description": "ISO 8601 in UTC with milliseconds",
}
MAYBE_TIME: Final[Schema] = TIME | {"type": ["string", "null"]}
RATING: Final[Schema] = {
    "type": ["number", "null"],
    "minimum": 0,
    "maximum": 1,
    "description": "How far to rely on it; see docs/quality.md",
}
TASK_ID: Final[Schema] = {"type": ["integer", "string", "null"]}
STATUS: Final[Schema] = {"type": "string", "enum": [one.value for one in Status]}
RUN_STATUS: Final[Schema] = {"type": "string", "enum": [one.value for one in RunStatus]}
LINK_STATE: Final[Schema] = {"type": "string", "enum": [one.value for one in LinkState]}
EVENT_TYPE: Final[Schema] = {"type": "string", "enum": sorted(TYPES)}
AGENT_ID: Final[Schema] = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._@:+-]{0,127}$"}
SCOPE: Final[Schema] = {
    "type": "string",
    "pattern": r"^(\*|[A-Za-z0-9][A-Za-z0-9._@:+-]{0,127})$",
    "description": "An agent's id, or * for the fleet",
}
PERIOD: Final[Schema] = {"type": "string", "enum": [one.value for one in Period]}


def closed(words: str, optional: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """Return an object that has these properties and no others; all but ``optional`` always."""
    return {
        "type": "object",
        "description": words,
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def ref(name: str) -> Schema:
    """Return what stands for a schema of this document."""
    return {"$ref": f"#/components/schemas/{name}"}


def listed(item: Schema) -> Schema:
    """Return a list of these."""
    return {"type": "array", "items": item}


HEALTH: Final = closed(
    "How everything stands; without credentials only `status`.",
    ("version", "database", "gateway", "lease", "stream"),
    status={"const": "ok"},
    version=TEXT,
    database={"const": "ok"},
    gateway=closed(
        "The connection to the gateway",
        state=LINK_STATE,
        since=MAYBE_TIME,
        reason=MAYBE_TEXT,
        protocol={"type": ["integer", "null"]},
        serverVersion=MAYBE_TEXT,
    ),
    lease=closed(
        "The one process that listens to the gateway",
        host=MAYBE_TEXT,
        pid={"type": ["integer", "null"]},
        since=MAYBE_TIME,
    ),
    stream=closed("The log", epoch=TEXT, head=COUNT, viewers=COUNT),
)

AGENT: Final = closed(
    "An agent and what it does now; tokens and cost are of the last 30 UTC days.",
    id=TEXT,
    name=TEXT,
    persona=TEXT,
    bio=TEXT,
    emoji=MAYBE_TEXT,
    avatarUrl=MAYBE_TEXT,
    model=MAYBE_TEXT,
    status=STATUS,
    statusSince=MAYBE_TIME,
    statusObserved={"type": "boolean", "description": "False while the gateway is out of sight"},
    activity=MAYBE_TEXT | {"description": "thinking, typing, tool:<name>, retrying or waiting"},
    currentTaskId=TASK_ID,
    currentTask=MAYBE_TEXT,
    activeSessions=COUNT,
    lastSeenAt=MAYBE_TIME,
    tokens30d=MAYBE_COUNT,
    cost30d=MAYBE_USD,
    avgQuality=RATING,
    unpricedCalls30d=COUNT,
)

WORDS: Final[Schema] = {
    "type": "object",
    "description": "The operator's own words; `plain` is a line without invisible characters",
    "properties": {
        name: {"type": "string", "maxLength": limit, "format": "plain"}
        for name, limit in LIMITS.items()
    },
    "minProperties": 1,
    "additionalProperties": False,
}

SESSION: Final = closed(
    "One run of an agent; `inferred` says that its end was concluded, not observed.",
    id=TEXT,
    runId=TEXT,
    conversation=MAYBE_TEXT,
    status=RUN_STATUS,
    startedAt=TIME,
    endedAt=MAYBE_TIME,
    model=MAYBE_TEXT,
    tokens=MAYBE_COUNT,
    cost=MAYBE_USD,
    task=MAYBE_TEXT,
    summary=MAYBE_TEXT,
    error=MAYBE_TEXT,
    inferred={"type": "boolean"},
    confidence=RATING,
)

ACTIVITY: Final = closed(
    "One line of history",
    id=COUNT,
    at=TIME,
    agentId=MAYBE_TEXT,
    type=EVENT_TYPE,
    sessionId=MAYBE_TEXT,
    summary=TEXT,
)

ERROR: Final = closed("Why a request failed", error=closed("The error", code=TEXT, message=TEXT))

PORTRAIT: Final = closed("An agent's new portrait.", id=AGENT_ID, avatarUrl=TEXT)

SCHEMAS: Final[dict[str, Schema]] = {
    "Health": HEALTH,
    "Agent": AGENT,
    "AgentWords": WORDS,
    "Portrait": PORTRAIT,
    "Session": SESSION,
    "Activity": ACTIVITY,
    "Error": ERROR,
}
