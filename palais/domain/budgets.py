"""Budgets: what may be spent a day or a month, and when a warning is due. Pure.

Days and months are those of UTC. Money is USD, in decimals: a third of a cent more or less decides
whether a warning is due.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from palais.domain.agent import DECIMALS
from palais.errors import BadRequestError

FLEET: Final = "*"
"""The scope of a budget that all agents share; no agent can be called so."""

THRESHOLDS: Final = (50, 80, 100)
"""Per cent of a budget that are worth a warning."""

WARNING: Final = 80
"""From here on a budget is shown as one that runs out."""

MOST: Final = 10**9
"""The largest budget, in USD."""

GRACE: Final = timedelta(hours=1)
"""So long after a period's end what was spent in it may still come to be known."""


class Period(StrEnum):
    """How long a budget has to last."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Window:
    """One day or month: from ``start`` up to, and without, ``until``."""

    period: Period
    start: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget and what was spent of it in one window.

    ``unpriced`` calls are not in ``spent``: nobody knows what they cost. ``given`` are the
    thresholds that were warned of, for this amount.
    """

    scope: str
    window: Window
    amount: Decimal
    spent: Decimal
    unpriced: int = 0
    given: frozenset[int] = frozenset()

    @property
    def left(self) -> Decimal:
        """What may still be spent, in USD; less than nothing where it was exceeded."""
        return self.amount - self.spent

    @property
    def share(self) -> float:
        """How much of it is spent, 1 for all of it."""
        return float(self.spent / self.amount)

    @property
    def reached(self) -> int:
        """The highest threshold that is reached, in per cent; 0 for none."""
        return max(reached(self.spent, self.amount), default=0)

    @property
    def agent_id(self) -> str | None:
        """The agent whose budget it is; None for the fleet's."""
        return None if self.scope == FLEET else self.scope


def window(period: Period, now: datetime) -> Window:
    """Return the UTC day or month that a moment lies in."""
    start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period is Period.DAY:
        return Window(period, start, start + timedelta(days=1))
    first = start.replace(day=1)
    return Window(period, first, (first + timedelta(days=31)).replace(day=1))


def watched(now: datetime) -> list[Window]:
    """Return the windows in which a warning may be due: also those that ended just now."""
    moments = {now, now - GRACE}
    return sorted(
        {window(period, moment) for period in Period for moment in moments},
        key=lambda one: (one.start, one.period),
    )


def reached(spent: Decimal, amount: Decimal) -> list[int]:
    """Return the thresholds that are reached, the lowest first."""
    return [threshold for threshold in THRESHOLDS if spent * 100 >= amount * threshold]


def due(spent: Decimal, amount: Decimal, given: Set[int]) -> tuple[int | None, list[int]]:
    """Return which threshold to warn of now, and which are then to be counted as given.

    Of several that are reached at once the highest is told, and tells of the lower ones too.
    """
    found = reached(spent, amount)
    fresh = [threshold for threshold in found if threshold not in given]
    told = found[-1] if fresh and found[-1] in fresh else None
    return told, fresh


def amount_of(text: str) -> Decimal:
    """Return an amount of USD as a person writes it, ``10`` or ``2.50``.

    Raises BadRequestError where it is no number above 0 and up to a billion, or is finer than a
    ten-billionth.
    """
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        raise BadRequestError(
            f"{text.strip()[:40]!r} is no amount. Write it as 10 or 2.50."
        ) from None
    if not amount.is_finite() or not 0 < amount <= MOST:
        raise BadRequestError("An amount is more than 0 and at most 1000000000 (USD).")
    exact = amount.quantize(Decimal(1).scaleb(-DECIMALS))
    if exact != amount:
        raise BadRequestError(f"An amount has at most {DECIMALS} decimals.")
    return exact


def plain(amount: Decimal) -> str:
    """Return an amount in two to ten decimals, without an exponent: equal for equal amounts."""
    whole, _, decimals = f"{amount:.{DECIMALS}f}".partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
