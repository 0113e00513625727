"""Tests in lanes: each a pytest of its own, side by side, since most of them mostly wait.

What a lane says is shown when it has ended, so that the lines of two are never mixed.
"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.rig.process import Guarded

ROOT = Path(__file__).resolve().parents[1]
POLL_SECONDS = 0.2
PARTING_SECONDS = 60.0
NICENESS = 5
"""Of lanes that only compute: those that wait for something have a deadline."""


@dataclass(frozen=True)
class Lane:
    """A name, what pytest is told, and whether others come first where the machine is busy."""

    name: str
    options: Sequence[str | Path]
    modest: bool = False


class Run:
    """A lane under way."""

    def __init__(self, lane: Lane, folder: Path) -> None:
        print(f"Lane {lane.name}: begins", flush=True)
        self._name = lane.name
        self._began = time.monotonic()
        modestly = ["nice", "-n", str(NICENESS)] if lane.modest else []
        self.process = Guarded(
            [*modestly, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *lane.options],
            env={**os.environ, "PALAIS_TEST_LANE": lane.name},
            cwd=ROOT,
            log=folder / lane.name,
        )
        if lane.modest:  # Linux may divide the machine by sessions first, and each lane is one.
            with suppress(OSError):
                Path(f"/proc/{self.process.pid}/autogroup").write_text(str(NICENESS))

    def report(self) -> int:
        """Show what it said, and give back its exit code."""
        code, seconds = self.process.stop(), time.monotonic() - self._began
        print(self.process.log.read_text(errors="replace"))
        print(f"Lane {self._name}: {seconds:.0f} s, {'failed' if code else 'passed'}")
        print(flush=True)
        return code


class Track:
    """The lanes that run now; ``code`` is the exit code of the last that failed, or 0."""

    def __init__(self, folder: Path) -> None:
        self.code = 0
        self._folder = folder
        self._runs: list[Run] = []

    def start(self, lanes: Sequence[Lane]) -> None:
        """Start these lanes."""
        self._runs += [Run(lane, self._folder) for lane in lanes]

    def wait(self) -> None:
        """Report every lane as it ends, and return when all have."""
        while self._runs:
            time.sleep(POLL_SECONDS)
            for run in [run for run in self._runs if not run.process.running]:
                self._runs.remove(run)
                self.code = run.report() or self.code

    def interrupt(self) -> None:
        """Let the tests that run clean up after themselves; then end whatever is left."""
        for run in self._runs:
            run.process.signal(signal.SIGINT)
        deadline = time.monotonic() + PARTING_SECONDS
        while any(run.process.running for run in self._runs) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        for run in self._runs:
            run.process.stop()


def run(lanes: Sequence[Lane]) -> int:
    """Run all lanes at once; give back the exit code."""
    with tempfile.TemporaryDirectory(prefix="palais-lanes-") as folder:
        track = Track(Path(folder))
        try:
            track.start(lanes)
            track.wait()
        except KeyboardInterrupt:
            track.interrupt()
            raise
    return track.code


def main(what: str, lanes: Sequence[Lane]) -> int:
    """Be a whole program: run everything, say how long it took, and give back the exit code.

    Ended by SIGTERM, it ends its lanes as it does by Ctrl-C, which a shell may have disabled.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    began = time.monotonic()
    try:
        code = run(lanes)
    except KeyboardInterrupt:
        return 130
    print(f"{what}: {time.monotonic() - began:.0f} s, {'failed' if code else 'passed'}")
    return code
