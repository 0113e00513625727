"""Reading fields of a payload that may hold anything: required ones raise, optional ones yield."""

import json
import math
from collections.abc import Iterator
from typing import Any

from palais.domain import text as hostile
from palais.domain.text import LINE_LIMIT
from palais.errors import DecodeError
from palais.gateway.frames import CLIP, Json

MAX_INT = 2**53
"""Larger whole numbers are no times, counts or ids that JSON carries safely."""


def required_text(obj: Json, key: str, where: str) -> str:
    """Return a text that must be there; raise DecodeError otherwise."""
    value = obj.get(key)
    if not isinstance(value, str) or not value.strip():
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
    return hostile.clean(value, LINE_LIMIT) or None if isinstance(value, str) else None


def line(obj: Json, key: str, limit: int = LINE_LIMIT) -> str | None:
    """Return a clean line of text; None where there is none."""
    value = obj.get(key)
    return hostile.clean(value, limit) or None if isinstance(value, str) else None


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
    return DecodeError(kind, json.dumps(obj, default=str)[:CLIP])
