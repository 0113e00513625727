"""The dialect of the real gateway: its frames become domain events, each exactly once.

See PROTOCOL.md, sections 2 to 8. Pure: requests go out by the ``ask`` it is given.
"""

from collections.abc import Callable
from typing import Final

from palais.domain.events import (
    Blindness,
    ConversationsActive,
    Event,
    RosterListed,
    RunEnded,
    RunSeen,
    Unobserved,
)
from palais.errors import DecodeError
from palais.gateway import fields
from palais.gateway.dialects.openclaw import messages, results, rows
from palais.gateway.dialects.openclaw.account import USAGE, Account
from palais.gateway.dialects.openclaw.errands import Errands
from palais.gateway.dialects.openclaw.following import MESSAGES, Following
from palais.gateway.dialects.openclaw.kinds import KNOWN, RULES
from palais.gateway.dialects.openclaw.names import owner
from palais.gateway.dialects.openclaw.open_runs import OpenRuns
from palais.gateway.dialects.openclaw.resync import ACTIVE, ACTIVE_ONLY, ROSTER, Ask, Resync
from palais.gateway.fields import passed_over
from palais.gateway.frames import EventFrame, Json
from palais.gateway.session import Answer

SETTLE_MS: Final = 1_000
"""A run's end is checked this long after it was told: a channel run's row lags."""

POLL_MS: Final = 10_000
"""How often the gateway is asked what is active while anything is."""

LOOKS: Final = 3
"""How often more it is asked once nothing seems active: two looks must lack a run to end it, and
one that comes right after a sign of it does not count."""

AGAIN_MS: Final = 2_000
UNANSWERED_MS: Final = 20_000
"""How long the answers to a catching-up may take before it is begun again: twice as long next."""

LONGEST_MS: Final = 320_000

HELD: Final = 20_000
HISTORY: Final = "chat.history"


