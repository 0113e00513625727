"""What the tests of the outside share: a hub, viewers, and a court with a history."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import gevent
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from palais.live.hub import Hub
from palais.store import journal, passes
from palais.store.models import db
from tests.database import PATIENCE
from tests.live.reading import Reader, Seen
from tests.store.rows import court, entries, line, named


class Stream:
    """A viewer, as a browser is one."""

    def __init__(self, client: FlaskClient, query: str, headers: dict[str, str]) -> None:
        self.response = client.get(f"/api/sse{query}", headers=headers)
        assert self.response.status_code == 200, self.response.data
        self._chunks = iter(self.response.response)
        self._reader = Reader()

    def chunk(self) -> list[Seen]:
        """Return what comes next; whoever would wait for ever gets an error."""
        with gevent.Timeout(PATIENCE):
            return self._reader.feed(next(self._chunks))

    def rest(self) -> list[Seen]:
        """Return what comes up to the end of the stream."""
        with gevent.Timeout(PATIENCE):
            return [seen for chunk in self._chunks for seen in self._reader.feed(chunk)]

    def until(self, cursor: str) -> list[Seen]:
        """Return what comes up to the event with this id."""
        seen: list[Seen] = []
        while not seen or seen[-1].last_id != cursor:
            seen += self.chunk()
        return seen

    def leave(self) -> None:
        self.response.close()


def log_in(app: Flask) -> FlaskClient:
    """Give a browser that is logged in, by a link as the admin opens one."""
    with app.app_context(), db.engine.begin() as conn:
        token = passes.create_link(conn, app.extensions["palais.clock"]())
    client = app.test_client()
    assert client.post("/login", data={"token": token}).status_code == 303
    return client


def csrf_token(client: FlaskClient) -> str:
    """Return the token that the pages of this browser carry."""
    found = re.search('<meta name="csrf-token" content="([^"]+)">', client.get("/agents").text)
    assert found
    return found[1]


class Clock:
    """The app's clock, which a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(app: Flask) -> Clock:
    app.extensions["palais.clock"] = clock = Clock()
    return clock


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    """Give the admin's browser."""
    return log_in(app)


@pytest.fixture
def hub(app: Flask) -> Hub:
    """Give the app the hub of a process that listens."""
    hub = Hub()
    app.extensions["palais.hub"] = hub
    return hub


@pytest.fixture
def watch(client: FlaskClient, hub: Hub) -> Iterator[Callable[..., Stream]]:
    """Give what opens a stream; all of them are closed at the end."""
    streams: list[Stream] = []

    def open_stream(query: str = "", **headers: str) -> Stream:
        names = {key.replace("_", "-"): value for key, value in headers.items()}
        streams.append(Stream(client, query, names))
        return streams[-1]

    yield open_stream
    for stream in streams:
        stream.leave()


@pytest.fixture
def append(engine: Engine) -> Callable[..., None]:
    """Give what adds a line to the log, committed."""
    numbers = iter(range(1_000_000))

    def add(task: str = "", **known: Any) -> None:
        told = line(task, **{"fields": {"task": task}, **known})
        with engine.connect() as conn:
            journal.commit(conn, entries(told, prefix=f"line{next(numbers)}"))

    return add


@pytest.fixture
def two_agents(engine: Engine) -> None:
    """Put Imhotep and Thot on record."""
    both = [*court(), *court(agent=named(id="writer", name="Thot"))]
    with engine.connect() as conn:
        journal.commit(conn, entries(*both, prefix="agents"))
