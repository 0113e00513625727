"""What can be asked of costs, and the shapes of the answers."""

from typing import Any, Final

from palais.web.openapi.operations import AGENTS, answers, commas, query
from palais.web.openapi.schemas import COUNT, MAYBE_TEXT, MAYBE_USD, Schema, closed, listed, ref

DAY: Final[Schema] = {"type": "string", "format": "date", "description": "A day in UTC"}
USD: Final[Schema] = {"type": "number", "minimum": 0, "description": "USD"}
SUMS: Final[dict[str, Any]] = {
    **dict.fromkeys(("calls", "tokens", "tokensIn", "tokensOut", "cacheRead", "cacheWrite"), COUNT),
    "unpricedCalls": COUNT,
    "unpricedTokens": COUNT,
    "cost": MAYBE_USD,
}


def _maybe(name: str, words: str) -> dict[str, Any]:
    return {"description": words, "anyOf": [ref(name), {"type": "null"}]}


SCHEMAS: Final[dict[str, Schema]] = {
    "Spent": closed(
        "A sum over model calls; `cost` is what is known of it, null where nothing is.", **SUMS
    ),
    "CostGroup": closed("What one agent, or one model, came to", id=MAYBE_TEXT, **SUMS),
    "CostDay": closed(
        "A day; `observed` is the share of it in which Palais saw the gateway",
        day=DAY,
        observed={"type": ["number", "null"], "minimum": 0, "maximum": 1},
        total=_maybe("Spent", "Null before the ledger began, and where nothing was observed"),
        groups=listed(ref("CostGroup")),
    ),
    "Costs": closed(
        "What a period cost, up to today",
        since=DAY,
        until=DAY,
        by={"enum": ["agent", "model"]},
        today=ref("Spent"),
        weekBefore=_maybe("Spent", "A week ago up to this time of day; null in a young ledger"),
        forecast={
            "anyOf": [
                closed(
                    "Today at midnight UTC, judged by the days before",
                    cost=USD,
                    low=USD,
                    high=USD,
                    days=COUNT,
                ),
                {"type": "null"},
            ]
        },
        month=ref("Spent"),
        total=ref("Spent"),
        groups=listed(ref("CostGroup")),
        days=listed(ref("CostDay")),
    ),
}

PATHS: Final[dict[str, Any]] = {
    "/api/v1/costs": {
        "get": {
            "operationId": "getCosts",
            "summary": "What a period cost, day by day, by agent or by model",
            "parameters": [
                query(
                    "days",
                    "How many days, up to today",
                    {"type": "integer", "minimum": 1, "maximum": 366, "default": 30},
                ),
                AGENTS,
                commas(
                    "models",
                    "Only these models; - is the one that nobody named",
                    {"type": "string", "pattern": "^[^\\u0000,]+$"},
                ),
                query("by", "What the sums are of", {"enum": ["agent", "model"]}),
            ],
            "responses": answers(ref("Costs")),
        }
    },
}
