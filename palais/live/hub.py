"""The broadcaster: every frame is encoded once, and no viewer can hold up the others.

A viewer gets frames through a bounded queue, or, where its socket is known, by a write that does
not wait (see ``live.writer``).
"""

from collections.abc import Iterator
from typing import Final

import gevent
from gevent.event import Event as Flag
from gevent.queue import Full, Queue

from palais.live.batch import Batch, Broadcast, Filter
from palais.live.writer import Writer

__all__ = ["Broadcast", "Filter", "Hub", "Viewer"]

TURN: Final = 256
"""Viewers served before other greenlets get their turn."""

QUEUED: Final = 1_000
"""Frames that wait for a viewer before it counts as too slow."""


class Viewer:
    """One open stream: iterate over it until it ends, then ask ``lagged`` for the reason.

    ``after`` is the newest row that the viewer has or gets by other means.
    """

    def __init__(self, wants: Filter) -> None:
        self.wants = wants
        self.lagged = False
        self.after: int | None = None
        self._queue: Queue[Broadcast | None] = Queue(QUEUED)
        self._writer: Writer | None = None

    def __iter__(self) -> Iterator[Broadcast]:
        """Yield frames as they come; end when the hub closes or the viewer fell behind."""
        while True:
            if self.lagged and self._queue.empty():
                return
            broadcast = self._queue.get()
            if broadcast is None:
                return
            yield broadcast

    def write_to(self, writer: Writer) -> None:
        """Write to the viewer's socket from now on; returns when the stream ends.

        Raises BrokenPipeError where the viewer is gone.
        """
        # Nothing here waits, so no frame can come between the queued ones and the next.
        ending = False
        while not self._queue.empty():
            broadcast = self._queue.get_nowait()
            ending = ending or broadcast is None
            if broadcast is not None:
                self._write(writer, Batch((broadcast,)))
        self._writer = writer
        if ending or self.lagged:
            writer.end()
        writer.drain()
        self.lagged = self.lagged or writer.lagged

    def take(self, batch: Batch) -> bool:
        """Take the frames that the viewer wants; False where it is gone or too far behind."""
        if self._writer is not None:
            return self._write(self._writer, batch)
        return all(self.offer(one) for one in batch.broadcasts if self.wants.passes(one))

    def end(self) -> bool:
        """End the stream; False where the viewer is too far behind to be told."""
        if self._writer is not None:
            self._writer.end()
            return True
        return self.offer(None)

    def _write(self, writer: Writer, batch: Batch) -> bool:
        data = batch.joined(self.wants, self.after, chunked=writer.chunked)
        return not data or writer.send(data)

    def offer(self, broadcast: Broadcast | None) -> bool:
        """Queue a frame, None to end; False where the viewer is too far behind to take it."""
        try:
            self._queue.put_nowait(broadcast)
        except Full:
            self.lagged = True
            return False
        return True


class Hub:
    """Everybody who watches this process. One greenlet at a time publishes.

    ``began`` is the row after which the tail publishes: what is older has to be replayed.
    """

    def __init__(self) -> None:
        self._viewers: set[Viewer] = set()
        self.began = 0
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
            viewer.end()
        return viewer

    def behind(self) -> int | None:
        """Return the smallest row id from which a viewer waits for more; None where none does."""
        return min((one.after for one in self._viewers if one.after is not None), default=None)

    def leave(self, viewer: Viewer) -> None:
        """Forget a viewer; harmless to repeat."""
        self._viewers.discard(viewer)

    def publish(self, *broadcasts: Broadcast) -> None:
        """Hand frames to everybody who wants them; whoever cannot take them is let go."""
        batch = Batch(broadcasts)
        for number, viewer in enumerate(tuple(self._viewers), 1):
            if not viewer.take(batch):
                self.leave(viewer)
            if number % TURN == 0:
                gevent.sleep(0)

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._closed.set()
        for viewer in tuple(self._viewers):
            if not viewer.end():
                self.leave(viewer)
