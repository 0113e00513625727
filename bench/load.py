"""The load, driven: one C process that is the gateway of one server and all of its viewers."""

import json
import os
import select
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.errors import BenchError
from bench.processes import mortal

AGENTS: Final = 20
UNLIMITED: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one run's events; times in ms but for ``seconds``."""

    events: int
    viewers: int
    delivered: int
    lost: int
    duplicates: int
    disorder: int
    stray: int
    closed: int
    seconds: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    bytes: int
    load_cpu: float

    @property
    def whole(self) -> bool:
        """Whether every viewer got every event once."""
        return self.lost == 0 and self.duplicates == 0

    @property
    def rate(self) -> float:
        """Events a second until the last viewer had the last one; 0 where any was lost."""
        return self.events / self.seconds if self.whole and self.seconds else 0.0


class Load:
    """The gateway listens at ``port`` as soon as this exists; a context manager that ends it."""

    def __init__(self, program: Path, agents: int = AGENTS) -> None:
        self._process = subprocess.Popen(
            mortal([str(program), str(agents)]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        self._text = b""
        self.port: int = self._answer(10)["port"]

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def connected(self) -> bool:
        """Whether a server has connected to the gateway."""
        return bool(self._ask("peer", 10)["peer"])

    def view(
        self, port: int, path: str, viewers: int, *, key: str = "-", deaf: bool = False
    ) -> int:
        """Open streams and return how many have begun; deaf viewers never read."""
        answer = self._ask(f"view {port} {path} {key} {viewers} {deaf:d}", 60)
        return int(answer["ready"])

    def send(
        self,
        events: int,
        *,
        rate: float = 0,
        window: int = UNLIMITED,
        size: int = 0,
        sweep: float = 0,
        quiet: float = 3.0,
        limit: float = 60.0,
    ) -> Outcome:
        """Send events and wait until all viewers have them, or until nothing comes any more.

        ``rate`` 0 is as fast as the window allows: at most so many events that not every viewer
        has yet. ``size`` is about the bytes of an event. With ``sweep``, one viewer in 32 is
        clocked, and the others are read only every so many seconds, to keep the load cheap.
        Seconds of silence (``quiet``) or in all (``limit``) end the wait.
        """
        line = _send_line(events, rate, window, size, (quiet, limit, sweep))
        return Outcome(**self._ask(line, limit + 10))

    def begin_send(
        self,
        events: int,
        *,
        rate: float,
        size: int = 0,
        sweep: float = 0,
        quiet: float = 3.0,
        limit: float = 60.0,
    ) -> None:
        """Start to send, and go on with something else until ``end_send``."""
        self._say(_send_line(events, rate, UNLIMITED, size, (quiet, limit, sweep)))

    def end_send(self, patience: float) -> Outcome:
        """Wait for what ``begin_send`` started."""
        return Outcome(**self._answer(patience))

    def close_viewers(self) -> None:
        """End all streams."""
        self._ask("close", 10)

    def close(self) -> None:
        """End the load; harmless to repeat."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, line: str, patience: float) -> dict[str, Any]:
        self._say(line)
        return self._answer(patience)

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{line}\n".encode())
        except BrokenPipeError:
            raise BenchError("The load client has died; what it said is above.") from None

    def _answer(self, patience: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        out = self._process.stdout.fileno()
        deadline = time.monotonic() + patience
        while b"\n" not in self._text:
            if not select.select([out], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise BenchError(f"The load client said nothing for {patience:.0f} s.")
            read = os.read(out, 65536)
            if not read:
                raise BenchError("The load client has died; what it said is above.")
            self._text += read
        line, _, self._text = self._text.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer


def _send_line(
    events: int, rate: float, window: int, size: int, seconds: tuple[float, float, float]
) -> str:
    times = " ".join(f"{one * 1000:.0f}" for one in seconds)
    return f"send {events} {rate} {window} {size} {times}"
