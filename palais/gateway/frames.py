"""A text frame gets its type here, once, or becomes a DecodeError. See PROTOCOL.md, section 1."""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

from palais.errors import DecodeError

Json = Mapping[str, Any]

MAX_INT: Final = 2**53
"""Larger whole numbers are no times, counts or ids that JSON carries safely."""

CLIP: Final = 200
"""Characters of a bad frame that a log line keeps."""


class EventFrame(NamedTuple):
    """``{"type":"event"}``: something happened. ``seq`` counts the events of a connection."""

    name: str
    payload: Json
    seq: int | None = None


class ResponseFrame(NamedTuple):
    """``{"type":"res"}``: the answer to one request."""

    id: str
    ok: bool
    payload: Json
    error: Json


class FlatFrame(NamedTuple):
    """One object of the flat dialect; ``type`` is e.g. ``agent.status``."""

    type: str
    body: Json


Frame = EventFrame | ResponseFrame | FlatFrame


def decode(text: str) -> Frame:
    """Return the frame that this text is; raise DecodeError with a clipped copy if it is none."""
    body = _loaded(text)
    if not isinstance(body, dict):
        raise DecodeError("a frame is not an object", text[:CLIP])
    kind = body.get("type")
    if kind == "event":
        return _event(body, text)
    if kind == "res":
        return _response(body, text)
    if isinstance(kind, str) and "." in kind:
        return FlatFrame(kind, body)
    raise DecodeError("a frame has no known type", text[:CLIP])


def encode_request(request_id: str, method: str, params: Json) -> str:
    """Return the text of a request frame."""
    frame = {"type": "req", "id": request_id, "method": method, "params": params}
    return json.dumps(frame, separators=(",", ":"))


def _loaded(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        pass
    # A clipped emoji is half a surrogate pair, which JavaScript writes and orjson does not read.
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise DecodeError("a frame is not JSON", text[:CLIP]) from None


def _event(body: Json, text: str) -> EventFrame:
    name, payload, seq = body.get("event"), body.get("payload"), body.get("seq")
    if not isinstance(name, str):
        raise DecodeError("an event frame has no name", text[:CLIP])
    if payload is not None and not isinstance(payload, dict):
        raise DecodeError(f"a {name[:40]} event has no object as payload", text[:CLIP])
    counted = isinstance(seq, int) and not isinstance(seq, bool) and abs(seq) <= MAX_INT
    return EventFrame(name, payload or {}, seq if counted else None)


def _response(body: Json, text: str) -> ResponseFrame:
    request_id, ok = body.get("id"), body.get("ok")
    if not isinstance(request_id, str) or not isinstance(ok, bool):
        raise DecodeError("a response frame lacks its id or outcome", text[:CLIP])
    payload, error = body.get("payload"), body.get("error")
    return ResponseFrame(
        request_id,
        ok,
        payload if isinstance(payload, dict) else {"value": payload},
        error if isinstance(error, dict) else {},
    )
