"""How facts look outside: camelCase, ISO 8601 UTC with milliseconds, null for unknown."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson

from palais.domain.changes import Logged, Presence
from palais.domain.events import Span
from palais.domain.text import SUMMARY_LIMIT

_SPAN = tuple(one.name for one in fields(Span))
INSTANTS = frozenset({"started_at", "ended_at"})
PLAIN = frozenset({str, int, float, bool})


@cache
def camel(name: str) -> str:
    """Return the wire's name of a field: ``agent_id`` becomes ``agentId``."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def instant(ms: int | None) -> datetime | None:
    """Return the UTC time of milliseconds since the epoch."""
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)


def millis(moment: datetime | None) -> int | None:
    """Return milliseconds since the epoch of a time with a zone."""
    return None if moment is None else round(moment.timestamp() * 1000)


def iso(moment: datetime | None) -> str | None:
    """Return ISO 8601 in UTC with milliseconds, ``2026-11-22T21:57:00.000Z``."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event_text(logged: Logged) -> str:
    """Return the JSON of a line of history, as the stream's ``agent`` event carries it."""
    body: dict[str, Any] = {"type": logged.type}
    if logged.agent_id is not None:
        body["agentId"] = logged.agent_id
    if logged.session_id is not None:
        body["sessionId"] = logged.session_id
    for name, value in logged.fields.items():
        plain = value is None or (type(value) in PLAIN and name not in INSTANTS)
        body[camel(name)] = value if plain else _value(name, value)
    body["ts"] = logged.at
    return dumps(body)


def log_row(key: str, logged: Logged) -> dict[str, object]:
    """Return a line of history as a row to encode; its ``data`` is encoded already."""
    return {
        "key": key,
        "at": logged.at,
        "type": logged.type,
        "agent_id": logged.agent_id,
        "session_id": logged.session_id,
        "summary": logged.summary,
        "data": orjson.Fragment(event_text(logged)),
    }


def presence_text(presence: Presence) -> str:
    """Return the JSON of a sign of life, as the stream carries it without an id."""
    return dumps(
        {
            "type": "agent.presence",
            "agentId": presence.agent_id,
            "activity": presence.activity,
            "ts": presence.at,
        }
    )


def dumps(body: object) -> str:
    """Return compact JSON in one line, safe inside a Server-Sent Event."""
    return orjson.dumps(body).decode()


def _value(name: str, value: object) -> object:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Span):
        return _object(_span(value))
    if name in INSTANTS and isinstance(value, int):
        return iso(instant(value))
    return value


def _span(span: Span) -> dict[str, object]:
    """Return what a line of history tells of a step: its texts clipped, nothing unknown."""
    told = {name: getattr(span, name) for name in _SPAN}
    told["duration_ms"] = span.lasted
    for name in ("input", "output"):
        text = told[name]
        if text is not None and len(text) > SUMMARY_LIMIT:
            told[name] = text[: SUMMARY_LIMIT - 1].rstrip() + "…"
            told[f"{name}_clipped"] = True
    return {name: it for name, it in told.items() if it is not None and it is not False}


def _object(facts: Mapping[str, object]) -> dict[str, object]:
    return {camel(name): _value(name, value) for name, value in facts.items()}
