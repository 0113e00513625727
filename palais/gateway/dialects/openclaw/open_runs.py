"""The open runs of one connection, and what each of them was asked.

A question and the run that answers it are told in either order, and a question that waits behind
an open run is answered by a run of another id than the one it was accepted with.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import replace
from typing import Final

from palais.domain.events import Event, RunEnded, RunSeen

ENDED_KEPT: Final = 64
PATIENCE_MS: Final = 15_000
"""How long a question waits for the run that answers it to be named."""


class OpenRuns:
    """Feed it the events of a connection in order; it completes them and remembers."""

    def __init__(self) -> None:
        self._conversations: dict[str, str | None] = {}
        self._untold: dict[str, int] = {}
        self._questions: dict[str, tuple[str, int]] = {}
        self._ended: deque[str] = deque(maxlen=ENDED_KEPT)

    def __bool__(self) -> bool:
        """Whether any run is open."""
        return bool(self._conversations)

    def asked(self, key: str, run_id: str | None, question: str, now: int) -> str | None:
        """Return the open run that answers this question; None where it is yet to be named."""
        if run_id in self._conversations:
            return run_id
        if run_id in self._ended:
            return None
        run_id, _ = self.untold(key)
        if run_id is None:
            self._questions[key] = (question, now)
        return run_id

    def untold(self, key: str) -> tuple[str | None, int]:
        """Return the open run of which nobody knows yet what it was asked, and when it began."""
        waiting = (it for it in self._untold.items() if self._conversations.get(it[0]) == key)
        return next(waiting, (None, 0))

    def waits(self, key: str, run_id: str | None, question: str, at: int) -> None:
        """Keep a question of a transcript that nobody has begun to answer."""
        if key not in self._conversations.values():
            self.asked(key, run_id, question, at)

    def without_queued(self, events: list[Event]) -> list[Event]:
        """Leave out runs that only wait behind an open one of their conversation."""
        taken = set(self._conversations.values())
        return [
            event
            for event in events
            if not isinstance(event, RunSeen)
            or event.run_id in self._conversations
            or event.conversation not in taken
        ]

    def note(self, events: list[Event], now: int) -> list[Event]:
        """Remember what these events open and end; return them with the questions known."""
        return [self._noted(event, now) for event in events]

    def keep(self, conversations: Collection[str]) -> None:
        """Forget the runs of all other conversations: the gateway has no active run there."""
        for run_id in [run for run, key in self._conversations.items() if key not in conversations]:
            self._forget(run_id)

    def _noted(self, event: Event, now: int) -> Event:
        if isinstance(event, RunEnded) and event.run_id is not None:
            self._answered(event)
            self._forget(event.run_id)
            self._ended.append(event.run_id)
        # A chat's last delta comes after its run's end: it opens nothing.
        if not isinstance(event, RunSeen) or event.run_id in self._ended:
            return event
        if event.run_id not in self._conversations and event.task is None:
            event = self._with_question(event, now)
        self._conversations[event.run_id] = event.conversation
        if event.task is not None:
            self._untold.pop(event.run_id, None)
        return event

    def _answered(self, event: RunEnded) -> None:
        """Forget the question of a run of which nothing but its end was told here."""
        known = event.run_id in self._ended or event.run_id in self._conversations
        key = event.conversation or ""
        if not known and self._questions.get(key, ("", event.at + 1))[1] <= event.at:
            del self._questions[key]

    def _with_question(self, event: RunSeen, now: int) -> RunSeen:
        question, at = self._questions.pop(event.conversation or "", ("", 0))
        if question and now - at < PATIENCE_MS:
            return replace(event, task=question)
        self._untold[event.run_id] = event.started_at or event.at
        return event

    def _forget(self, run_id: str) -> None:
        self._conversations.pop(run_id, None)
        self._untold.pop(run_id, None)
