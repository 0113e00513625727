"""Reads a stream as a browser does: WHATWG HTML, section 9.2.6."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Seen:
    """One event that a browser would dispatch, with the id that it would resume by."""

    name: str
    data: str
    last_id: str

    @property
    def body(self) -> Any:
        return json.loads(self.data)


class Reader:
    """One browser's state: the last id outlives the event that brought it."""

    def __init__(self) -> None:
        self._last_id = ""

    def feed(self, stream: bytes) -> list[Seen]:
        """Return the events of this much of a stream, which ends with an event."""
        return list(self._dispatch(re.split("\r\n|\r|\n", stream.decode())))

    def _dispatch(self, lines: list[str]) -> Iterator[Seen]:
        name, data = "", []
        for line in lines[:-1]:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not line:
                if data:
                    yield Seen(name or "message", "\n".join(data), self._last_id)
                name, data = "", []
            elif field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif field == "id" and "\0" not in value:
                self._last_id = value


def events(stream: bytes) -> list[Seen]:
    """Return the events of a stream read from its beginning."""
    return Reader().feed(stream)


def unchunked(body: bytes) -> bytes:
    """Undo the chunked coding, strictly: with its end, and with nothing after it."""
    data = b""
    while True:
        size, _, rest = body.partition(b"\r\n")
        count = int(size, 16)
        data, end, body = data + rest[:count], rest[count : count + 2], rest[count + 2 :]
        assert end == b"\r\n"
        if count == 0:
            assert body == b""
            return data
