"""What is told of our ledger beside the gateway's own figures."""

from typing import Any, Final

from palais.domain.books import Reason
from palais.web.openapi.operations import answers, query
from palais.web.openapi.schemas import COUNT, MAYBE_TIME, TEXT, Schema, closed, listed, ref

DAY: Final[Schema] = {"type": "string", "format": "date", "description": "A day of UTC"}
TOKENS: Final[Schema] = {"type": "integer"}
USD: Final[Schema] = {"type": "number", "description": "USD, as far as it is known"}
MAYBE_AMOUNT: Final[Schema] = {"oneOf": [ref("Amount"), {"type": "null"}]}

_SUMS: Final[dict[str, Schema]] = {
    "ours": ref("Amount"),
    "unpricedCalls": COUNT | {"description": "Calls of ours whose cost nobody knows"},
    "gateway": MAYBE_AMOUNT | {"description": "null where it has not told of the day"},
    "difference": MAYBE_AMOUNT | {"description": "Ours less the gateway's"},
    "explained": {"type": "boolean"},
    "parts": listed(ref("DifferencePart")) | {"description": "They add up to the difference"},
    "deletedConversations": COUNT,
    "archived": ref("Amount") | {"description": "What it still counts of deleted conversations"},
}

SCHEMAS: Final[dict[str, Schema]] = {
    "Amount": closed("Tokens and their cost", tokens=TOKENS, cost=USD),
    "DifferencePart": closed(
        "One reason of a difference, and how much it explains",
        reason={"type": "string", "enum": [one.value for one in Reason]},
        tokens=TOKENS,
        cost=USD,
    ),
    "ReconciledTotal": closed("The sum of the days that can be compared", (), **_SUMS),
    "ReconciledDay": closed("An agent's day in both books", (), day=DAY, agentId=TEXT, **_SUMS),
    "Reconciliation": closed(
        "Our ledger beside what the gateway itself counts",
        since=DAY,
        until=DAY,
        offered={"type": ["boolean", "null"], "description": "Whether the gateway tells figures"},
        toldAt=MAYBE_TIME,
        total={"oneOf": [ref("ReconciledTotal"), {"type": "null"}]},
        rows=listed(ref("ReconciledDay")),
    ),
}

PATHS: Final[dict[str, Any]] = {
    "/api/v1/reconciliation": {
        "get": {
            "operationId": "reconcile",
            "summary": "Our ledger beside the gateway's own figures, and why they differ",
            "parameters": [
                query(
                    "days",
                    "How many days of UTC, today included",
                    {"type": "integer", "minimum": 1, "maximum": 30, "default": 7},
                )
            ],
            "responses": answers(ref("Reconciliation")),
        }
    },
}
