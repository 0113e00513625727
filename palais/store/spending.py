"""What was spent, read from the ledger's hours: some thousand rows, however long the ledger is.

Days are UTC days. Each question goes by ``pk_usage_hourly``, or where it is of some agents alone
by ``ix_usage_hourly_agent_hour``.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Result, text

from palais.domain.spending import FIELDS, NOTHING, Spent
from palais.store.gaps import Period

MODELS: Final = 200
"""So many are told one by one: whoever names another at each call makes no page of a million."""

OTHERS: Final = "*"
"""Stands for all other models together."""

SHARES: Final = 50_000
DAY: Final = timedelta(days=1)
HOURS: Final = 24

_LARGEST: Final = 2**63 - 1
_COUNTED: Final = tuple(name for name in FIELDS if name != "known")
_WHOLE: Final = "least(coalesce(sum({0}), 0), {1})::bigint AS {0}"
_SUMS: Final = ", ".join(
    [
        *(_WHOLE.format(name, _LARGEST) for name in _COUNTED),
        "coalesce(sum(cost), 0)::float AS known",
    ]
)
_HOURLY: Final = "usage_hourly WHERE hour >= :since AND hour < :until"
_DAY: Final = "(hour AT TIME ZONE 'UTC')::date AS day"
_KEY: Final = "day, agent_id, model, provider"
_SHARES: Final = f"""
    SELECT {_DAY}, agent_id, model, {_SUMS} FROM {_HOURLY}
    GROUP BY GROUPING SETS ((day, agent_id), (day, model)) ORDER BY day LIMIT {SHARES + 1}
"""  # noqa: S608  made of constants, like the others
_FOLDED: Final = f"""
    SELECT day, agent_id, name AS model, {_SUMS} FROM (
        SELECT *, {_DAY}, CASE WHEN model = ANY(:kept) THEN model ELSE '{OTHERS}' END AS name
        FROM {_HOURLY}
    ) AS hours GROUP BY GROUPING SETS ((day, agent_id), (day, name)) ORDER BY day
"""  # noqa: S608
_LARGEST_MODELS: Final = f"""
    SELECT model FROM {_HOURLY} GROUP BY model
    ORDER BY sum(cost) DESC, sum(tokens) DESC, model LIMIT {MODELS}
"""  # noqa: S608
_LINES: Final = f"""
    SELECT {_DAY}, agent_id, model, provider, {_SUMS} FROM {_HOURLY}
    GROUP BY {_KEY} ORDER BY {_KEY}
"""  # noqa: S608
_HOURS: Final = f"SELECT hour, {_SUMS} FROM {_HOURLY} GROUP BY hour"  # noqa: S608
_CALLS: Final = f"""
    SELECT {_SUMS} FROM (
        SELECT *, 1 AS calls, (basis = 'unknown')::int AS unpriced_calls,
          CASE WHEN basis = 'unknown' THEN tokens ELSE 0 END AS unpriced_tokens FROM usage
    ) AS call WHERE at >= :since AND at < :until GROUP BY ()
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which agents (ids) and models is asked; without any, of all. ``''`` is no model named."""

    agents: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.agents or self.models)


EVERYBODY: Final = Scope()


@dataclass(frozen=True, slots=True)
class Share:
    """What an agent, or a model, came to on a day; the other of both is None."""

    day: date
    agent_id: str | None
    model: str | None
    spent: Spent


@dataclass(frozen=True, slots=True)
class Line:
    """What an agent spent on a model of a provider on a day; empty where nobody named them."""

    day: date
    agent_id: str
    model: str
    provider: str
    spent: Spent


def by_day(conn: Connection, since: date, until: date, scope: Scope = EVERYBODY) -> list[Share]:
    """Return each agent's and each model's share of each day, both ends included, in order.

    Of more than ``MODELS`` models, those with most have a share of their own, ``OTHERS`` the rest.
    """
    period = _period(since, until)
    rows = _ask(conn, _SHARES, period, scope).all()
    if len(rows) > SHARES or len({row.model for row in rows}) > MODELS + 1:  # None: of an agent
        kept = list(_ask(conn, _LARGEST_MODELS, period, scope).scalars())
        rows = _ask(conn, _FOLDED, period, scope, kept=kept).all()
    return [Share(row.day, row.agent_id, row.model, _spent(row)) for row in rows]


def lines(conn: Connection, since: date, until: date, scope: Scope = EVERYBODY) -> list[Line]:
    """Return what each agent spent on each model each day, both ends included, in order."""
    rows = _ask(conn, _LINES, _period(since, until), scope)
    return [Line(row.day, row.agent_id, row.model, row.provider, _spent(row)) for row in rows]


def by_hour(
    conn: Connection, since: date, until: date, scope: Scope = EVERYBODY
) -> dict[date, list[Spent]]:
    """Return the 24 hours of each day, both ends included."""
    days = {since + n * DAY: [NOTHING] * HOURS for n in range((until - since).days + 1)}
    for row in _ask(conn, _HOURS, _period(since, until), scope):
        hour = row.hour.astimezone(UTC)
        days[hour.date()][hour.hour] = _spent(row)
    return days


def within_hour(conn: Connection, moment: datetime, scope: Scope = EVERYBODY) -> Spent:
    """Return what the hour of a moment had come to by then: from the ledger, by ``ix_usage_at``.

    Of some agents alone, by ``ix_usage_agent_at``.
    """
    begun = moment.replace(minute=0, second=0, microsecond=0)
    [row] = _ask(conn, _CALLS, (begun, moment), scope)
    return _spent(row)


def models(conn: Connection, since: date) -> list[str]:
    """Return the models that were used most from a day on, by name; empty: that none named."""
    period = midnight(since), datetime.max.replace(tzinfo=UTC)
    return sorted(_ask(conn, _LARGEST_MODELS, period, EVERYBODY).scalars())


def began(conn: Connection) -> datetime | None:
    """Return the first hour of the ledger; None while it is empty."""
    first = conn.execute(text("SELECT min(hour) FROM usage_hourly")).scalar_one()
    return first.astimezone(UTC) if first else None


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _period(since: date, until: date) -> Period:
    return midnight(since), midnight(until) + DAY


def _ask(conn: Connection, sql: str, period: Period, scope: Scope, **more: object) -> Result[Any]:
    only = " AND agent_id = ANY(:agents)" if scope.agents else ""
    only += " AND coalesce(model, '') = ANY(:models)" if scope.models else ""
    values = {"since": period[0], "until": period[1]}
    chosen = {"agents": sorted(scope.agents), "models": sorted(scope.models)}
    return conn.execute(text(sql.replace(":until", f":until{only}")), values | chosen | more)


def _spent(row: Any) -> Spent:
    return Spent(**{name: getattr(row, name) for name in FIELDS})
