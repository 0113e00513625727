"""Catching up after a (re)connect or a gap: what is so now, and what happened meanwhile."""

from collections.abc import Callable
from typing import Final

from palais.domain.events import (
    ConversationsActive,
    Event,
    GatewayRebooted,
    RosterListed,
    RunEnded,
    RunSeen,
)
from palais.gateway import fields
from palais.gateway.dialects.openclaw import rows
from palais.gateway.frames import Json

Ask = Callable[[str, Json], None]

DAY_MS: Final = 24 * 3600 * 1000
OVERLAP_MS: Final = 60_000
"""How far before the last observation the audit log is read again; repeats change nothing."""

PAGE: Final = 500
PAGES: Final = 20

ROSTER: Final = "agents.list"
SUBSCRIBE: Final = "sessions.subscribe"
ACTIVE: Final = "sessions.list"
AUDIT: Final = "audit.activity.list"


class Resync:
    """One catching-up: asks on creation, collects the answers, concludes when all are there."""

    def __init__(self, ask: Ask, since: int | None, now: int, *, rebooted: bool) -> None:
        self._ask = ask
        self._rebooted = rebooted
        self._waiting = {ROSTER, SUBSCRIBE, ACTIVE, AUDIT}
        self._history: list[list[Event]] = []
        self._roster: RosterListed | None = None
        self._active: frozenset[str] | None = None
        self._at = now
        self.conversations: set[str] = set()
        self.failed = False
        after = max(since - OVERLAP_MS, now - DAY_MS) if since is not None else now - DAY_MS
        self._audit_params = {"limit": PAGE, "kind": "agent_run", "after": after}
        ask(ROSTER, {})
        ask(SUBSCRIBE, {"limit": 100})
        ask(ACTIVE, {"activeOnly": True, "limit": 500})
        ask(AUDIT, self._audit_params)

    @property
    def done(self) -> bool:
        """Whether every answer has come."""
        return not self._waiting

    def answer(self, method: str, params: Json, payload: Json, error: str | None, now: int) -> None:
        """Take an answer in; a failed one is passed over, and ``failed`` tells of it."""
        if method not in self._waiting:
            return
        if error is not None:
            self._failed(method, params)
        elif method == ROSTER:
            self._roster = rows.roster(payload, fields.whole(payload, "ts") or now)
            self._waiting.discard(method)
        elif method == AUDIT:
            self._page(payload)
        else:
            self._listing(method, payload, now)

    def conclude(self) -> list[Event]:
        """Return the events that bring the court up to date, in the order to apply them."""
        told = [event for page in reversed(self._history) for event in page]
        ended = {event.run_id for event in told if isinstance(event, RunEnded)}
        going = self._going(told, ended)
        events: list[Event] = [self._roster] if self._roster else []
        events += [
            event
            for event in told
            if isinstance(event, RunEnded)
            or (isinstance(event, RunSeen) and event.run_id in ended | going)
        ]
        if self._rebooted:
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
        return keys | (self._active or frozenset())

    def _going(self, told: list[Event], ended: set[str | None]) -> set[str]:
        """Return the runs that go on: the latest unended start of each active conversation.

        An unended start elsewhere died with an earlier gateway process, and is no news.
        """
        latest = {
            event.conversation: event.run_id
            for event in told
            if isinstance(event, RunSeen) and event.run_id not in ended
        }
        return {run_id for key, run_id in latest.items() if key in (self._active or ())}

    def _page(self, payload: Json) -> None:
        self._history.append(rows.audited(payload))
        cursor = payload.get("nextCursor")
        if isinstance(cursor, str) and len(self._history) < PAGES:
            self._ask(AUDIT, {**self._audit_params, "cursor": cursor})
        else:
            self._waiting.discard(AUDIT)

    def _listing(self, method: str, payload: Json, now: int) -> None:
        listing = fields.mapping(payload, "list") if method == SUBSCRIBE else payload
        found = list(fields.mappings(listing, "sessions"))
        self.conversations |= {key for row in found if (key := fields.run_id(row, "key"))}
        if method == ACTIVE:
            self._active = rows.active_keys(payload)
            self._at = fields.whole(payload, "ts") or now
        self._waiting.discard(method)

    def _failed(self, method: str, params: Json) -> None:
        # Protocol 3 does not know these parameters, and refuses what it does not know.
        if method in {SUBSCRIBE, ACTIVE} and params:
            self._ask(method, {})
            return
        self._waiting.discard(method)
        self.failed = self.failed or method in {ROSTER, SUBSCRIBE, ACTIVE}
