"""What can be asked of the ledger, and the shape of an entry."""

from typing import Any, Final

from palais.web.openapi.operations import AGENTS, LIMIT, answers, query
from palais.web.openapi.schemas import (
    COUNT,
    MAYBE_COUNT,
    MAYBE_TEXT,
    MAYBE_USD,
    TEXT,
    TIME,
    Schema,
    closed,
    listed,
    ref,
)

MOMENT: Final[Schema] = {
    "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]
}
PERIOD: Final = (
    query("from", "The first moment; a date is its midnight in UTC", MOMENT),
    query("to", "The moment before which it ends", MOMENT),
)

PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/v1/ledger": {
        "get": {
            "operationId": "listLedger",
            "summary": "What was consumed, call by call, newest first",
            "parameters": [
                AGENTS,
                *PERIOD,
                query("before", "sessionId:key of the last entry seen", TEXT),
                LIMIT,
            ],
            "responses": answers(listed(ref("LedgerEntry")), "404"),
        }
    },
    "/api/v1/ledger.csv": {
        "get": {
            "operationId": "exportLedger",
            "summary": "The same as CSV, all of a period; the last thirty days unless one is asked",
            "parameters": [AGENTS, *PERIOD],
            "responses": answers(TEXT, kind="text/csv"),
        }
    },
}

SCHEMAS: Final[dict[str, Schema]] = {
    "LedgerEntry": closed(
        "A model call, or what a session told as a whole; `tokens` is all that was billed.",
        sessionId=TEXT,
        key=TEXT,
        agentId=TEXT,
        runId=TEXT,
        at=TIME,
        model=MAYBE_TEXT,
        provider=MAYBE_TEXT,
        tokens=COUNT,
        tokensIn=MAYBE_COUNT,
        tokensOut=MAYBE_COUNT,
        cacheRead=MAYBE_COUNT,
        cacheWrite=MAYBE_COUNT,
        cost=MAYBE_USD,
        basis=TEXT | {"description": "gateway, prices <version>, total, or unknown"},
    )
}
