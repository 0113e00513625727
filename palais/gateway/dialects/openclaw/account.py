"""Asking the gateway what it has counted itself: ``sessions.usage``, a day (UTC) at a time.

Measured on OpenClaw 2026.9.6:

- ``{"agentScope":"all"}`` takes ``startDate`` and ``endDate`` (or ``range``), ``mode`` (``utc`` is
  the default), ``groupBy`` and ``limit`` (50), no offset: what is beyond the limit is not told. So
  a day at a time, and an answer as long as its limit counts as incomplete.
- A conversation is a row with ``usage.dailyBreakdown``. ``groupBy: "family"`` counts what was said
  before a conversation began anew with it; a reset loses nothing anyway.
- A deleted conversation's transcript is archived, and counted for as long as the archive is there,
  under ``agent:<id>:<sessionId>``: no conversation's name. Once it is gone, so are the figures.
- ``cacheStatus.status`` is ``refreshing`` while transcripts are read, with ``usage: null`` for
  those that were not, all zeros at first. Without any conversation there is no ``cacheStatus``.
- Answers are cached for 30 s by their parameters, and an older one is given once more while a new
  one is made. ``updatedAt`` tells when it was made.
- Calls of its utility model (recaps) are in no figure.
- ``features.methods`` of the hello does not name the method, though it is there: it is asked for,
  and a refusal says that there are no figures. Protocol 3 does not know ``agentScope``.
"""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from palais.domain.account import ConversationUsage, UsageListed, UsageWithheld, conversation_of
from palais.domain.events import Event
from palais.errors import DecodeError
from palais.gateway import fields
from palais.gateway.fields import passed_over
from palais.gateway.frames import Json
from palais.gateway.session import Answer

USAGE: Final = "sessions.usage"
DAYS: Final = 30
"""How far back it is asked, today included."""

LIMIT: Final = 5_000
"""Conversations a day that it may tell: about 3 KB each."""

EVERY_MS: Final = 600_000
SOON_MS: Final = 20_000
"""How long after a run's end, or a deletion, it is asked: others may follow."""

PAUSE_MS: Final = 30_000
"""How long it is left alone between two rounds of questions: as long as its own cache lasts."""

AGAIN_MS: Final = (1_000, 2_000, 4_000, 8_000, 16_000, 32_000)
"""When it is asked again that answered with old figures, or was still adding up."""

UNANSWERED_MS: Final = 60_000
BUSY: Final = "busy"


class Account:
    """Asks in rounds, one question at a time. Times are ms; those of answers, the gateway's."""

    def __init__(self, ask: Callable[[str, Json], None]) -> None:
        self._ask = ask
        self._due: int | None = None
        self._wanted = 0
        self._whole = False
        self._whole_at: int | None = None
        self._began = 0
        self._days: deque[date] = deque()
        self._day: date | None = None
        self._next = 0
        self._tries = 0

    def open(self, now: int) -> None:
        """Begin with all days."""
        self._whole, self._due, self._wanted = True, now, now

    def spent(self, now: int) -> None:
        """Note that a run ended: the figures of today are out of date."""
        self._soon(now)

    def changed(self, payload: Json, now: int) -> None:
        """Take note of a deletion among ``sessions.changed``: any day may be out of date."""
        if payload.get("reason") == "delete":
            self._whole = True
            self._soon(now)

    def tick(self, now: int) -> None:
        """Ask what is due."""
        if self._day is not None and now >= self._next:
            self._again(now)
        if self._day is None and not self._days and self._due is not None and now >= self._due:
            self._begin(now)
        if self._day is None and self._days and now >= self._next:
            self._day, self._next = self._days[0], now + UNANSWERED_MS
            self._ask(USAGE, _question(self._day))

    def answer(self, answer: Answer, fault: Callable[[str, str], None], now: int) -> list[Event]:
        """Return what the answer tells; nothing where it is none yet."""
        day = self._day
        if day is None or answer.params.get("startDate") != day.isoformat():
            return []
        if answer.error is not None:
            return self._refused(answer.error, now)
        told = listed(answer.payload, day, fault)
        if told is None:
            self._again(now)
            return []
        if told.at >= self._wanted or not self._later(now):
            self._done()
        return [told]

    def _soon(self, now: int) -> None:
        self._wanted = now
        due = max(now + SOON_MS, self._began + PAUSE_MS)
        self._due = min(due, due if self._due is None else self._due)

    def _begin(self, now: int) -> None:
        rested = self._whole_at is None or now - self._whole_at >= EVERY_MS
        today = datetime.fromtimestamp(now / 1000, UTC).date()
        span = DAYS if self._whole and rested else 2
        self._days = deque(today - timedelta(days=ago) for ago in range(span))
        if span == DAYS:
            self._whole, self._whole_at = False, now
        self._began, self._due = now, now + EVERY_MS
        self._wanted = max(self._wanted, now - PAUSE_MS)

    def _later(self, now: int) -> bool:
        """Ask the same once more in a while; False where that was the last time."""
        if self._tries == len(AGAIN_MS):
            return False
        self._day, self._next = None, now + AGAIN_MS[self._tries]
        self._tries += 1
        return True

    def _again(self, now: int) -> None:
        """Do so where nothing was told, and give the round up where nothing ever is."""
        if not self._later(now):
            self._give_up()

    def _refused(self, error: str, now: int) -> list[Event]:
        """Take a gateway that is busy at its word, and any other refusal for the last one."""
        if BUSY in error and self._later(now):
            return []
        self._give_up()
        return [UsageWithheld(now)]

    def _give_up(self) -> None:
        self._done()
        self._days.clear()
        self._whole, self._whole_at = True, None

    def _done(self) -> None:
        self._days.popleft()
        self._day, self._next, self._tries = None, 0, 0


