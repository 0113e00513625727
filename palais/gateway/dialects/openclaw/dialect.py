"""The dialect of the real gateway: its frames become domain events, each exactly once.

See PROTOCOL.md, sections 2 to 8. Pure: requests go out by the ``ask`` it is given.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from palais.domain.events import ConversationsActive, Event, RosterListed, RunEnded, RunSeen
from palais.errors import DecodeError
from palais.gateway import fields
from palais.gateway.dialects.openclaw import messages, rows, stream
from palais.gateway.dialects.openclaw.names import owner
from palais.gateway.dialects.openclaw.resync import ACTIVE, ROSTER, Ask, Resync
from palais.gateway.frames import EventFrame, Json
from palais.gateway.session import Answer

SETTLE_MS: Final = 1_000
"""A run's end is checked this long after it was told: a channel run's row lags."""

POLL_MS: Final = 10_000
"""How often the gateway is asked what is active while anything is."""

AGAIN_MS: Final = 2_000
ASKED_MS: Final = 15_000
"""How long a question waits for the run that answers it to be named."""

HELD: Final = 20_000
MESSAGES: Final = "sessions.messages.subscribe"
HISTORY: Final = "chat.history"
KEYS: Final = 2_000
"""Conversations whose messages are followed; the newest come first in the gateway's list."""

KNOWN: Final = frozenset(
    {
        *("chat.metadata.changed", "command_output", "cron", "exec.approval.requested"),
        *("exec.approval.resolved", "health", "heartbeat", "models.snapshot", "plugins.changed"),
        *("presence", "session.operation", "skills.changed", "system-presence", "tick"),
        *("update.available", "node.pair.requested", "device.pair.requested", "talk.mode"),
    }
)
"""Events that say nothing of what an agent does: taken as signs of life only."""


