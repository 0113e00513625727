"""Frames between the greenlet that reads them and the one that takes them in."""

from collections import deque
from typing import Final

import gevent
from gevent.event import Event as Flag

from palais.errors import GatewayError

FRAMES: Final = 5_000
CHARACTERS: Final = 32 * 1024 * 1024
"""Beyond either, reading waits: the gateway then buffers, up to its own 50 MB."""


class Inbox:
    """A bounded queue with one reader and one taker. ``wake`` also ends the taker's waiting."""

    def __init__(self, wake: Flag) -> None:
        self._wake = wake
        self._room = Flag()
        self._frames: deque[str] = deque()
        self._characters = 0
        self._worth = 1
        self._end: GatewayError | None = None

    def __len__(self) -> int:
        """How many frames wait."""
        return len(self._frames)

    def put(self, frame: str) -> None:
        """Add a frame, waiting for room."""
        while len(self._frames) >= FRAMES or self._characters >= CHARACTERS:
            self._room.clear()
            self._room.wait()
        self._frames.append(frame)
        self._characters += len(frame)
        if len(self._frames) >= self._worth:
            self._wake.set()

    def end(self, reason: GatewayError) -> None:
        """Say that no further frame comes, and why."""
        self._end = reason
        self._wake.set()

    def wait(self, worth: int, seconds: float) -> None:
        """Let others run until so many frames wait, or the time is over, or somebody wakes us."""
        if len(self._frames) >= worth or self._end is not None:
            gevent.sleep(0)
            return
        self._worth = worth
        self._wake.clear()
        self._wake.wait(seconds)

    def take(self, count: int) -> list[str]:
        """Return up to so many frames, in their order.

        Raises the GatewayError of the end once there is none before it.
        """
        frames = self._frames
        if not frames and self._end is not None:
            raise self._end
        taken = [frames.popleft() for _ in range(min(count, len(frames)))]
        self._characters -= sum(map(len, taken))
        self._room.set()
        return taken
