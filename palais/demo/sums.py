"""Sums of what model calls consumed, as the gateway tells them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

Json = dict[str, Any]

TOKENS = ("input", "output", "cacheRead", "cacheWrite", "totalTokens")


def summed(usages: Iterable[Mapping[str, Any]]) -> Json:
    """Add up the usage of calls, or sums of it; every call of the demo has its price."""
    found = list(usages)
    costs = (one["totalCost"] if "totalCost" in one else one["cost"]["total"] for one in found)
    return {
        **{name: sum(one[name] for one in found) for name in TOKENS},
        "totalCost": sum(costs),
        "missingCostEntries": 0,
    }


def day_of(at: int) -> date:
    """Return the day (UTC) of a moment in ms."""
    return datetime.fromtimestamp(at / 1000, UTC).date()
