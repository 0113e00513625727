"""What pages and the API read of both books: our ledger, and the gateway's own figures."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, text

from palais.domain.account import conversation_of
from palais.domain.books import Amount, Counted, Recorded, Row, Told, total
from palais.domain.reconciliation import reconcile
from palais.store import gaps
from palais.store.spending import DAY, midnight

SKEW: Final = timedelta(minutes=1)
"""So much the clocks of the gateway and of Palais may differ: one dates calls, the other gaps."""


@dataclass(frozen=True, slots=True)
class Balance:
    """The days of a period, the latest first, and the sum of those that can be compared.

    ``offered`` is whether the gateway tells figures, None where it has not been asked yet;
    ``told_at`` is when it last did.
    """

    since: date
    until: date
    rows: Sequence[Row]
    total: Row | None
    offered: bool | None
    told_at: datetime | None


# Day by day by ix_usage_at: so the entries come sorted by the day already, and but one day's
# conversations are added up at a time, which takes a quarter of the time that all at once do.
# It is the gateway that dates both: what was recorded when, and when it added up.
_OURS: Final = text("""
    SELECT days.day, ledger.*
    FROM (
        SELECT generate_series(CAST(:first AS timestamp), CAST(:until AS timestamp), '1 day')::date
            AS day
    ) AS days
    LEFT JOIN gateway_days USING (day)
    CROSS JOIN LATERAL (
        SELECT entry.agent_id, entry.conversation,
               sum(entry.tokens) AS tokens, coalesce(sum(entry.cost), 0) AS cost,
               coalesce(sum(entry.tokens) FILTER (WHERE at > told_at), 0) AS late_tokens,
               coalesce(sum(entry.cost) FILTER (WHERE at > told_at), 0) AS late_cost,
               coalesce(sum(entry.tokens) FILTER (WHERE at < began_at), 0) AS lost_tokens,
               coalesce(sum(entry.cost) FILTER (WHERE at < began_at), 0) AS lost_cost,
               bool_or(basis <> 'gateway') AS estimated,
               count(*) FILTER (WHERE basis = 'unknown') AS unpriced_calls
        FROM usage AS entry
        LEFT JOIN gateway_usage AS theirs ON theirs.day = days.day
          AND theirs.conversation = entry.conversation
        WHERE at >= days.day::timestamp AT TIME ZONE 'UTC'
          AND at < days.day::timestamp AT TIME ZONE 'UTC' + interval '1 day'
        GROUP BY 1, 2
    ) AS ledger
""")

# By pk_gateway_usage.
_THEIRS: Final = text("""
    SELECT day, agent_id, conversation, tokens, cost, unpriced_calls > 0 AS unpriced, archived,
           began_at, ended_at
    FROM gateway_usage WHERE day BETWEEN :first AND :until
""")

_TOLD: Final = text("""
    SELECT day, complete FROM gateway_days WHERE day BETWEEN :first AND :until
""")

_STANDING: Final = text("""
    SELECT tells_usage, first_observed_at, (SELECT max(told_at) FROM gateway_days) AS told_at
    FROM gateway
""")


def read(conn: Connection, days: int, today: date) -> Balance:
    """Return the balance of so many days (UTC), today included."""
    since = today - timedelta(days=days - 1)
    # A day more: a call over midnight is in both books, on either side of it.
    period = {"first": since - timedelta(days=1), "until": today}
    told = [Told(*row) for row in conn.execute(_TOLD, period)]
    offered, first, told_at = conn.execute(_STANDING).one()
    blind = _blind(conn, period, first)
    rows = reconcile(told, _ours(conn, period), _theirs(conn, period, blind))
    shown = [row for row in rows if row.day >= since]
    return Balance(since, today, shown, total(shown), offered, told_at)


def _ours(conn: Connection, period: dict[str, date]) -> list[Recorded]:
    return [
        Recorded(
            row.day,
            row.agent_id,
            conversation_of(row.conversation) if row.conversation else None,
            Amount(int(row.tokens), row.cost),
            Amount(int(row.late_tokens), row.late_cost),
            Amount(int(row.lost_tokens), row.lost_cost),
            row.estimated,
            row.unpriced_calls,
        )
        for row in conn.execute(_OURS, period)
    ]


def _blind(conn: Connection, days: dict[str, date], first: datetime | None) -> list[gaps.Period]:
    """Return when Palais did not observe: before it first did, and since then; in order."""
    since, until = midnight(days["first"]), midnight(days["until"]) + DAY
    first = min(max(first or until, since), until)
    return [(since - DAY, first), *gaps.unseen(conn, first, until)]


def _watched(blind: list[gaps.Period], row: Any) -> bool:
    """Whether Palais observed for as long as the gateway dates what it counts of the day."""
    since, until = midnight(row.day), midnight(row.day) + DAY
    if row.began_at and row.ended_at:
        since, until = max(since, row.began_at - SKEW), min(until, row.ended_at + SKEW)
    next_ = bisect_right(blind, since, key=lambda period: period[1])
    return next_ == len(blind) or blind[next_][0] >= until


def _theirs(conn: Connection, period: dict[str, date], blind: list[gaps.Period]) -> list[Counted]:
    return [
        Counted(
            row.day,
            row.agent_id,
            row.conversation,
            Amount(row.tokens, row.cost),
            row.unpriced,
            row.archived,
            _watched(blind, row),
        )
        for row in conn.execute(_THEIRS, period)
    ]
