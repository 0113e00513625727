"""What a model call costs where nobody told: by a table of prices, dated, and never by a guess."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final

from palais.domain.agent import DECIMALS
from palais.domain.events import Event, SpanCompleted, Usage, UsageReported

MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Rates:
    """USD for a million tokens of each kind; ``None`` where a kind has no price that is known."""

    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None

    def cost(self, usage: Usage) -> float | None:
        """Return the cost in USD; None where tokens were used that have no price."""
        parts = (
            (usage.tokens_in, self.input),
            (usage.tokens_out, self.output),
            (usage.cache_read, self.cache_read),
            (usage.cache_write, self.cache_write),
        )
        known = [tokens * rate for tokens, rate in parts if rate is not None]
        if any(tokens and rate is None for tokens, rate in parts):
            return None
        return round(sum(known) / MILLION, DECIMALS)


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a model, of calls before ``until`` (ms).

    A prompt (input, cache reads and writes) of more than ``limit`` tokens is billed as a whole,
    with its answer, by ``beyond``; where that is None, such a call has no known price.
    """

    rates: Rates
    limit: int | None = None
    beyond: Rates | None = None
    until: int | None = None

    def cost(self, usage: Usage) -> float | None:
        """Return the cost of a call in USD, None where it is not known."""
        if self.until is not None and usage.at >= self.until:
            return None
        prompt = usage.tokens_in + usage.cache_read + usage.cache_write
        longer = self.limit is not None and prompt > self.limit
        rates = self.beyond if longer else self.rates
        return None if rates is None else rates.cost(usage)


@dataclass(frozen=True, slots=True)
class Table:
    """The prices of one file, by a model's id or a pattern with ``*``; None: it has none."""

    version: str
    models: Mapping[str, Price | None]

    def find(self, model: str) -> tuple[Price | None] | None:
        """Return what the table says of a model; None where it says nothing.

        The id itself counts before any pattern, and a longer pattern before a shorter one.
        """
        if model in self.models:
            return (self.models[model],)
        fitting = (name for name in self.models if "*" in name and fnmatchcase(model, name))
        name = max(fitting, key=len, default=None)
        return None if name is None else (self.models[name],)


class Prices:
    """Tables, the first one that says anything of a model wins."""

    def __init__(self, tables: Sequence[Table] = ()) -> None:
        self._tables = tuple(tables)

    def of(self, usage: Usage) -> Usage:
        """Return the usage with its cost, and the table's version, where nobody told the cost.

        What nobody told as divided, and a model that no table knows, stays without.
        """
        if usage.cost is not None or usage.total is not None or not usage.model:
            return usage
        for table in self._tables:
            found = table.find(usage.model)
            if found is not None:
                cost = found[0].cost(usage) if found[0] else None
                return usage if cost is None else replace(usage, cost=cost, priced=table.version)
        return usage

    def told(self, event: Event) -> Event:
        """Return the event, a model call with its cost where the tables know it."""
        if type(event) is UsageReported:
            return replace(event, usage=self.of(event.usage))
        if type(event) is SpanCompleted and event.span.cost is None:
            return self._span(event)
        return event

    def _span(self, event: SpanCompleted) -> Event:
        span = event.span
        if span.tokens_in is None or span.tokens_out is None:
            return event
        usage = Usage(
            *(span.tokens_in, span.tokens_out, span.cache_read or 0, span.cache_write or 0),
            model=span.model,
            at=span.ended_at or event.at,
        )
        return replace(event, span=replace(span, cost=self.of(usage).cost))