class OpenClawDialect:
    """One connection's translator. Feed it events and answers, call ``tick`` about every second."""

    def __init__(
        self, ask: Ask, fault: Callable[[str, str], None], since: int | None, *, rebooted: bool
    ) -> None:
        self._ask = ask
        self._fault = fault
        self._since = since
        self._rebooted = rebooted
        self._resync: Resync | None = None
        self._resync_due: int | None = 0
        self._poll_due: int | None = None
        self._roster_known = False
        self._held: list[Event] = []
        self._followed: set[str] = set()
        self._open: dict[str, str | None] = {}
        self._asked: dict[str, tuple[str, int]] = {}
        self.farewell: str | None = None

    def resync(self) -> None:
        """Catch up with the gateway at the next tick: after the hello, and after a gap."""
        self._resync_due = 0

    def tick(self, now: int) -> None:
        """Send the requests that are due."""
        if self._resync_due is not None and now >= self._resync_due and self._resync is None:
            self._resync_due = None
            self._resync = Resync(self._ask, self._since, now, rebooted=self._rebooted)
        if self._poll_due is not None and now >= self._poll_due:
            self._poll_due = now + POLL_MS if self._open else None
            self._ask(ACTIVE, {"activeOnly": True, "limit": 500})

    def event(self, frame: EventFrame, now: int) -> list[Event]:
        """Translate an event; raise DecodeError where it is unknown or unusable."""
        told = [self._with_task(event, now) for event in self._translate(frame, now)]
        events = self._track(told, now)
        if self._roster_known:
            return events
        # An event of an agent that the roster has yet to name would be dropped.
        self._held = [*self._held, *events][-HELD:]
        return []

    def answer(self, answer: Answer, now: int) -> list[Event]:
        """Translate the answer to one of our requests."""
        method, params, payload = answer.method, answer.params, answer.payload
        if answer.error is not None and method not in {MESSAGES, HISTORY}:
            self._fault(f"{method} was refused", answer.error)
        if method == HISTORY:
            return self._messages(params, payload, now)
        if self._resync is not None and not self._resync.done:
            self._resync.answer(method, params, payload, answer.error, now)
            return self._conclude(now) if self._resync.done else []
        if answer.error is not None:
            return []
        if method == ROSTER:
            return [self._roster(rows.roster(payload, now))]
        return [self._active(payload, now)] if method == ACTIVE else []

    def _translate(self, frame: EventFrame, now: int) -> list[Event]:
        payload = frame.payload
        match frame.name:
            case "agent" | "session.tool":
                return stream.agent_frame(payload, now)
            case "chat":
                return stream.chat_frame(payload, now)
            case "task":
                return stream.task_frame(payload, now)
            case "session.message":
                return self._message(payload, now)
            case "sessions.changed":
                self._follow([fields.run_id(payload, "sessionKey")])
                return self._behind(rows.changed(payload, now))
            case "config.changed":
                self._ask(ROSTER, {})
            case "shutdown":
                self.farewell = fields.line(payload, "reason")
            case name if name not in KNOWN:
                raise DecodeError(f"unknown event {name[:60]}", str(payload)[:200])
        return []

    def _behind(self, events: list[Event]) -> list[Event]:
        """Pass over runs that only wait behind an open one: they will run under another id."""
        taken = set(self._open.values())
        return [
            event
            for event in events
            if not isinstance(event, RunSeen)
            or event.run_id in self._open
            or event.conversation not in taken
        ]

    def _message(self, payload: Json, now: int) -> list[Event]:
        key = fields.run_id(payload, "sessionKey")
        self._follow([key])
        asked = messages.asked_text(payload)
        if asked is not None and key is not None:
            # The question may come before or after its run is known by id.
            known = next((run for run, where in self._open.items() if where == key), None)
            run_id = asked[0] if asked[0] in self._open else known
            if run_id is not None:
                return [RunSeen(run_id, owner(payload), now, key, task=asked[1])]
            self._asked[key] = (asked[1], now)
        return messages.answered(payload, now, live=True)

    def _messages(self, params: Json, payload: Json, now: int) -> list[Event]:
        key = fields.run_id(params, "sessionKey")
        events: list[Event] = []
        for message in fields.mappings(payload, "messages"):
            events += messages.answered({"sessionKey": key, "message": message}, now, live=False)
        return events

    def _with_task(self, event: Event, now: int) -> Event:
        """Give a run that is seen for the first time the question that was asked before it."""
        if not isinstance(event, RunSeen) or event.run_id in self._open or event.task:
            return event
        task, at = self._asked.pop(event.conversation or "", ("", 0))
        return replace(event, task=task) if task and now - at < ASKED_MS else event

    def _track(self, events: list[Event], now: int) -> list[Event]:
        for event in events:
            if isinstance(event, RunSeen):
                self._open[event.run_id] = event.conversation
                self._poll_due = self._poll_due or now + POLL_MS
            elif isinstance(event, RunEnded) and event.run_id is not None:
                self._open.pop(event.run_id, None)
                self._poll_due = min(self._poll_due or now + SETTLE_MS, now + SETTLE_MS)
        self._since = max(self._since or 0, now)
        return events

    def _conclude(self, now: int) -> list[Event]:
        resync = self._resync
        assert resync is not None  # noqa: S101  only called with one
        self._resync = None
        self._rebooted = False
        if resync.failed:
            self._resync_due = now + AGAIN_MS
        events = resync.conclude()
        self._follow(sorted(resync.conversations))
        for key in sorted(resync.touched()):
            self._ask(HISTORY, {"sessionKey": key, "limit": 200})
        for event in events:
            if isinstance(event, RosterListed):
                self._roster(event)
        self._poll_due = now + SETTLE_MS
        held, self._held = (self._held, []) if self._roster_known else ([], self._held)
        return [*self._track(events, now), *held]

    def _roster(self, event: RosterListed) -> RosterListed:
        self._roster_known = True
        self._follow(f"agent:{profile.id}:main" for profile in event.agents)
        return event

    def _follow(self, keys: Iterable[str | None]) -> None:
        """Ask for the messages of these conversations: a channel's runs are hidden otherwise."""
        for key in keys:
            if key and key not in self._followed and len(self._followed) < KEYS:
                self._followed.add(key)
                self._ask(MESSAGES, {"key": key})

    def _active(self, payload: Json, now: int) -> ConversationsActive:
        keys = rows.active_keys(payload)
        self._open = {run_id: key for run_id, key in self._open.items() if key in keys}
        return ConversationsActive(keys, fields.whole(payload, "ts") or now)
