"""The broadcaster: every frame is encoded once, and no viewer can hold up the others.

A viewer comes as a queue. Where its socket is known it is moved to its ``Writer`` as soon as it
has all that was missed; from then on a delivery is one write that does not wait.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import chain
from typing import Final

import gevent
from gevent.event import Event as Flag

from palais.live.batch import Broadcast, Filter, joined
from palais.live.viewer import Viewer
from palais.live.writer import Writer, write_all
from palais.tally import Count, Tally

__all__ = ["Broadcast", "Filter", "Hub", "Viewer"]

TURN: Final = 256
"""Viewers served before other greenlets get their turn."""

PROMPT: Final = 2
"""libev's highest priority: an idle watcher of it waits for one look at the sockets, no longer."""

LAGGED: Final = b"event: lagged\ndata: {}\n\n"
"""What a viewer that cannot keep up is told before it is let go; it resumes by its cursor."""


class Hub:
    """Everybody who watches this process.

    ``began`` is the row after which the tail publishes: what is older has to be replayed. What is
    published and who is let go is counted in ``tally``.
    """

    def __init__(self, tally: Tally | None = None) -> None:
        self.tally = tally or Tally()
        self._viewers: set[Viewer] = set()
        # Alike are those that want the same in the same form: they get the very same bytes.
        self._alike: defaultdict[tuple[Filter, bool], set[Writer]] = defaultdict(set)
        # These have rows already that the tail has yet to publish.
        self._ahead: dict[Writer, Viewer] = {}
        self._published = 0
        self.began = 0
        self._closed = Flag()

    def __len__(self) -> int:
        alike = sum(map(len, self._alike.values()))
        return len(self._viewers) + len(self._ahead) + alike

    @property
    def closed(self) -> bool:
        """Whether the process is going down: new viewers are not let in."""
        return self._closed.is_set()

    def begin(self, row_id: int) -> None:
        """Note after which row the tail publishes; those of another log may have smaller ids."""
        self.began = self._published = row_id

    def join(self, wants: Filter, ticket: bytes | None = None) -> Viewer:
        """Let a viewer in; it gets every frame published from now on that it wants."""
        viewer = Viewer(wants, ticket)
        self._viewers.add(viewer)
        if self.closed:
            viewer.offer(None)
        return viewer

    def move(self, viewer: Viewer, writer: Writer) -> None:
        """Serve a viewer by its writer from now on, with what waits for it first."""
        self.leave(viewer)
        writer.ticket = viewer.ticket
        self._serve(viewer, writer, viewer.waiting())

    def behind(self) -> int | None:
        """Return the smallest row id from which a viewer waits for more; None where none does."""
        waiting = (*self._viewers, *self._ahead.values())
        return min((one.after for one in waiting if one.after is not None), default=None)

    def leave(self, viewer: Viewer) -> None:
        """Forget a viewer that is served through its queue; harmless to repeat."""
        self._viewers.discard(viewer)

    def publish(self, *broadcasts: Broadcast) -> None:
        """Hand frames to everybody who wants them; whoever cannot take them is let go."""
        self._published = max((one.id for one in broadcasts if one.id), default=self._published)
        self.tally.add(Count.EVENTS, len(broadcasts))
        # Up to the first turn nothing waits: who moves or joins later has these frames already.
        groups = [(key, tuple(writers)) for key, writers in self._alike.items()]
        self._offer(broadcasts)
        self._lead(broadcasts)
        for (wants, chunked), writers in groups:
            data = joined(wants.chosen(broadcasts), chunked=chunked)
            if data:
                self._forget((wants, chunked), self._lost(writers, data))

    def tickets(self) -> set[bytes]:
        """Return by what those who watch were let in, where that can end."""
        alike = chain.from_iterable(self._alike.values())
        watching: Iterator[Viewer | Writer] = chain(self._viewers, self._ahead, alike)
        return {one.ticket for one in watching if one.ticket is not None}

    def dismiss(self, tickets: Set[bytes]) -> None:
        """End the streams of those who were let in by one of these."""
        for viewer in [one for one in self._viewers if one.ticket in tickets]:
            viewer.offer(None)
            self.leave(viewer)
        for writer in [one for one in self._ahead if one.ticket in tickets]:
            del self._ahead[writer]
            writer.end()
        for key, writers in tuple(self._alike.items()):
            gone = [one for one in writers if one.ticket in tickets]
            for writer in gone:
                writer.end()
            self._forget(key, gone)

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._closed.set()
        for viewer in tuple(self._viewers):
            if not viewer.offer(None):
                self.leave(viewer)
        for writers in (*self._alike.values(), set(self._ahead)):
            for writer in tuple(writers):
                writer.end()
        self._alike.clear()
        self._ahead.clear()

    def _offer(self, broadcasts: Sequence[Broadcast]) -> None:
        for viewer in tuple(self._viewers):
            if not all(viewer.offer(one) for one in viewer.wants.chosen(broadcasts)):
                self.leave(viewer)
                self.tally.add(Count.DROPPED)

    def _lead(self, broadcasts: Sequence[Broadcast]) -> None:
        """Serve those that are ahead of the tail; whom it has met is then one of the others."""
        for writer, viewer in tuple(self._ahead.items()):
            del self._ahead[writer]
            self._serve(viewer, writer, viewer.lacks(broadcasts))

    def _serve(self, viewer: Viewer, writer: Writer, frames: Sequence[Broadcast]) -> None:
        data = joined(frames, chunked=writer.chunked)
        taken = not data or writer.send(data)
        if viewer.lagged or not taken:
            self._let_go(writer)
        elif self.closed:
            writer.end()
        elif viewer.after is not None and viewer.after > max(self._published, self.began):
            self._ahead[writer] = viewer
        else:
            self._alike[viewer.wants, writer.chunked].add(writer)

    def _forget(self, key: tuple[Filter, bool], lost: Iterable[Writer]) -> None:
        self._alike[key].difference_update(lost)
        if not self._alike[key]:
            del self._alike[key]

    def _lost(self, writers: Sequence[Writer], data: bytes) -> Iterator[Writer]:
        """Write to all, and yield those that are gone or let go."""
        for start in range(0, len(writers), TURN):
            if start:
                # Not ``sleep(0)``: that lets nobody run who waits for a socket.
                gevent.idle(PROMPT)
            for writer in write_all(writers[start : start + TURN], data):
                self._let_go(writer)
                yield writer

    def _let_go(self, writer: Writer) -> None:
        if writer.lagged:
            self.tally.add(Count.DROPPED)
        writer.end(LAGGED)
