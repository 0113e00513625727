"""Budgets on record: set, cleared, laid beside the ledger, and each warning given once."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, delete, func, text
from sqlalchemy.dialects.postgresql import insert

from palais.domain.budgets import FLEET, Period, Standing, Window, due, plain, watched, window
from palais.domain.changes import Logged
from palais.domain.text import clean
from palais.errors import NotFoundError
from palais.store import journal, queries, wire
from palais.store.journal import Entry
from palais.store.money import BudgetAlertRow, BudgetRow

EVENT: Final = "budget.warning"

# Of an agent by ix_usage_hourly_agent_hour, of all by pk_usage_hourly.
STANDINGS: Final = text("""
    SELECT scope, period, amount, since, until, cost, unpriced, given
    FROM budgets
    JOIN unnest(CAST(:periods AS text[]), CAST(:starts AS timestamptz[]),
        CAST(:ends AS timestamptz[])) AS windows (period, since, until) USING (period)
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(cost), 0) AS cost, coalesce(sum(unpriced_calls), 0)::bigint AS unpriced
        FROM (
            SELECT cost, unpriced_calls FROM usage_hourly
            WHERE agent_id = scope AND hour >= since AND hour < until
            UNION ALL
            SELECT cost, unpriced_calls FROM usage_hourly
            WHERE scope = '*' AND hour >= since AND hour < until
        ) AS hours
    ) AS spent
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(threshold), '{}') AS given FROM budget_alerts AS alerts
        WHERE alerts.scope = budgets.scope AND alerts.period = budgets.period
          AND alerts.starts_at = since AND alerts.amount = budgets.amount
    ) AS alerts
    WHERE set_at < until
    ORDER BY scope <> '*', scope, period, since
""")


def put(conn: Connection, scope: str, period: Period, amount: Decimal, now: datetime) -> bool:
    """Set a budget, and warn at once where it is used up; say whether it was another before.

    Raises NotFoundError where the scope is neither ``*`` nor an agent.
    """
    with conn.begin():
        _known(conn, scope)
        row = insert(BudgetRow).values(scope=scope, period=period, amount=amount, set_at=now)
        new = {"amount": row.excluded.amount, "set_at": row.excluded.set_at}
        changed = conn.execute(
            row.on_conflict_do_update(
                index_elements=["scope", "period"],
                set_=new,
                where=BudgetRow.amount != row.excluded.amount,
            ).returning(BudgetRow.scope)
        ).first()
    check(conn, now)
    return changed is not None


def clear(conn: Connection, scope: str, period: Period) -> bool:
    """Forget a budget; say whether there was one. Raises NotFoundError as ``put`` does."""
    row = BudgetRow.__table__.c
    with conn.begin():
        _known(conn, scope)
        gone = conn.execute(delete(BudgetRow).where(row.scope == scope, row.period == period))
    return bool(gone.rowcount)


def standings(conn: Connection, windows: Iterable[Window]) -> list[Standing]:
    """Return each budget in each of these windows: the fleet's first, then by agent."""
    asked = list(windows)
    values = {
        "periods": [one.period.value for one in asked],
        "starts": [one.start for one in asked],
        "ends": [one.until for one in asked],
    }
    return [
        Standing(
            row.scope,
            Window(Period(row.period), row.since.astimezone(UTC), row.until.astimezone(UTC)),
            row.amount,
            row.cost,
            row.unpriced,
            frozenset(row.given),
        )
        for row in conn.execute(STANDINGS, values)
    ]


def current(conn: Connection, now: datetime) -> list[Standing]:
    """Return each budget as it stands in the day or month of this moment."""
    return standings(conn, [window(period, now) for period in Period])


def check(conn: Connection, now: datetime) -> int:
    """Give the warnings that are due, each once whoever checks; return how many were given.

    They become lines of history, in one transaction with the note that they were given. Raises
    sqlalchemy's DBAPIError where the database fails: then none of them was.
    """
    windows = watched(now)
    with conn.begin():
        if not any(_due(one) for one in standings(conn, windows)):
            return 0
        # Whoever else checks has had its turn, or waits: what is due now is due to us alone.
        journal.take_turn(conn)
        found = [one for one in standings(conn, windows) if _due(one)]
        lines = [line for one in found for line in _give(conn, one, now)]
        journal.append(conn, lines)
    return len(lines)


def _due(standing: Standing) -> bool:
    return bool(due(standing.spent, standing.amount, standing.given)[1])


def _give(conn: Connection, standing: Standing, now: datetime) -> list[Entry]:
    told, fresh = due(standing.spent, standing.amount, standing.given)
    for threshold in fresh:
        row = insert(BudgetAlertRow).values(
            scope=standing.scope,
            period=standing.window.period,
            starts_at=standing.window.start,
            threshold=threshold,
            spent=standing.spent,
            amount=standing.amount,
        )
        new = {"spent": row.excluded.spent, "amount": row.excluded.amount, "at": func.now()}
        keys = ["scope", "period", "starts_at", "threshold"]
        conn.execute(row.on_conflict_do_update(index_elements=keys, set_=new))
    return [] if told is None else [_line(standing, told, now)]


def _line(standing: Standing, threshold: int, now: datetime) -> Entry:
    place = f"{standing.scope}:{standing.window.period}:{standing.window.start:%Y-%m-%d}"
    key = f"budget:{place}:{threshold}:{plain(standing.amount)}"
    fields = {
        "scope": standing.scope,
        "period": standing.window.period.value,
        "threshold": threshold,
        "spent": float(standing.spent),
        "amount": float(standing.amount),
        "started_at": wire.millis(standing.window.start),
        "unpriced_calls": standing.unpriced,
    }
    said = f"{plain(standing.spent)} of {plain(standing.amount)} USD"
    at = wire.millis(now) or 0
    return Entry(key, Logged(EVENT, at, standing.agent_id, None, said, fields, key))


def _known(conn: Connection, scope: str) -> None:
    if scope != FLEET and queries.agent(conn, scope) is None:
        raise NotFoundError(f"There is no agent {clean(scope, 60)!r}.")
