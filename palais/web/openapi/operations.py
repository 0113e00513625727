"""What can be asked, by path and method."""

from typing import Any, Final

from palais.web.openapi.schemas import (
    AGENT_ID,
    EVENT_TYPE,
    TEXT,
    Schema,
    listed,
    ref,
)
from palais.web.request import MAX_PAGE

MAX_ID: Final = 2**63 - 1

ERRORS: Final = {
    "400": "A parameter means nothing",
    "401": "No credentials, or wrong ones",
    "403": "These credentials do not allow it",
    "404": "There is no such thing",
    "413": "The body is too large",
    "503": "Postgres does not answer",
}


def errors(*codes: str) -> dict[str, Any]:
    """Return the descriptions of these errors."""
    return {code: {"$ref": f"#/components/responses/{code}"} for code in codes}


def answers(schema: Schema, *codes: str, kind: str = "application/json") -> dict[str, Any]:
    """Return what an operation may answer: this, or one of these errors."""
    good = {"description": "As asked", "content": {kind: {"schema": schema}}}
    return {"200": good, **errors("400", "401", *codes, "503")}


def query(name: str, words: str, schema: Schema, **more: Any) -> dict[str, Any]:
    """Return the description of a parameter of the query."""
    return {"name": name, "in": "query", "description": words, "schema": schema, **more}


def commas(name: str, words: str, item: Schema) -> dict[str, Any]:
    """Return the description of a parameter of the query that is a list."""
    return query(name, words, listed(item), style="form", explode=False)


AGENT: Final = {
    "name": "agentId",
    "in": "path",
    "required": True,
    "description": "The agent's id",
    "schema": AGENT_ID,
}
LIMIT: Final = query(
    "limit",
    "How many at most",
    {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 50},
)
AGENTS: Final = commas("agents", "Only these agents; separated by commas", AGENT_ID)
TYPES: Final = commas("types", "Only events of these types; separated by commas", EVENT_TYPE)

PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/health": {
        "get": {
            "operationId": "health",
            "summary": "Whether Palais works; with credentials also how it stands",
            "security": [{}, {"key": []}, {"bearer": []}, {"cookie": []}],
            "responses": answers(ref("Health")),
        }
    },
    "/api/openapi.json": {
        "get": {
            "operationId": "openapi",
            "summary": "This document",
            "responses": answers({"type": "object"}),
        }
    },
    "/api/v1/agents": {
        "get": {
            "operationId": "listAgents",
            "summary": "All agents, with what they do now",
            "responses": answers(listed(ref("Agent"))),
        }
    },
    "/api/v1/agents/{agentId}": {
        "get": {
            "operationId": "getAgent",
            "summary": "One agent",
            "parameters": [AGENT],
            "responses": answers(ref("Agent"), "404"),
        },
        "patch": {
            "operationId": "editAgent",
            "summary": "Keep the operator's own words for an agent; needs a key that may write",
            "parameters": [AGENT],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": ref("AgentWords")}},
            },
            "responses": answers(ref("Agent"), "403", "404", "413"),
        },
    },
    "/api/v1/agents/{agentId}/avatar": {
        "post": {
            "operationId": "makePortrait",
            "summary": "Make an agent's portrait anew; needs a key that may write",
            "parameters": [AGENT],
            "responses": answers(ref("Portrait"), "403", "404", "413"),
        }
    },
    "/api/v1/agents/{agentId}/sessions": {
        "get": {
            "operationId": "listSessions",
            "summary": "What an agent did, run by run, the latest first",
            "parameters": [
                AGENT,
                LIMIT,
                query("before", "The id of the last session seen", TEXT),
            ],
            "responses": answers(listed(ref("Session")), "404"),
        }
    },
    "/api/v1/activity": {
        "get": {
            "operationId": "listActivity",
            "summary": "History, newest first",
            "parameters": [
                AGENTS,
                TYPES,
                query(
                    "before",
                    "The id of the last line seen",
                    {"type": "integer", "format": "int64", "minimum": 0, "maximum": MAX_ID},
                ),
                LIMIT,
            ],
            "responses": answers(listed(ref("Activity"))),
        }
    },
    "/api/sse": {
        "get": {
            "operationId": "stream",
            "summary": "What was missed since the cursor, then everything live; it never ends",
            "description": (
                "Server-Sent Events (WHATWG HTML, section 9.2). The `data` of each event is JSON: "
                "`AgentEvent`, `ConnectedEvent`, `GatewayEvent`, `PingEvent`, `ResetEvent` or "
                "`LaggedEvent`, by the event's name."
            ),
            "parameters": [
                AGENTS,
                TYPES,
                query("lastEventId", "The cursor; the Last-Event-ID header wins", TEXT),
                {
                    "name": "Last-Event-ID",
                    "in": "header",
                    "description": "The id of the last event seen",
                    "schema": TEXT,
                },
            ],
            "responses": answers(TEXT, kind="text/event-stream"),
        }
    },
}
