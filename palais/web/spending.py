"""What a page or the API tells of the costs of a period: read on one snapshot, and added up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Final

from sqlalchemy import Connection

from palais.domain.forecast import Forecast, forecast
from palais.domain.spending import Difference, Spent, by_rank, difference, total
from palais.store import gaps, spending
from palais.store.spending import EVERYBODY, Scope, midnight

DAY: Final = timedelta(days=1)
WEEK: Final = 7
MONTH: Final = 30
MOSTLY: Final = 0.5
"""From which share on a day counts as not observed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The period, in days up to today, and of which agents and models."""

    days: int = MONTH
    scope: Scope = EVERYBODY


@dataclass(frozen=True)
class Day:
    """A day: what each agent and each model came to, and which share of it was not observed.

    ``kept`` is false before the ledger began: then nothing is known, not even that it was nothing.
    """

    day: date
    agents: Mapping[str, Spent]
    models: Mapping[str, Spent]
    unseen: float
    kept: bool

    @cached_property
    def spent(self) -> Spent:
        """All of it."""
        return total(self.agents.values())

    @property
    def told(self) -> Spent | None:
        """All of it; None where nothing is known: it was not observed, and nothing came of it."""
        spent = self.spent
        return spent if self.kept and not (self.blind and not spent.calls) else None

    @property
    def blind(self) -> bool:
        """Whether most of it was not observed, so far as it is over."""
        return self.unseen >= MOSTLY


@dataclass(frozen=True)
class Today:
    """Today so far, beside the same weekday of last week; each has the 24 hours of it.

    ``then`` is what that day had come to at this time of day.
    """

    now: datetime
    hours: Sequence[Spent]
    before: Sequence[Spent]
    then: Spent
    before_kept: bool
    forecast: Forecast | None
    unseen: Sequence[tuple[datetime, datetime]]
    since: int = 0
    """The hour with which the ledger began, where that was today."""

    @cached_property
    def spent(self) -> Spent:
        """What is spent today."""
        return total(self.hours)

    @property
    def elapsed(self) -> float:
        """How many hours of the day are over."""
        return hours_of(self.now)

    @property
    def difference(self) -> Difference | None:
        """How much more that is than at the same time a week ago; None where one is unknown."""
        return difference(self.spent, self.then) if self.before_kept else None


@dataclass(frozen=True)
class Account:
    """Everything of a period."""

    asked: Asked
    days: Sequence[Day]
    today: Today
    month: Spent
    thirty: Spent
    began: date | None
    agents: Sequence[tuple[str, Spent]] = field(default=())
    models: Sequence[tuple[str, Spent]] = field(default=())

    @cached_property
    def spent(self) -> Spent:
        """The whole period."""
        return total(one for _, one in self.agents)


def period(asked: Asked, now: datetime) -> tuple[date, date]:
    """Return the first and the last day that is asked for."""
    today = now.astimezone(UTC).date()
    return today - (asked.days - 1) * DAY, today


def read(conn: Connection, asked: Asked, now: datetime) -> Account:
    """Return the account of a period up to now."""
    now = now.astimezone(UTC)
    today, began = now.date(), spending.began(conn)
    begun = began.date() if began else None
    since = today - (max(asked.days, MONTH, today.day) - 1) * DAY
    shares = spending.by_day(conn, since, today, asked.scope)
    # What a whole week's days before it need is read with them: they may be the oldest.
    unseen = gaps.unseen(conn, midnight(since - WEEK * DAY), now)
    days = _days(since, now, shares, unseen, begun)
    shown = days[-asked.days :]
    return Account(
        asked=asked,
        days=shown,
        today=_today(conn, asked.scope, now, began, unseen),
        month=total(one.spent for one in days if one.day >= today.replace(day=1)),
        thirty=total(one.spent for one in days[-MONTH:]),
        began=begun,
        agents=by_rank(part for one in shown for part in one.agents.items()),
        models=by_rank(part for one in shown for part in one.models.items()),
    )


def _days(
    since: date,
    now: datetime,
    shares: Iterable[spending.Share],
    unseen: Sequence[gaps.Period],
    began: date | None,
) -> list[Day]:
    found: dict[date, tuple[dict[str, Spent], dict[str, Spent]]] = {}
    for share in shares:
        agents, models = found.setdefault(share.day, ({}, {}))
        if share.agent_id is not None:
            agents[share.agent_id] = share.spent
        else:
            models[share.model or ""] = share.spent
    return [
        Day(
            day,
            *found.get(day, ({}, {})),
            _unseen(day, now, unseen),
            began is not None and day >= began,
        )
        for day in (since + n * DAY for n in range((now.date() - since).days + 1))
    ]


def _unseen(day: date, now: datetime, periods: Iterable[gaps.Period]) -> float:
    start = midnight(day)
    end = min(start + DAY, now)
    blind = sum(
        max(0.0, (min(until, end) - max(since, start)).total_seconds()) for since, until in periods
    )
    return blind / max(1.0, (end - start).total_seconds())


def _today(
    conn: Connection,
    scope: Scope,
    now: datetime,
    began: datetime | None,
    unseen: Sequence[gaps.Period],
) -> Today:
    today = now.date()
    week = spending.by_hour(conn, today - WEEK * DAY, today, scope)
    hours = week.pop(today)
    ago = now - WEEK * DAY
    before = week[ago.date()]
    # The first day of which all is known.
    first = (began + timedelta(hours=23)).date() if began else today
    known = [
        [one.known for one in day]
        for at, day in week.items()
        if at >= first and _unseen(at, now, unseen) < MOSTLY and total(day).cost is not None
    ]
    spent = total(hours)
    return Today(
        now=now,
        hours=hours,
        before=before,
        then=total(before[: ago.hour]) + spending.within_hour(conn, ago, scope),
        before_kept=began is not None and ago >= began,
        forecast=None if spent.cost is None else forecast(spent.cost, known, hours_of(now)),
        unseen=[one for one in unseen if one[1] > midnight(today)],
        since=began.hour if began and began.date() == today else 0,
    )


def hours_of(moment: datetime) -> float:
    """Return how many hours of its day are over at a moment."""
    return (moment - midnight(moment.date())).total_seconds() / 3600
