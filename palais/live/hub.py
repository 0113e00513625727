"""The broadcaster: one bounded queue a viewer, every frame encoded once for all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gevent.event import Event as Flag
from gevent.queue import Full, Queue

QUEUED: Final = 1_000
"""Frames that wait for a viewer before it counts as too slow."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One encoded frame. ``id`` is the row it comes from; None for what is not history."""

    data: bytes
    id: int | None = None
    agent_id: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """What a viewer wants to see; an empty set means everything."""

    agents: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()

    def passes(self, broadcast: Broadcast) -> bool:
        """Whether this frame is for the viewer; frames of no type are for everybody."""
        if broadcast.type is None:
            return True
        of_agent = (
            not self.agents or broadcast.agent_id is None or broadcast.agent_id in self.agents
        )
        return of_agent and (not self.types or broadcast.type in self.types)


class Viewer:
    """One open stream: iterate over it until it ends, then ask ``lagged`` for the reason.

    ``after`` is the newest row that the viewer has or gets by other means.
    """

    def __init__(self, wants: Filter) -> None:
        self.wants = wants
        self.lagged = False
        self.after: int | None = None
        self._queue: Queue[Broadcast | None] = Queue(QUEUED)

    def __iter__(self) -> Iterator[Broadcast]:
        """Yield frames as they come; end when the hub closes or the viewer fell behind."""
        while True:
            if self.lagged and self._queue.empty():
                return
            broadcast = self._queue.get()
            if broadcast is None:
                return
            yield broadcast

    def offer(self, broadcast: Broadcast | None) -> bool:
        """Queue a frame, None to end; False where the viewer is too far behind to take it."""
        try:
            self._queue.put_nowait(broadcast)
        except Full:
            self.lagged = True
            return False
        return True


class Hub:
    """Everybody who watches this process. One greenlet at a time publishes."""

    def __init__(self) -> None:
        self._viewers: set[Viewer] = set()
        self._closed = Flag()

    def __len__(self) -> int:
        return len(self._viewers)

    @property
    def closed(self) -> bool:
        """Whether the process is going down: new viewers are not let in."""
        return self._closed.is_set()

    def join(self, wants: Filter) -> Viewer:
        """Let a viewer in; it gets every frame published from now on that it wants."""
        viewer = Viewer(wants)
        self._viewers.add(viewer)
        if self.closed:
            viewer.offer(None)
        return viewer

    def behind(self) -> int | None:
        """Return the smallest row id from which a viewer waits for more; None where none does."""
        return min((one.after for one in self._viewers if one.after is not None), default=None)

    def leave(self, viewer: Viewer) -> None:
        """Forget a viewer; harmless to repeat."""
        self._viewers.discard(viewer)

    def publish(self, broadcast: Broadcast) -> None:
        """Queue a frame for everybody who wants it; whoever cannot take it is let go."""
        for viewer in tuple(self._viewers):
            if viewer.wants.passes(broadcast) and not viewer.offer(broadcast):
                self.leave(viewer)

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._closed.set()
        for viewer in tuple(self._viewers):
            if not viewer.offer(None):
                self.leave(viewer)
