"""A viewer that is served through a queue: one that has just come, or whose socket is not ours."""

from collections.abc import Iterator, Sequence
from typing import Final

from gevent.queue import Full, Queue

from palais.live.batch import Broadcast, Filter

QUEUED: Final = 5_000
"""Frames that wait for a viewer before it counts as too slow."""


class Viewer:
    """One open stream: iterate over it until it ends, then ask ``lagged`` for the reason.

    ``after`` is the newest row that the viewer has or gets by other means; ``ticket`` is the hash
    of the session or key that let it in, None where that cannot end before the process does.
    """

    def __init__(self, wants: Filter, ticket: bytes | None = None) -> None:
        self.wants = wants
        self.ticket = ticket
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
            yield from self.lacks((broadcast,))

    def waiting(self) -> list[Broadcast]:
        """Return, without waiting, the frames that wait for the viewer and that it lacks."""
        frames = [self._queue.get_nowait() for _ in range(self._queue.qsize())]
        return self.lacks([one for one in frames if one is not None])

    def lacks(self, broadcasts: Sequence[Broadcast]) -> list[Broadcast]:
        """Return the frames that the viewer wants and does not have."""
        chosen, after = self.wants.chosen(broadcasts), self.after
        return [one for one in chosen if after is None or one.id is None or one.id > after]

    def offer(self, broadcast: Broadcast | None) -> bool:
        """Queue a frame, None to end; False where the viewer is too far behind to take it."""
        try:
            self._queue.put_nowait(broadcast)
        except Full:
            self.lagged = True
            return False
        return True
