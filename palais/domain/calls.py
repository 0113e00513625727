"""The model calls of a run, added up as they are counted, however many there are."""

from collections.abc import Iterator, Mapping
from itertools import islice

from palais.domain.events import Usage


class Calls(Mapping[str, Usage]):  # noqa: PLW1641  compared by what it holds, so has no hash
    """Model calls by their keys, in the order in which they were counted. Never changed.

    What is added is kept beside what was there, which nobody copies: each sees its own beginning
    of what several share. ``tokens`` and ``cost`` (USD, of what is priced) are their sums,
    ``unpriced`` how many of them have no cost.
    """

    __slots__ = ("_places", "_size", "cost", "tokens", "unpriced")

    def __init__(self, calls: Mapping[str, Usage] | None = None) -> None:
        self._places: dict[str, tuple[int, Usage]] = {}
        self._size = 0
        self.tokens, self.cost, self.unpriced = 0, 0.0, 0
        for key, usage in (calls or {}).items():
            self._count(key, usage)

    def plus(self, key: str, usage: Usage) -> "Calls":
        """Return these calls and one more; the same where one of them has the key."""
        if key in self:
            return self
        more = object.__new__(Calls)
        ours = len(self._places) == self._size
        # Otherwise another one has gone on from here.
        more._places = self._places if ours else dict(islice(self._places.items(), self._size))
        more._size = self._size
        more.tokens, more.cost, more.unpriced = self.tokens, self.cost, self.unpriced
        more._count(key, usage)
        return more

    def __getitem__(self, key: str) -> Usage:
        place, usage = self._places[key]
        if place >= self._size:
            raise KeyError(key)
        return usage

    def __iter__(self) -> Iterator[str]:
        return iter(list(islice(self._places, self._size)))

    def __len__(self) -> int:
        return self._size

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Mapping) and len(other) != self._size:
            return False
        shared = isinstance(other, Calls) and other._places is self._places
        return shared or super().__eq__(other)

    def __repr__(self) -> str:
        return f"Calls({dict(self)})"

    def _count(self, key: str, usage: Usage) -> None:
        self._places[key] = (self._size, usage)
        self._size += 1
        self.tokens += usage.tokens
        if usage.cost is None:
            self.unpriced += 1
        else:
            self.cost += usage.cost