def listed(payload: Json, day: date, fault: Callable[[str, str], None]) -> UsageListed | None:
    """Return the figures of a day; None while the gateway is still adding them up."""
    at = fields.instant(payload, "updatedAt")
    status = fields.mapping(payload, "cacheStatus").get("status", "fresh")
    rows = payload.get("sessions")
    if at is None or status != "fresh" or not isinstance(rows, list):
        return None
    found: dict[str, ConversationUsage] = {}
    for row in fields.mappings(payload, "sessions"):
        with passed_over(fault):
            for usage in _told(row, day):
                before = found.get(usage.conversation)
                found[usage.conversation] = _sum(before, usage) if before else usage
    return UsageListed(day, at, tuple(found.values()), complete=len(rows) < LIMIT)


def _question(day: date) -> Json:
    return {
        "agentScope": "all",
        "groupBy": "family",
        "mode": "utc",
        "startDate": day.isoformat(),
        "endDate": day.isoformat(),
        "limit": LIMIT,
    }


def _told(row: Json, day: date) -> Iterator[ConversationUsage]:
    """Yield what a row says of the day; raise DecodeError where nobody knows whose it is."""
    key, agent_id = fields.run_id(row, "key"), fields.agent_id(row, "a conversation's usage")
    if key is None:
        raise DecodeError("a conversation's usage lacks its key", str(row)[:200])
    usage = fields.mapping(row, "usage")
    for figures in fields.mappings(usage, "dailyBreakdown"):
        tokens = fields.tokens(figures, "tokens")
        if figures.get("date") == day.isoformat() and tokens:
            cost = fields.cost(figures, "cost")
            yield ConversationUsage(
                conversation_of(key),
                agent_id,
                tokens,
                cost or 0.0,
                fields.tokens(figures, "missingCostEntries") or int(cost is None),
                fields.instant(usage, "firstActivity"),
                archived=key == f"agent:{agent_id}:{row.get('sessionId')}",
                ended_at=fields.instant(usage, "lastActivity"),
            )


def _sum(one: ConversationUsage, other: ConversationUsage) -> ConversationUsage:
    return ConversationUsage(
        one.conversation,
        one.agent_id,
        one.tokens + other.tokens,
        one.cost + other.cost,
        one.unpriced_calls + other.unpriced_calls,
        min(one.began_at, other.began_at) if one.began_at and other.began_at else None,
        archived=one.archived and other.archived,
        ended_at=max(one.ended_at, other.ended_at) if one.ended_at and other.ended_at else None,
    )
