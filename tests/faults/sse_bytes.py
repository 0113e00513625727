"""Reads the bytes of a stream's answer, however they are cut: only whole events come out."""

import json
from dataclasses import dataclass
from typing import Any

from tests.e2e.cockpit import KEY


@dataclass(frozen=True)
class SseEvent:
    """One whole event; ``row`` is the number in its id, None where it has no id."""

    name: str
    data: dict[str, Any]
    id: str | None

    @property
    def row(self) -> int | None:
        return int(self.id.rpartition(".")[2]) if self.id else None


class Answer:
    """One HTTP/1.1 answer. ``feed`` it with what was received; ``status`` is 0 before the head."""

    def __init__(self) -> None:
        self.status = 0
        self.ended = False
        self._raw = b""
        self._body = b""
        self._left = 0
        """Bytes of the present chunk still to come, the line end after it included."""

    def feed(self, data: bytes) -> list[SseEvent]:
        """Take bytes in and return the events that they complete."""
        self._raw += data
        if not self.status:
            head, found, rest = self._raw.partition(b"\r\n\r\n")
            if not found:
                return []
            self._begin(head.decode("latin-1").lower())
            self._raw = rest
        if self.status != 200:
            return []
        self._unchunk()
        *whole, self._body = self._body.split(b"\n\n")
        return [one for text in whole if (one := _event(text.decode())) is not None]

    def _begin(self, head: str) -> None:
        self.status = int(head.split(None, 2)[1])
        chunked = "transfer-encoding: chunked" in head
        assert chunked or self.status != 200, f"a stream that is not chunked: {head}"

    def _unchunk(self) -> None:
        while self._raw and not self.ended:
            if not self._left:
                size, found, rest = self._raw.partition(b"\r\n")
                if not found:
                    return
                self._left, self._raw = int(size, 16) + 2, rest
                self.ended = self._left == 2
                continue
            part, self._raw = self._raw[: self._left], self._raw[self._left :]
            # The last two bytes of a chunk are its line end.
            self._body += part[: max(0, self._left - 2)]
            self._left -= len(part)


def _event(text: str) -> SseEvent | None:
    fields = dict(line.split(": ", 1) for line in text.split("\n") if ": " in line)
    if "data" not in fields:
        return None
    return SseEvent(fields.get("event", "message"), json.loads(fields["data"]), fields.get("id"))


def request(port: int, cursor: str) -> bytes:
    """Return what asks for everything after a cursor."""
    return (
        f"GET /api/sse HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n"
        f"X-API-Key: {KEY}\r\nLast-Event-ID: {cursor}\r\n\r\n"
    ).encode()
