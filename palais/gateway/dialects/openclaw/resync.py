"""Catching up after a (re)connect or a gap: what is so now, and what happened meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from palais.domain.events import (
    ConversationsActive,
    Event,
    GatewayRebooted,
    RosterListed,
    RunEnded,
    RunSeen,
)
from palais.errors import DecodeError
from palais.gateway import fields
from palais.gateway.dialects.openclaw import rows
from palais.gateway.fields import passed_over
from palais.gateway.frames import Json
from palais.gateway.session import Answer

Ask = Callable[[str, Json], None]
Fault = Callable[[str, str], None]

DAY_MS: Final = 24 * 3600 * 1000
OVERLAP_MS: Final = 60_000
"""How far before the last observation the audit log is read again; repeats change nothing."""

PAGE: Final = 500
PAGES: Final = 20

ROSTER: Final = "agents.list"
SUBSCRIBE: Final = "sessions.subscribe"
ACTIVE: Final = "sessions.list"
AUDIT: Final = "audit.activity.list"
ACTIVE_ONLY: Final[Json] = {"activeOnly": True, "limit": 500}


class Resync:
    """One catching-up: asks on creation, collects the answers, concludes when all are there.

    ``after`` is the moment (ms) from which on things may have happened that nobody saw.
    """

    def __init__(
        self, ask: Ask, fault: Fault, since: int | None, now: int, *, rebooted: bool
    ) -> None:
        self._ask = ask
        self._fault = fault
        self.rebooted = rebooted
        self._waiting = {ROSTER, SUBSCRIBE, ACTIVE, AUDIT}
        self._history: list[list[Event]] = []
        self._rows: list[Event] = []
        self._touched: set[str] = set()
        self._since = since
        self._active: frozenset[str] | None = None
        self._at = now
        self.began = now
        self.roster: RosterListed | None = None
        self.conversations: set[str] = set()
        self.plain = False
        self.failed = False
        self.after = max(since - OVERLAP_MS, now - DAY_MS) if since is not None else now - DAY_MS
        self._audit_params = {"limit": PAGE, "kind": "agent_run", "after": self.after}
        ask(ROSTER, {})
        ask(SUBSCRIBE, {"limit": 100})
        ask(ACTIVE, ACTIVE_ONLY)
        ask(AUDIT, self._audit_params)

    @property
    def done(self) -> bool:
        """Whether every answer has come."""
        return not self._waiting

    def answer(self, answer: Answer, now: int) -> None:
        """Take an answer in; a bad one counts as refused, and ``failed`` tells of it."""
        method, payload = answer.method, answer.payload
        if answer.error is not None:
            self._refused(method, answer.params, busy=answer.busy)
            return
        try:
            if method == ROSTER:
                self.roster = rows.roster(payload, fields.instant(payload, "ts") or now)
            elif method == AUDIT and method in self._waiting and self._page(payload):
                return
            elif method in {SUBSCRIBE, ACTIVE}:
                self._listing(method, payload, now)
        except DecodeError as error:
            self._fault(error.kind, error.clip)
            self._refused(method, {}, busy=False)
        self._waiting.discard(method)

    def give_up(self) -> None:
        """Wait for no further answer."""
        self._fault("the gateway left something unanswered", ", ".join(sorted(self._waiting)))
        self._waiting.clear()

    def conclude(self) -> list[Event]:
        """Return the events that bring the court up to date, in the order to apply them."""
        told = self._told()
        ended = {event.run_id for event in told if isinstance(event, RunEnded)}
        going = self._going(told, ended)
        events: list[Event] = [self.roster] if self.roster else []
        events += [
            event
            for event in told
            if isinstance(event, RunEnded)
            or (isinstance(event, RunSeen) and event.run_id in {*ended, *going})
        ]
        if self.rebooted:
            events.append(GatewayRebooted(self._at, frozenset(going)))
        if self._active is not None:
            events.append(ConversationsActive(self._active, self._at))
        return events

    def touched(self) -> set[str]:
        """Return the conversations whose messages may have been missed."""
        keys = {
            event.conversation
            for page in self._history
            for event in page
            if isinstance(event, RunSeen | RunEnded) and event.conversation
        }
        return keys | self._touched | self.active()

    def active(self) -> frozenset[str]:
        """Return the conversations in which a run is active."""
        return self._active or frozenset()

    def _told(self) -> list[Event]:
        """Return what the audit log and the rows tell of runs, in order.

        The log has the end of a run that did not succeed only 15 seconds after it (seen on
        2026.9.6), the row at once; the row has more to say of it.
        """
        logged = [event for page in reversed(self._history) for event in page]
        rows = {event.run_id: event for event in self._rows if isinstance(event, RunEnded)}
        told = [
            _merged(event, rows.pop(event.run_id, event)) if isinstance(event, RunEnded) else event
            for event in logged
        ]
        late = sorted(rows.values(), key=lambda event: event.at)
        accepted = [event for event in self._rows if isinstance(event, RunSeen)]
        return [*accepted, *told, *late]

    def _going(self, told: list[Event], ended: set[str | None]) -> set[str]:
        """Return the runs that go on: the latest unended start of each active conversation.

        One that was only accepted may wait behind it. An unended start elsewhere died with an
        earlier gateway process, and is no news.
        """
        latest = {
            event.conversation: event.run_id
            for event in told
            if isinstance(event, RunSeen) and event.run_id not in ended
        }
        return {run_id for key, run_id in latest.items() if key in (self._active or ())}

    def _page(self, payload: Json) -> bool:
        """Take in a page of the audit log; True where another one has been asked for."""
        self._history.append(rows.audited(payload, self._fault))
        cursor = payload.get("nextCursor")
        more = isinstance(cursor, str) and len(self._history) < PAGES
        if more:
            self._ask(AUDIT, {**self._audit_params, "cursor": cursor})
        return more

    def _listing(self, method: str, payload: Json, now: int) -> None:
        listing = fields.mapping(payload, "list") if method == SUBSCRIBE else payload
        found = list(fields.mappings(listing, "sessions"))
        self.conversations |= {key for row in found if (key := fields.run_id(row, "key"))}
        for row in found:
            with passed_over(self._fault):
                self._rows += rows.told(row)
            key, at = fields.run_id(row, "key"), fields.instant(row, "updatedAt")
            if key and at and self._since is not None and at >= self._since - OVERLAP_MS:
                self._touched.add(key)
        if method == ACTIVE:
            self._active = rows.active_keys(payload)
            self._at = fields.instant(payload, "ts") or now

    def _refused(self, method: str, params: Json, *, busy: bool) -> None:
        # Protocol 3 does not know these parameters, and refuses what it does not know.
        if method in {SUBSCRIBE, ACTIVE} and params and not busy:
            self.plain = True
            self._ask(method, {})
            return
        self._waiting.discard(method)
        self.failed = self.failed or busy or method in {ROSTER, SUBSCRIBE, ACTIVE}


def _merged(logged: RunEnded, row: RunEnded) -> RunEnded:
    return replace(row, status=logged.status, at=logged.at, inferred=False, adopt=True)
