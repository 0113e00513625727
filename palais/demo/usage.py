"""What the demo gateway's agents consumed, as ``sessions.usage`` tells it."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from palais.demo.session import Session
from palais.demo.sums import Json, day_of, summed

DEFAULT_LIMIT = 50
DEFAULT_DAYS = 30
BOUNDS = ("startDate", "endDate")
RANGES = {"7d": 7, "30d": 30, "90d": 90, "1y": 365, "all": 36_600}
PARAMS = frozenset(
    {
        *("key", "agentId", "agentScope", "startDate", "endDate", "mode", "range", "groupBy"),
        *("timeZone", "utcOffset", "limit", "includeContextWeight", "includeHistorical"),
    }
)


def answer(sessions: Iterable[Session], params: Mapping[str, Any], now: int) -> Json:
    """Answer with the conversations of the period, the latest first, and what each consumed.

    Raises ValueError where a parameter means nothing. Days are those of UTC, whatever is asked.
    """
    since, until = _period(params, now)
    limit = int(params.get("limit", DEFAULT_LIMIT))
    latest = sorted(sessions, key=lambda session: -session.updated_at)
    rows = [_row(one, since, until) for one in latest if day_of(one.updated_at) >= since]
    told = {
        "updatedAt": now,
        "startDate": since.isoformat(),
        "endDate": until.isoformat(),
        "sessions": rows[:limit],
        "totals": summed(row["usage"] for row in rows),
    }
    # As the real one: where there is nothing to read, there is no cache.
    status = {"status": "fresh", "cachedFiles": len(rows), "pendingFiles": 0, "staleFiles": 0}
    return {**told, "cacheStatus": {**status, "refreshedAt": now}} if rows else told


def _period(params: Mapping[str, Any], now: int) -> tuple[date, date]:
    if "startDate" in params or "endDate" in params:
        since, until = (date.fromisoformat(params.get(name, "")) for name in BOUNDS)
        if since > until:
            raise ValueError("startDate must not be after endDate")
        return since, until
    today = day_of(now)
    days = RANGES.get(params.get("range", ""), DEFAULT_DAYS)
    return today - timedelta(days=days - 1), today


def _row(session: Session, since: date, until: date) -> Json:
    sums = {day: told for day, told in sorted(session.days.items()) if since <= day <= until}
    return {
        "key": session.key,
        "sessionId": session.id,
        "scope": "family",
        "agentId": session.agent.id,
        "updatedAt": session.updated_at,
        "modelProvider": session.agent.model.provider,
        "model": session.agent.model.name,
        "usage": {
            "sessionId": session.id,
            "firstActivity": session.created_at,
            "lastActivity": session.updated_at,
            "activityDates": [day.isoformat() for day in sums],
            "dailyBreakdown": [
                {
                    "date": day.isoformat(),
                    "tokens": told["totalTokens"],
                    "cost": told["totalCost"],
                    **told,
                }
                for day, told in sums.items()
            ],
            **summed(sums.values()),
        },
    }
