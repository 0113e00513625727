"""Budgets: what can be asked, and what is answered."""

from typing import Any, Final

from palais.domain.agent import DECIMALS
from palais.domain.budgets import MOST
from palais.web.openapi.operations import answers, errors
from palais.web.openapi.schemas import (
    COUNT,
    MAYBE_TEXT,
    PERIOD,
    SCOPE,
    TIME,
    USD,
    Schema,
    closed,
    listed,
    ref,
)

SCHEMAS: Final[dict[str, Schema]] = {
    "Budget": closed(
        "What may be spent in a day or month (UTC), and what is; unpriced calls are not in it.",
        scope=SCOPE,
        agentId=MAYBE_TEXT,
        period=PERIOD,
        amount=USD,
        spent=USD,
        left={"type": "number", "description": "USD; below 0 where it was exceeded"},
        share={"type": "number", "minimum": 0, "description": "1 where all of it is spent"},
        threshold={"enum": [0, 50, 80, 100], "description": "The highest that is reached"},
        unpricedCalls=COUNT,
        startedAt=TIME,
        endsAt=TIME,
    ),
    "BudgetAmount": closed(
        "A new amount, in USD; rounded to ten decimals",
        amount={"type": "number", "minimum": 10**-DECIMALS, "maximum": MOST},
    ),
}

BUDGET: Final = [
    {"name": "scope", "in": "path", "required": True, "schema": SCOPE},
    {"name": "period", "in": "path", "required": True, "schema": PERIOD},
]

PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/v1/budgets": {
        "get": {
            "operationId": "listBudgets",
            "summary": "All budgets, with what is spent of each",
            "responses": answers(listed(ref("Budget"))),
        }
    },
    "/api/v1/budgets/{scope}/{period}": {
        "put": {
            "operationId": "setBudget",
            "summary": "Set a budget; needs a key that may write",
            "parameters": BUDGET,
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": ref("BudgetAmount")}},
            },
            "responses": answers(ref("Budget"), "403", "404", "413"),
        },
        "delete": {
            "operationId": "clearBudget",
            "summary": "Forget a budget; needs a key that may write",
            "parameters": BUDGET,
            "responses": {
                "204": {"description": "It is forgotten"},
                **errors("400", "401", "403", "404", "413", "503"),
            },
        },
    },
}
