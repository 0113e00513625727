"""A host of the database that can vanish: its address stays, and nothing comes back from it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import gevent
from gevent import socket
from gevent.event import Event as Flag
from gevent.server import StreamServer
from psycogreen.gevent import gevent_wait_callback
from psycopg2 import extensions
from sqlalchemy import make_url


@contextmanager
def greenlets() -> Iterator[None]:
    """Let greenlets take turns while one waits for Postgres, as in a worker."""
    extensions.set_wait_callback(gevent_wait_callback)
    try:
        yield
    finally:
        extensions.set_wait_callback(None)


class Proxy:
    """Stands between Palais and its database. ``stall`` stops all traffic, also of new calls."""

    def __init__(self, url: str) -> None:
        self._target = make_url(url)
        self._flowing = Flag()
        self._flowing.set()
        self._greenlets: list[Any] = []
        self._server = StreamServer(("127.0.0.1", 0), self._serve)
        self._server.start()

    @property
    def url(self) -> str:
        query = {key: word for key, word in self._target.query.items() if key == "options"}
        through = self._target.set(host="127.0.0.1", port=self._server.server_port, query=query)
        return through.render_as_string(hide_password=False)

    def stall(self) -> None:
        self._flowing.clear()

    def close(self) -> None:
        self._server.stop()
        gevent.killall(self._greenlets)

    def _serve(self, near: Any, _peer: object) -> None:
        with self._dial() as far:
            there = gevent.spawn(self._pass_on, near, far)
            self._greenlets += [there, gevent.getcurrent()]
            self._pass_on(far, near)
            there.kill()

    def _pass_on(self, source: Any, target: Any) -> None:
        with suppress(OSError):
            while True:
                data = source.recv(65536)
                self._flowing.wait()
                if not data:
                    target.shutdown(socket.SHUT_RDWR)
                    return
                target.sendall(data)

    def _dial(self) -> Any:
        where = self._target
        if where.host:
            return socket.create_connection((where.host, where.port or 5432))
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(Path(str(where.query["host"])) / f".s.PGSQL.{where.query['port']}"))
        return far
