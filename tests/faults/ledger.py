"""The numbered events of the ledger gateway: what each looks like, and which one a row tells of.

Every event leaves exactly one row of history that carries its number. Three of five are words of
agents of their own, the other two the start and the end of a run.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]
WALKERS = ("walker-0", "walker-1", "walker-2")
RUNNER = "runner"
LETTERS = 4000
"""Characters of the input, and of the output, of a fat event: all that Palais keeps of them."""

GREETING = tuple(
    {"type": "agent.registered", "agentId": name, "name": name} for name in (*WALKERS, RUNNER)
)
"""What the gateway says first on every connection; it has no number."""

FAT_RUN = {"type": "session.started", "agentId": RUNNER, "sessionId": "fat"}


def event(number: int) -> Json:
    """Return the frame with this number."""
    match number % 5:
        case 3:
            return {
                "type": "session.started",
                "agentId": RUNNER,
                "sessionId": f"run-{number}",
                "taskId": number,
            }
        case 4:
            return {
                "type": "session.completed",
                "agentId": RUNNER,
                "sessionId": f"run-{number - 1}",
                "tokens": number,
            }
        case walker:
            return {
                "type": "agent.status",
                "agentId": WALKERS[walker],
                "status": "busy",
                "taskId": number,
            }


def fat_event(number: int) -> Json:
    """Return a frame with this number that makes much to write to a viewer."""
    span = {
        "id": f"step-{number}",
        "type": "tool_call",
        "name": "read",
        "tokensIn": number,
        "input": "i" * LETTERS,
        "output": "o" * LETTERS,
    }
    return {"type": "span.completed", "agentId": RUNNER, "sessionId": "fat", "span": span}


def number_of(told: Mapping[str, Any]) -> int | None:
    """Return the number that a row or an event of the stream carries; None where it has none."""
    number: int | None = None
    match told["type"]:
        case "agent.status" if told["agentId"] in WALKERS:
            number = told.get("taskId")
        case "session.started":
            number = told.get("taskId")
        case "session.completed":
            number = told.get("tokens")
        case "span.completed":
            number = told["span"].get("tokensIn")
    return number


@dataclass(frozen=True)
class Ledger:
    """The file in which the gateway notes each number, and the time (ms), before it is sent.

    So whatever arrives is in it; the last one of a gateway that was killed may not have been sent.
    """

    path: Path

    def read(self) -> dict[int, int]:
        """Return the time of each number."""
        pairs = (line.split() for line in self._lines())
        return {int(number): int(at) for number, at in pairs}

    def last(self) -> int:
        """Return the newest number; 0 before there is one."""
        lines = self._lines()
        return int(lines[-1].split()[0]) if lines else 0

    def _lines(self) -> list[bytes]:
        if not self.path.exists():
            return []
        *whole, _half = self.path.read_bytes().split(b"\n")
        return whole


def encode(frame: Json) -> str:
    """Return a frame as the gateway sends it."""
    return json.dumps(frame)
