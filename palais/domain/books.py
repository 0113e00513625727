"""Two books of the same days: what our ledger has, what the gateway counts, and a day's balance."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

ROUNDING: Final = Decimal("0.000001")
"""A millionth of a dollar: the gateway adds up in binary fractions, we in decimal ones."""


class Reason(StrEnum):
    """Why ours and theirs differ."""

    DELETED = "deleted"
    UNOBSERVED = "unobserved"
    UNPRICED = "unpriced"
    TIMING = "timing"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens, and cost in USD as far as it is known."""

    tokens: int = 0
    cost: Decimal = Decimal(0)

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.tokens + other.tokens, self.cost + other.cost)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.tokens - other.tokens, self.cost - other.cost)

    def __bool__(self) -> bool:
        return bool(self.tokens or self.cost)


NOTHING: Final = Amount()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What our ledger has of a conversation on a day (UTC).

    ``late`` is the part of it recorded after the gateway added up, ``lost`` the part from before
    its own transcript of the conversation begins. ``estimated`` says that the cost is not all the
    gateway's own, and ``unpriced_calls`` have none.
    """

    day: date
    agent_id: str
    conversation: str | None
    amount: Amount
    late: Amount = NOTHING
    lost: Amount = NOTHING
    estimated: bool = False
    unpriced_calls: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """What the gateway counts for a conversation on a day; see ``account.ConversationUsage``.

    ``watched`` is whether Palais saw all the time in which it was active on that day.
    """

    day: date
    agent_id: str
    conversation: str
    amount: Amount
    unpriced: bool = False
    archived: bool = False
    watched: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """A day that the gateway told of, and whether of all its conversations."""

    day: date
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """An agent's day. ``theirs`` is None where the gateway has not told of the day.

    ``parts`` add up to the difference; ``deleted`` counts the conversations that the gateway no
    longer counts, ``archived`` is what it still counts of such ones, and ``late`` what of ours is
    newer than its figures.
    """

    day: date
    agent_id: str
    ours: Amount
    unpriced_calls: int
    theirs: Amount | None
    parts: Mapping[Reason, Amount] = field(default_factory=dict)
    deleted: int = 0
    archived: Amount = NOTHING
    late: Amount = NOTHING

    @property
    def difference(self) -> Amount | None:
        """Ours less theirs."""
        return None if self.theirs is None else self.ours - self.theirs

    @property
    def timely(self) -> bool:
        """Whether all that is a matter of time came after the gateway added up."""
        return self.parts.get(Reason.TIMING, NOTHING) == self.late

    @property
    def explained(self) -> bool:
        """Whether the gateway has told, and nothing is left that only rounding would excuse."""
        rest = self.parts.get(Reason.OTHER, NOTHING)
        return self.theirs is not None and not rest.tokens and abs(rest.cost) < ROUNDING


def total(rows: Iterable[Row]) -> Row | None:
    """Return the sum of those rows of which the gateway told; None where there is none."""
    told = [row for row in rows if row.theirs is not None]
    if not told:
        return None
    parts: defaultdict[Reason, Amount] = defaultdict(Amount)
    for row in told:
        for reason, amount in row.parts.items():
            parts[reason] += amount
    return Row(
        told[0].day,
        "",
        sum((row.ours for row in told), NOTHING),
        sum(row.unpriced_calls for row in told),
        sum((row.theirs for row in told if row.theirs is not None), NOTHING),
        dict(parts),
        sum(row.deleted for row in told),
        sum((row.archived for row in told), NOTHING),
        sum((row.late for row in told), NOTHING),
    )
