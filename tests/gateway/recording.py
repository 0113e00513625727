"""Reads what running gateways were recorded to say (tests/frames, see PROTOCOL.md)."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.gateway.frames import Json

FRAMES = Path(__file__).parents[1] / "frames"


@dataclass
class Connection:
    """One recorded connection: its frames by their time, and what its client asked."""

    name: str = ""
    frames: list[tuple[int, Json]] = field(default_factory=list)
    asked: dict[str, Json] = field(default_factory=dict)

    @property
    def hello(self) -> Json | None:
        """The answer to the connect request."""
        return next((f for _, f in self.frames if f["type"] == "res" and f["id"] == "c0"), None)

    def answer(self, method: str) -> Json | None:
        """Return the first answer to this method."""
        ids = {key for key, request in self.asked.items() if request["method"] == method}
        return next((f for _, f in self.frames if f["type"] == "res" and f["id"] in ids), None)


def recordings() -> list[str]:
    """Return the names of all recordings."""
    return sorted(path.stem for path in FRAMES.glob("*.jsonl"))


def connections(name: str) -> list[Connection]:
    """Return the connections of the recording whose file name begins so."""
    (path,) = FRAMES.glob(f"{name}-*.jsonl")
    found = [Connection()]
    for line in path.read_text().splitlines():
        row = json.loads(line)
        frame = row.get("frame", {})
        if row.get("dir") == "note" and "variant" in frame:
            found.append(Connection(frame["variant"]))
        if row.get("dir") == "in" and frame.get("event") == "connect.challenge" and found[-1].asked:
            found.append(Connection())
        if row.get("dir") == "in":
            found[-1].frames.append((int(row["t"] * 1000), frame))
        if row.get("dir") == "out":
            found[-1].asked[frame["id"]] = frame
    return [connection for connection in found if connection.asked]


def connection(name: str) -> Connection:
    """Return the connection of a recording that holds just one."""
    (found,) = connections(name)
    return found


def at_seq(seq: int) -> Callable[[Json], bool]:
    """Return what holds for the event of this number."""
    return lambda frame: frame.get("seq") == seq


def is_end(frame: Json) -> bool:
    """Whether the frame is the last word on a run."""
    payload = frame["payload"] if frame["type"] == "event" else {}
    return payload.get("stream") == "lifecycle" and payload["data"]["phase"] in {"end", "error"}


def is_answer(frame: Json) -> bool:
    """Whether the frame answers a request."""
    return bool(frame["type"] == "res")
