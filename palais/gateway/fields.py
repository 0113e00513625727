"""Reading fields of a payload that may hold anything: required ones raise, optional ones yield."""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from palais.domain import text as hostile
from palais.domain.secrets import masked
from palais.domain.text import CONTENT_LIMIT, LINE_LIMIT, NAME_LIMIT, SUMMARY_LIMIT
from palais.errors import DecodeError
from palais.gateway.frames import CLIP, MAX_INT, Json

CALENDAR_END = 253_402_300_800_000
"""The year 10000 in ms: neither Python nor a browser dates anything later."""

MAX_TOKENS = 10**12
"""More tokens than any call or session takes: what is beyond would overflow the sums."""

MAX_COST = 10**6
"""More USD than any call or session costs."""

WINDOW = 2
"""How many times its limit is looked at of a text: what is dropped or masked makes it shorter."""

PICTURE_LIMIT = 350_000
"""Characters of a picture in a ``data:`` URI, which is 256 KiB of it."""


def required_text(obj: Json, key: str, where: str) -> str:
    """Return a text that must be there; raise DecodeError otherwise."""
    value = obj.get(key)
    if not isinstance(value, str) or not value.strip():
        raise bad(obj, f"{where} lacks {key}")
    return value


def required_line(obj: Json, key: str, where: str, limit: int) -> str:
    """Return a clean line that must be there; raise DecodeError where nothing of it is left."""
    value = hostile.clean(required_text(obj, key, where), limit)
    if not value:
        raise bad(obj, f"{where} lacks {key}")
    return value


def agent_id(obj: Json, where: str, key: str = "agentId") -> str:
    """Return the id of an agent, safe in a path and on a page; raise DecodeError otherwise."""
    value = required_text(obj, key, where)
    if not hostile.is_id(value):
        raise bad(obj, f"{where} names an agent with an unusable id")
    return value


def run_id(obj: Json, key: str = "runId") -> str | None:
    """Return the id of a run or conversation as text that Postgres takes, None where absent."""
    value = obj.get(key)
    return hostile.key(value, LINE_LIMIT) or None if isinstance(value, str) else None


def step_id(obj: Json, key: str) -> str | None:
    """Return the id of a step, a call or a decision as a short line; None where there is none."""
    value = obj.get(key)
    return hostile.key(value, NAME_LIMIT) or None if isinstance(value, str) else None


def word(obj: Json, key: str) -> str:
    """Return a text to compare with known ones; an empty one for anything else."""
    value = obj.get(key)
    return value if isinstance(value, str) else ""


def line(obj: Json, key: str, limit: int = LINE_LIMIT) -> str | None:
    """Return a clean line of text; None where there is none."""
    value = obj.get(key)
    return hostile.clean(value, limit) or None if isinstance(value, str) else None


def said(obj: Json, key: str, limit: int = LINE_LIMIT) -> str | None:
    """Return a clean line of what an agent says, secrets masked; None where there is none."""
    value = obj.get(key)
    return safe_line(value, limit) if isinstance(value, str) else None


def fault(obj: Json, key: str) -> str | None:
    """Return an error as a clean line, as JSON if it is no text; None where nothing is wrong."""
    value = obj.get(key)
    said = (value if isinstance(value, str) else as_contents(obj, key)[0]) if value else None
    return safe_line(said, SUMMARY_LIMIT) if said else None


def safe_line(text: str, limit: int) -> str | None:
    """Return a text as a clean line, secrets masked; None where nothing is left of it."""
    line = hostile.clean(text, limit * WINDOW)  # a secret that is cut short looks like none
    safe = masked(line)
    return safe or None if len(safe) <= limit else hostile.clean(safe, limit)


def contents(text: str, limit: int = CONTENT_LIMIT) -> tuple[str | None, bool]:
    """Return what goes into a step or comes out of it, and whether there was more.

    Lines and tabs stay; secrets are masked, and nothing is left that cannot be seen.
    """
    window = text[: limit * WINDOW]
    safe = masked(hostile.block(window))
    return safe[:limit] or None, len(safe) > limit or len(text) > len(window)


def picture(obj: Json, key: str) -> str | None:
    """Return where a picture is, an ``https:`` or ``data:image/`` URL; None for anything else."""
    value = obj.get(key)
    if not isinstance(value, str):
        return None
    limit = {"https:": SUMMARY_LIMIT, "data:i": PICTURE_LIMIT}.get(value[:6].lower(), 0)
    return value if len(value) <= limit and hostile.is_plain(value) else None


def whole(obj: Json, key: str) -> int | None:
    """Return a whole number from 0 up to 2**53; None for anything else."""
    value = number(obj, key)
    return int(value) if value is not None and 0 <= value <= MAX_INT else None


def number(obj: Json, key: str) -> float | None:
    """Return a finite number; None for anything else."""
    value = obj.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= MAX_INT and math.isfinite(value) else None


def tokens(obj: Json, key: str) -> int | None:
    """Return a number of tokens, from 0 up to 10**12; None for anything else."""
    value = whole(obj, key)
    return value if value is not None and value <= MAX_TOKENS else None


def cost(obj: Json, key: str) -> float | None:
    """Return an amount in USD, from 0 up to 10**6; None for anything else."""
    value = number(obj, key)
    return value if value is not None and 0 <= value <= MAX_COST else None


def instant(obj: Json, key: str) -> int | None:
    """Return a time in ms since the epoch that a calendar has; None for anything else."""
    value = whole(obj, key)
    return value if value and value < CALENDAR_END else None


def duration(obj: Json, key: str) -> int | None:
    """Return a number of ms, from 0 up to as many as a calendar has; None for anything else."""
    value = whole(obj, key)
    return value if value is not None and value < CALENDAR_END else None


def as_contents(obj: Json, key: str) -> tuple[str | None, bool]:
    """Return a value as ``contents`` does, as JSON if it is no text; None if it has no end."""
    value = obj.get(key)
    if isinstance(value, str):
        return contents(value)
    try:
        said = "" if value is None or value in ([], {}) else json.dumps(value, ensure_ascii=False)
        return contents(said)
    except RecursionError:
        return None, False


def flag(obj: Json, key: str) -> bool | None:
    """Return a boolean; None for anything else."""
    value = obj.get(key)
    return value if isinstance(value, bool) else None


def mapping(obj: Json, key: str) -> Json:
    """Return an object; an empty one for anything else."""
    value = obj.get(key)
    return value if isinstance(value, dict) else {}


def mappings(obj: Json, key: str) -> Iterator[Json]:
    """Yield the objects of a list, passing over what is none."""
    value = obj.get(key)
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item


def bad(obj: Any, kind: str) -> DecodeError:
    """Return the error for this payload, with a clipped copy of it."""
    try:
        clip = json.dumps(obj, default=str)[:CLIP]
    except RecursionError:
        clip = "(nested too deeply)"
    return DecodeError(kind, clip)


@contextmanager
def passed_over(fault: Callable[[str, str], None]) -> Iterator[None]:
    """Tell ``fault`` of a bad item of a list, and go on with the next."""
    try:
        yield
    except DecodeError as error:
        fault(error.kind, error.clip)
    except RecursionError:
        fault("a frame is nested too deeply", "")
