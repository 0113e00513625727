"""What waits for Postgres: changes in bounded memory, in batches of one transaction each.

Within a batch, only the latest state of an agent and a run is kept, and the latest sign of life;
lines of history, usage and steps are all kept. States are not joined across batches: after each
transaction the tables and the log tell the same story, also if there is never another one.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from palais.domain.account import UsageListed, UsageWithheld
from palais.domain.changes import (
    AgentChanged,
    Change,
    GapNoted,
    Logged,
    Presence,
    RunChanged,
    SpanChanged,
    UsageAdded,
)
from palais.store.journal import Entry

BATCH_ENTRIES: Final = 1_000
BATCH_BYTES: Final = 4 * 1024 * 1024
"""A batch that has as much is complete: more in one transaction is no faster, only later."""

ENTRIES: Final = 50_000
BYTES: Final = 64 * 1024 * 1024
"""Where the backlog is full. 500 events a second fill it in a minute, a usual fleet in hours."""

CROWD: Final = 5 * BATCH_ENTRIES
"""Where it is better to take in nothing more, for as long as Postgres keeps committing."""

ENTRY_BYTES: Final = 1_024
"""What an entry takes in memory, about, without the input and output of a step."""

_Line = Logged | UsageAdded | SpanChanged | GapNoted | UsageListed | UsageWithheld


class Batch:
    """The changes of one transaction."""

    def __init__(self, presences: dict[str, Presence]) -> None:
        self.presences = presences
        self._agents: dict[str, AgentChanged] = {}
        self._runs: dict[str, RunChanged] = {}
        self._lines: list[_Line] = []
        self._texts = 0
        self._size = len(presences)
        self._entries: list[Entry] = []

    def __len__(self) -> int:
        """How many entries it has."""
        return self._size

    @property
    def weight(self) -> int:
        """About how many bytes it takes in memory."""
        return self._texts + self._size * ENTRY_BYTES

    @property
    def complete(self) -> bool:
        """Whether the next changes belong into another one."""
        kept = self._size - len(self.presences)
        return kept >= BATCH_ENTRIES or self.weight >= BATCH_BYTES

    def add(self, changes: Iterable[Change]) -> None:
        """Keep changes, each in place of what it supersedes."""
        for change in changes:
            self._add(change)
        self._count()

    def release(self) -> dict[str, Presence]:
        """Give the signs of life away, to a batch that has later ones."""
        presences, self.presences = self.presences, {}
        self._count()
        return presences

    def _count(self) -> None:
        kept = len(self._lines) + len(self._agents) + len(self._runs)
        self._size = kept + len(self.presences)

    def _add(self, change: Change) -> None:
        if isinstance(change, AgentChanged):
            self._agents[change.agent.id] = self._joined(change)
        elif isinstance(change, RunChanged):
            self._runs[change.run.run_id] = change
        elif isinstance(change, Presence):
            self.presences[change.agent_id] = change
        else:
            self._lines.append(change)
            if isinstance(change, SpanChanged):
                self._texts += _texts(change)
            elif isinstance(change, UsageListed):
                self._texts += len(change.told) * ENTRY_BYTES

    def entries(self, keys: Iterator[str]) -> list[Entry]:
        """Return what to write, each after what it refers to; the same each time it is asked."""
        if not self._entries:
            changes: Iterable[Change] = (
                *self._agents.values(),
                *self._runs.values(),
                *self._lines,
                *self.presences.values(),
            )
            self._entries = [Entry(next(keys), change) for change in changes]
        return self._entries

    def _joined(self, change: AgentChanged) -> AgentChanged:
        before = self._agents.get(change.agent.id)
        if before is None or change.profile or not before.profile:
            return change
        return AgentChanged(change.agent, profile=True)


class Backlog:
    """Batches, oldest first. ``keys`` are those of their entries, no two the same."""

    def __init__(self, keys: Iterator[str]) -> None:
        self._keys = keys
        self._batches: deque[Batch] = deque()
        self._open: Batch | None = None
        self._others = 0
        self._others_weight = 0

    def __len__(self) -> int:
        """How many entries wait."""
        return self._others + (len(self._open) if self._open else 0)

    @property
    def weight(self) -> int:
        """About how many bytes what waits takes in memory."""
        return self._others_weight + (self._open.weight if self._open else 0)

    @property
    def crowded(self) -> bool:
        """Whether more waits than the next few transactions take."""
        return len(self) >= CROWD

    @property
    def full(self) -> bool:
        """Whether nothing more may be added. It is up to the caller to look."""
        return len(self) >= ENTRIES or self.weight >= BYTES

    def add(self, changes: Sequence[Change]) -> None:
        """Keep the changes of one step, all in one batch, however large they make it."""
        if not changes:
            return
        batch = self._open
        if batch is None or batch.complete:
            batch = self._begin()
        batch.add(changes)

    def oldest(self) -> list[Entry]:
        """Return the entries of the oldest batch, to which nothing is added any more."""
        if not self._batches:
            return []
        if self._batches[0] is self._open:
            self._seal()
        return self._batches[0].entries(self._keys)

    def done(self) -> None:
        """Forget the oldest batch: it is committed."""
        batch = self._batches.popleft()
        self._others -= len(batch)
        self._others_weight -= batch.weight

    def _begin(self) -> Batch:
        presences: dict[str, Presence] = {}
        if self._open is not None:
            # A sign of life is no history: nobody wants to hear of one before the last.
            presences = self._open.release()
            self._seal()
        batch = self._open = Batch(presences)
        self._batches.append(batch)
        return batch

    def _seal(self) -> None:
        assert self._open is not None  # noqa: S101  both callers have looked
        self._others += len(self._open)
        self._others_weight += self._open.weight
        self._open = None


def _texts(change: SpanChanged) -> int:
    span = change.span
    return len(span.input or "") + len(span.output or "") + len(span.error or "")