class OpenClawDialect:
    """One connection's translator. Feed it events and answers, call ``tick`` about every second.

    ``since`` is until when (ms) the gateway was observed before, by our clock; the gateway's is
    ``ahead`` of that by so much.
    """

    def __init__(
        self,
        ask: Ask,
        fault: Callable[[str, str], None],
        since: int | None,
        *,
        blindness: Blindness,
        rebooted: bool,
        ahead: int = 0,
    ) -> None:
        self._ask = ask
        self._account = Account(ask)
        self._errands = Errands(ask)
        self._following = Following(self._errands)
        self._fault = fault
        self._since = since
        self._seen_at = since
        self._read_from = 0
        self._rebooted = rebooted
        self._ahead = ahead
        self._blind_since = since
        self._blindness = Blindness.RESTART if rebooted else blindness
        self._resync: Resync | None = None
        self._late: Resync | None = None
        self._resync_due: int | None = 0
        self._patience = UNANSWERED_MS
        self._poll_due: int | None = None
        self._looks = 0
        self._roster_known = False
        self._held: list[Event] = []
        self._turns: dict[str, int] = {}
        self._unread: set[str] = set()
        self._open = OpenRuns()
        self._active: frozenset[str] = frozenset()
        self._plain = False
        self.farewell: str | None = None

    @property
    def caught_up(self) -> bool:
        """Whether the roster is known, and with it what happened before."""
        return self._roster_known

    def resync(self) -> None:
        """Catch up with the gateway at the next tick: after the hello, and after a gap."""
        self._resync_due = 0

    def blinded(self, reason: Blindness, now: int) -> None:
        """Note that events were missed from the last one on, and catch up."""
        if self._blind_since is None:
            self._blind_since, self._blindness = self._seen_at or now, reason
            self._since = self._blind_since
        self.resync()

    def tick(self, now: int) -> None:
        """Send the requests that are due."""
        if self._resync is not None and now - self._resync.began > self._patience:
            # Something is never answered, or late: the agents are to be seen all the same.
            self._resync.give_up()
            self._late, self._resync, self._resync_due = self._resync, None, now
            self._patience = min(self._patience * 2, LONGEST_MS)
        if self._resync_due is not None and now >= self._resync_due and self._resync is None:
            self._resync_due = None
            since = None if self._since is None else self._since + self._ahead
            self._resync = Resync(self._ask, self._fault, since, now, rebooted=self._rebooted)
        if self._poll_due is not None and now >= self._poll_due:
            self._poll_due = self._next_look(now)
            self._ask(ACTIVE, {} if self._plain else ACTIVE_ONLY)
        self._account.tick(now)
        self._errands.tick(now)

    def event(self, frame: EventFrame, now: int) -> list[Event]:
        """Translate an event; raise DecodeError where it is unknown or unusable."""
        events = self._track(self._translate(frame, now), now)
        events = [*self._belated(now), *events]
        if self._roster_known:
            return events
        # An event of an agent that the roster has yet to name would be dropped.
        self._held = [*self._held, *events][-HELD:]
        return []

    def answer(self, answer: Answer, now: int) -> list[Event]:
        """Translate the answer to one of our requests."""
        return [*self._belated(now), *self._answer(answer, now)]

    def _answer(self, answer: Answer, now: int) -> list[Event]:
        method, params, payload = answer.method, answer.params, answer.payload
        if method == USAGE:
            return self._account.answer(answer, self._fault, now)
        if self._errands.again(answer, now):
            return []
        if answer.error is not None and (answer.busy or method not in {MESSAGES, HISTORY}):
            self._fault(f"{method} was refused", answer.error)
        if method == HISTORY:
            return self._messages(params, payload, now)
        if self._resync is not None:
            self._resync.answer(answer, now)
            if not self._resync.done:
                return []
            done, self._resync, self._patience = self._resync, None, UNANSWERED_MS
            if done.failed:
                self._resync_due = now + AGAIN_MS
            return self._conclude(done, now)
        return [] if answer.error is not None else self._told(method, payload, now)

    def _told(self, method: str, payload: Json, now: int) -> list[Event]:
        if method == ROSTER:
            return [self._welcome(rows.roster(payload, now))]
        return [self._snapshot(payload, now)] if method == ACTIVE else []

    def _translate(self, frame: EventFrame, now: int) -> list[Event]:
        payload = frame.payload
        rule = RULES.get(frame.name)
        if rule is not None:
            return rule(payload, now)
        match frame.name:
            case "session.message":
                return self._message(payload, now)
            case "sessions.changed":
                self._following.add([fields.run_id(payload, "sessionKey")])
                self._account.changed(payload, now)
                return self._open.without_queued(rows.changed(payload, now))
            case "config.changed":
                self._errands.put(ROSTER, {})
            case "shutdown":
                self.farewell = fields.line(payload, "reason")
            case name if name not in KNOWN:
                raise DecodeError(f"unknown event {name[:60]}", str(payload)[:200])
        return []

    def _message(self, payload: Json, now: int) -> list[Event]:
        key = fields.run_id(payload, "sessionKey")
        self._following.add([key])
        asked = messages.asked_text(payload)
        if asked is not None and key is not None:
            run_id = self._open.asked(key, *asked, now)
            self._turns[key] = messages.recorded(fields.mapping(payload, "message")) or now
            if run_id is not None:
                return [RunSeen(run_id, owner(payload), now, key, task=asked[1])]
        told = messages.answered(payload, now, live=True)
        return messages.in_turn(told, [self._turns[key]] if key in self._turns else [])

    def _next_look(self, now: int) -> int | None:
        """Return when to ask again what is active; None where nothing has been for a while."""
        if self._open or self._active:
            self._looks = LOOKS
            return now + POLL_MS
        self._looks -= 1
        return now + SETTLE_MS if self._looks > 0 else None

    def _messages(self, params: Json, payload: Json, now: int) -> list[Event]:
        key = fields.run_id(params, "sessionKey")
        said = list(fields.mappings(payload, "messages"))
        events = messages.transcript(said, key, now, self._fault)
        if key is None:
            return events
        with passed_over(self._fault):
            events += results.results(said, key)
        before = messages.earlier(params, payload, self._read_from)
        if before is not None:
            self._errands.put(HISTORY, before)
        asked = messages.questions(said)
        events = messages.in_turn(events, asked)
        if "offset" in params:
            return events
        self._turns |= {key: max(asked)} if asked else {}
        return [*self._asked(key, said, now), *events]

    def _asked(self, key: str, said: list[Json], now: int) -> list[Event]:
        """Return what the run that goes on was asked; keep a question that waits for its run."""
        run_id, begun = self._open.untold(key)
        question = messages.open_question(said, run_id, begun)
        if question is None:
            return []
        named, text, at = question
        if run_id is None:
            self._open.waits(key, named, text, at)
            return []
        seen = RunSeen(run_id, owner({"sessionKey": key}), now, key, task=text, live=False)
        return self._open.note([seen], now)

    def _track(self, events: list[Event], now: int) -> list[Event]:
        for event in events:
            if isinstance(event, RunSeen):
                self._poll_due = self._poll_due or now + POLL_MS
                self._reread(event.conversation)
            elif isinstance(event, RunEnded):
                self._account.spent(now)
                self._poll_due = min(self._poll_due or now + SETTLE_MS, now + SETTLE_MS)
        self._seen_at = now
        return self._open.note(events, now)

    def _reread(self, key: str | None) -> None:
        """Read what was said before protocol 3 named the run that says it."""
        if key in self._unread:
            self._unread.discard(key)
            self._errands.put(HISTORY, messages.latest(key))

    def _belated(self, now: int) -> list[Event]:
        """Return what a catching-up found that did not get all of its answers in time."""
        late, self._late = self._late, None
        events = self._conclude(late, now) if late is not None else []
        if self._resync is not None:
            self._resync.rebooted = self._rebooted
        return events

    def _conclude(self, resync: Resync, now: int) -> list[Event]:
        if not (self._roster_known or resync.roster):
            return []  # nobody would know whose events these are: all of it again
        self._rebooted = False
        self._plain = resync.plain
        self._following.add(sorted(resync.conversations))
        self._read_from = resync.after
        for key in sorted(resync.touched()):
            self._errands.put(HISTORY, messages.latest(key))
        self._unread = set(resync.active()) if self._plain else set()
        if resync.roster:
            self._welcome(resync.roster)
        self._poll_due, self._looks = now + SETTLE_MS, LOOKS
        held, self._held = self._held, []
        self._account.open(now)
        return [*self._sighted(now), *self._track(resync.conclude(), now), *held]

    def _sighted(self, now: int) -> list[Event]:
        """Return the period without observation that has just ended, if there was one."""
        since, self._blind_since = self._blind_since, None
        if since is None or now <= since:
            return []
        return [Unobserved(since, now, self._blindness)]

    def _welcome(self, event: RosterListed) -> RosterListed:
        self._roster_known = True
        self._following.add(f"agent:{profile.id}:main" for profile in event.agents)
        return event

    def _snapshot(self, payload: Json, now: int) -> ConversationsActive:
        self._active = keys = rows.active_keys(payload)
        self._open.keep(keys)
        if keys and self._poll_due is None:
            self._poll_due = now + POLL_MS
        return ConversationsActive(keys, fields.instant(payload, "ts") or now)
