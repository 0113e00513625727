"""Transcript messages: what was asked, what a model answered, and what each call consumed."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from palais.domain.events import Event, RunSeen, SpanCompleted, Usage, UsageReported
from palais.domain.text import LINE_LIMIT, NAME_LIMIT, clean
from palais.gateway import fields
from palais.gateway.dialects.openclaw import model_calls
from palais.gateway.dialects.openclaw.names import content, owner, qualified
from palais.gateway.frames import Json

OWN_PROVIDER = "openclaw"
"""Messages that the gateway wrote itself: no model was called."""

PAGE = 200
"""Messages of a transcript that are asked for at once."""

DEEPEST = 20_000
"""How far back a transcript is read, in messages."""

UNFINISHED = frozenset({"toolUse", "error", "aborted"})
USER_SUFFIX = ":user"


def asked_text(payload: Json) -> tuple[str | None, str] | None:
    """Return the run (where it is named) and the text of what a person or a job asked."""
    message = fields.mapping(payload, "message")
    key = fields.line(message, "idempotencyKey") or ""
    own = fields.mapping(message, "__openclaw")
    key = key or fields.line(own, "idempotencyKey") or ""
    asked = message.get("role") == "user" or (key.endswith(USER_SUFFIX) and "usage" not in message)
    text = content(message) if asked else None
    if text is None:
        return None
    named = key.removesuffix(USER_SUFFIX) if key.endswith(USER_SUFFIX) else None
    return fields.run_id(own) or named, clean(text, LINE_LIMIT)


def open_question(
    messages: Iterable[Json], run_id: str | None, begun: int
) -> tuple[str | None, str, int] | None:
    """Return what a transcript ends in asking: the run it names, the text, and when it was asked.

    It is the question of this run, which began then, or without one a question that nobody has
    begun to answer. A run is there before its question: the last one may be that of another.
    """
    found: tuple[str | None, str, int] | None = None
    for message in messages:
        asked, at = asked_text({"message": message}), recorded(message) or 0
        named = fields.run_id(fields.mapping(message, "__openclaw"))
        if asked is not None:
            found = (*asked, at)
        elif message.get("role") == "assistant" and (
            run_id is None or named not in {run_id, None} or (named is None and at < begun)
        ):
            found = None
    return None if found and run_id and found[0] not in {run_id, None} else found


def questions(messages: Iterable[Json]) -> list[int]:
    """Return when the questions of a transcript were asked."""
    asked = (one for one in messages if asked_text({"message": one}) is not None)
    return [at for one in asked if (at := recorded(one)) is not None]


def latest(key: str) -> Json:
    """Return what to ask for the latest messages of a conversation."""
    return {"sessionKey": key, "limit": PAGE}


def earlier(asked: Json, payload: Json, since: int) -> Json | None:
    """Return what to ask for the page before this one; None where it goes back to ``since`` (ms).

    A gateway that does not tell the place of that page has no more, or no pages.
    """
    times = (recorded(one) for one in fields.mappings(payload, "messages"))
    oldest = min((at for at in times if at is not None), default=since)
    before = fields.whole(payload, "nextOffset")
    more = payload.get("hasMore") is True and oldest >= since
    if not more or before is None or not asked.get("offset", 0) < before <= DEEPEST:
        return None
    return {**asked, "offset": before}


def turn(asked: Iterable[int], at: int) -> tuple[int, int | None] | None:
    """Return when the question of that time was asked, and when the next one was."""
    before = max((one for one in asked if one <= at), default=None)
    after = min((one for one in asked if one > at), default=None)
    return None if before is None else (before, after)


def in_turn(events: list[Event], asked: Collection[int]) -> list[Event]:
    """Return the events with the turn of each model call that names no run."""
    return [
        replace(event, turn=turn(asked, event.at))
        if isinstance(event, UsageReported | SpanCompleted) and event.run_id is None
        else event
        for event in events
    ]


def answered(payload: Json, now: int, *, live: bool) -> list[Event]:
    """Translate one assistant message: a sign of life, its usage, and the call itself."""
    message = fields.mapping(payload, "message")
    if message.get("role") != "assistant" or fields.word(message, "provider") in {"", OWN_PROVIDER}:
        return []
    own = fields.mapping(message, "__openclaw")
    at = recorded(message) or now
    agent_id, run_id = owner(payload), fields.run_id(own)
    conversation = fields.run_id(payload, "sessionKey")
    events: list[Event] = []
    if live and run_id is not None:
        model = qualified(message)
        events.append(RunSeen(run_id, agent_id, at, conversation, model=model))
    key = fields.step_id(own, "id") or fields.step_id(payload, "messageId")
    usage = _usage(message, at)
    if key is not None and usage is not None:
        text = None if fields.word(message, "stopReason") in UNFINISHED else content(message)
        events.append(UsageReported(key, agent_id, at, usage, run_id, conversation, text))
    if key is not None:
        span, calls = model_calls.span(key, message), model_calls.asked(message)
        call = SpanCompleted(agent_id, span, at, run_id, conversation, calls, whole=True)
        events.append(call)
    return events


def transcript(
    said: Iterable[Json], key: str | None, now: int, fault: Callable[[str, str], None]
) -> list[Event]:
    """Translate the messages of a conversation; ``fault`` is told of those that make no sense."""
    events: list[Event] = []
    for message in said:
        with fields.passed_over(fault):
            events += answered({"sessionKey": key, "message": message}, now, live=False)
    return events


def recorded(message: Json) -> int | None:
    """Return when a message of a transcript was written."""
    own = fields.mapping(message, "__openclaw")
    return fields.instant(own, "recordTimestampMs") or fields.instant(message, "timestamp")


def _usage(message: Json, at: int) -> Usage | None:
    told = fields.mapping(message, "usage")
    usage = Usage(
        tokens_in=fields.tokens(told, "input") or 0,
        tokens_out=fields.tokens(told, "output") or 0,
        cache_read=fields.tokens(told, "cacheRead") or 0,
        cache_write=fields.tokens(told, "cacheWrite") or 0,
        cost=model_calls.cost(told),
        model=qualified(message),
        provider=fields.line(message, "provider", NAME_LIMIT),
        at=at,
    )
    return usage if usage.tokens else None
