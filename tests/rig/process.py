"""A guarded subprocess: own log file, own process group, nothing left behind (see guard.py)."""

import atexit
import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import SystemRandom
from typing import TypeVar

T = TypeVar("T")
_PORTS = range(15_000, 30_000)
_given: set[int] = set()
GUARD = Path(__file__).with_name("guard.py")
_alive: "weakref.WeakSet[Guarded]" = weakref.WeakSet()


class RigError(Exception):
    """The rig could not do what a test asked; the message holds the tail of the log."""


class Guarded:
    """One running command under its guard."""

    def __init__(
        self, command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, log: Path
    ) -> None:
        self.log = log
        self.pid = 0
        reading, writing = os.pipe()
        try:
            with log.open("ab") as out:
                self._guard = subprocess.Popen(
                    [sys.executable, "-I", str(GUARD), str(writing), str(os.getpid()),
                     *map(str, command)],
                    env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                    pass_fds=[writing], start_new_session=True,
                )  # fmt: skip
            _alive.add(self)
            os.close(writing)
            writing = -1
            if select.select([reading], [], [], 30)[0]:
                self.pid = int(os.read(reading, 64) or b"0")
            if not self.pid:
                self.stop(grace=1)
                raise RigError(f"{command[0]} did not start\n{self.tail()}")
        finally:
            os.close(reading)
            if writing >= 0:
                os.close(writing)

    @property
    def running(self) -> bool:
        return self._guard.poll() is None

    def stop(self, grace: float = 15.0) -> int:
        """SIGTERM, some patience, then SIGKILL; give back the exit code."""
        self.signal(signal.SIGTERM)
        try:
            return self._guard.wait(timeout=grace)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """SIGKILL the command itself; its guard then clears what it leaves behind."""
        self.signal(signal.SIGKILL)
        try:
            return self._guard.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            return self._guard.wait(timeout=15)

    def signal(self, number: int) -> None:
        """Send a signal to the command, not to its guard."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid or self._guard.pid, number)

    def tail(self, lines: int = 40) -> str:
        """Read the end of the log, for the message of a failure."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def wait_until(probe: Callable[[], T], *, timeout: float, what: str, step: float = 0.1) -> T:
    """Ask until the answer is truthy and give it back; a bounded wait for things outside."""
    deadline = time.monotonic() + timeout
    while not (answer := probe()):
        if time.monotonic() > deadline:
            raise RigError(f"after {timeout:g} s still waiting: {what}")
        time.sleep(step)
    return answer


def free_port() -> int:
    """Find a port on loopback that nobody has, and that no outgoing connection is given by chance.

    So it is still free once its server starts, and while that is dead.
    """
    while True:
        port = SystemRandom().choice(_PORTS)
        if port in _given:
            continue
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            _given.add(port)
            return port


@atexit.register
def _stop_all() -> None:
    for process in list(_alive):
        process.stop(grace=5)
