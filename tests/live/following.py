"""A tail that runs beside a test."""

import os
import socket
from collections.abc import Callable
from typing import Any

import gevent
from gevent import Greenlet
from sqlalchemy import create_engine, event

from palais.live.hub import Broadcast, Filter, Hub, Viewer
from palais.live.tail import Tail
from palais.store.database import OPTIONS
from tests.database import PATIENCE
from tests.live.reading import Seen, events


class Following:
    """A tail that runs beside the test, and somebody who watches it."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(url, **OPTIONS)
        self.backends: list[int] = []
        self._socket = -1
        event.listen(self.engine, "checkout", self._note)
        self.hub = Hub()
        self.viewer: Viewer = self.hub.join(Filter())
        self.tail = Tail(self.engine, self.hub)
        self.greenlet: Greenlet = gevent.spawn(self.tail.run)

    def next(self) -> Broadcast:
        """Return what is published next, letting the tail run until then."""
        with gevent.Timeout(PATIENCE):
            return next(iter(self.viewer))

    def ids(self, count: int) -> list[int | None]:
        return [self.next().id for _ in range(count)]

    def seen(self) -> Seen:
        [seen] = events(self.next().data)
        return seen

    def until_id(self, row_id: int) -> None:
        """Read on up to a line of history; what comes in between does not matter."""
        while self.next().id != row_id:
            pass

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the tail run until the condition holds."""
        with gevent.Timeout(PATIENCE):
            while not condition():
                gevent.idle()

    def unplug(self) -> None:
        """Break the connection as a network does, without a word from the server."""
        with socket.socket(fileno=os.dup(self._socket)) as wire:
            wire.shutdown(socket.SHUT_RDWR)

    def _note(self, raw: Any, *_: object) -> None:
        self.backends.append(raw.info.backend_pid)
        self._socket = raw.fileno()
