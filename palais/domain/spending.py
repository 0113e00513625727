"""What model calls came to: tokens, money, and how much of it has no known price. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Spent:
    """A sum over model calls, in tokens and USD.

    ``known`` is the cost of those calls whose cost is known; the others are counted in
    ``unpriced_calls`` and ``unpriced_tokens``.
    """

    calls: int = 0
    tokens: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cache_read: int = 0
    cache_write: int = 0
    known: float = 0.0
    unpriced_calls: int = 0
    unpriced_tokens: int = 0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.calls + other.calls,
            self.tokens + other.tokens,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.cache_read + other.cache_read,
            self.cache_write + other.cache_write,
            self.known + other.known,
            self.unpriced_calls + other.unpriced_calls,
            self.unpriced_tokens + other.unpriced_tokens,
        )

    @property
    def cost(self) -> float | None:
        """The cost (USD) as far as it is known; None where there were calls and none has one."""
        return None if 0 < self.calls <= self.unpriced_calls else self.known


FIELDS = tuple(field.name for field in fields(Spent))
NOTHING = Spent()


def total(parts: Iterable[Spent]) -> Spent:
    """Return the sum of all parts."""
    return sum(parts, NOTHING)


def by_rank(parts: Iterable[tuple[str, Spent]]) -> list[tuple[str, Spent]]:
    """Return one sum for each name: the dearest first, then by tokens, then by name."""
    sums: dict[str, Spent] = {}
    for name, spent in parts:
        sums[name] = sums.get(name, NOTHING) + spent
    return sorted(sums.items(), key=lambda one: (-one[1].known, -one[1].tokens, one[0]))


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more is spent than at the same moment before (USD); less is negative.

    ``ratio`` is that as a share of what was spent then; None where nothing was.
    """

    amount: float
    ratio: float | None


def difference(now: Spent, then: Spent) -> Difference | None:
    """Return how two sums differ; None where the cost of one of them is unknown."""
    if now.cost is None or then.cost is None:
        return None
    amount = now.cost - then.cost
    return Difference(amount, amount / then.cost if then.cost > 0 else None)
