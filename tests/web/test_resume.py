"""A viewer that comes again: none lost and none twice."""

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest
from flask import Flask
from sqlalchemy import Connection

from palais.live.hub import Filter, Hub
from palais.live.tail import Tail
from palais.store import queries
from palais.store.models import db
from palais.store.views import Head
from palais.web.stream import resume_point
from tests.database import PATIENCE, Database
from tests.live.reading import Seen

# By its full name: the package's attribute of that name is the blueprint.
stream_module = importlib.import_module("palais.web.stream")
Append = Callable[..., None]
Watch = Callable[..., Any]


def ids(seen: list[Seen]) -> list[int]:
    return [int(one.last_id.rpartition(".")[2]) for one in seen if one.name == "agent"]


class Follower:
    """A tail beside the test, and a viewer that knows how far it has come."""

    def __init__(self, app: Flask, hub: Hub) -> None:
        with app.app_context():
            self.greenlet = gevent.spawn(Tail(db.engine, hub).run)
        self._viewer = iter(hub.join(Filter()))

    def publishes(self, row_id: int | None) -> None:
        """Return when this line is published; None stands for the word on the gateway."""
        with gevent.Timeout(PATIENCE):
            while next(self._viewer).id != row_id:
                pass


@pytest.fixture
def follow(app: Flask, hub: Hub) -> Iterator[Callable[[], Follower]]:
    """Give what starts the tail."""
    followers: list[Follower] = []

    def start() -> Follower:
        followers.append(Follower(app, hub))
        followers[-1].publishes(None)
        return followers[-1]

    yield start
    for follower in followers:
        follower.greenlet.kill()


class Interloper:
    """Somebody who commits a line at every point of a viewer's joining."""

    def __init__(self, append: Append, follower: Follower, *, quick: bool) -> None:
        self._append = append
        self._follower = follower
        self._quick = quick
        self._committed = 0
        self._head = queries.head

    def commit(self) -> None:
        """Commit a line; with a quick tail it is published before anything else happens."""
        self._append()
        self._committed += 1
        if self._quick:
            self._follower.publishes(self._committed)

    def head(self, conn: Connection) -> Head:
        self.commit()
        head = self._head(conn)
        self.commit()
        return head


@pytest.mark.parametrize("quick", [True, False], ids=["quick tail", "slow tail"])
def test_whenever_a_line_is_committed_it_is_seen_once(
    watch: Watch,
    follow: Callable[[], Follower],
    append: Append,
    monkeypatch: pytest.MonkeyPatch,
    quick: bool,
) -> None:
    interloper = Interloper(append, follow(), quick=quick)
    monkeypatch.setattr(stream_module, "PAGE", 1)
    interloper.commit()  # 1, which the viewer has seen
    interloper.commit()  # 2, while it was away
    monkeypatch.setattr(queries, "head", interloper.head)

    stream = watch(Last_Event_ID="k3f9.1")  # 3 before the head is read, 4 after it
    interloper.commit()  # 5, before the first byte
    seen = stream.chunk()
    interloper.commit()  # 6, before the replay
    seen += stream.chunk()
    interloper.commit()  # 7, during the replay
    seen += stream.until("k3f9.7")

    assert seen[0].body["head"] == 3
    assert ids(seen) == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("quick", [True, False], ids=["quick tail", "slow tail"])
def test_a_new_viewer_sees_all_that_comes_after_the_head_it_was_told(
    watch: Watch,
    follow: Callable[[], Follower],
    append: Append,
    monkeypatch: pytest.MonkeyPatch,
    quick: bool,
) -> None:
    interloper = Interloper(append, follow(), quick=quick)
    monkeypatch.setattr(queries, "head", interloper.head)

    stream = watch()  # 1 before the head is read, 2 after it
    interloper.commit()
    seen = stream.until("k3f9.3")

    assert seen[0].body["head"] == 1
    assert ids(seen) == [2, 3]


def test_a_viewer_that_came_before_the_tail_had_begun_misses_nothing(
    watch: Watch, follow: Callable[[], Follower], append: Append
) -> None:
    append("1")
    stream = watch()
    assert stream.chunk()[0].body["head"] == 1
    append("2")

    follow()
    append("3")

    assert ids(stream.until("k3f9.3")) == [2, 3]


def test_a_viewer_that_joins_while_the_tail_begins_misses_nothing(
    watch: Watch,
    follow: Callable[[], Follower],
    append: Append,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    append("1")
    floor = queries.floor

    def meanwhile(conn: Connection) -> int:
        monkeypatch.setattr(queries, "floor", floor)
        append("2")
        follow()
        return floor(conn)

    monkeypatch.setattr(queries, "floor", meanwhile)  # it is read after the head
    stream = watch()
    append("3")

    assert ids(stream.until("k3f9.3")) == [2, 3]


def test_a_long_absence_is_replayed_page_by_page(
    watch: Watch, append: Append, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "PAGE", 3)
    for number in range(10):
        append(str(number))
    stream = watch(Last_Event_ID="k3f9.2")
    hub.close()

    assert ids(stream.rest()) == [3, 4, 5, 6, 7, 8, 9, 10]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [1, 2, 3, 4]),
        ("?agents=writer", [2, 4]),
        ("?types=session.started", [3, 4]),
        ("?agents=writer&types=session.started", [4]),
        ("?agents=nobody", []),
    ],
)
def test_a_filter_holds_for_what_is_replayed_as_for_what_is_live(
    watch: Watch,
    follow: Callable[[], Follower],
    hub: Hub,
    append: Append,
    query: str,
    expected: list[int],
) -> None:
    follower = follow()

    def four() -> None:
        for kind in ("agent.status", "session.started"):
            append(type=kind)
            append(type=kind, agent_id="writer")

    four()
    follower.publishes(4)
    returning, staying = watch(query, Last_Event_ID="k3f9.0"), watch(query)
    four()
    follower.publishes(8)
    hub.close()

    assert ids(returning.rest()) == [*expected, *(number + 4 for number in expected)]
    assert ids(staying.rest()) == [number + 4 for number in expected]


def test_the_header_of_a_browser_wins_over_the_address_it_first_opened(
    watch: Watch, append: Append
) -> None:
    for number in range(4):
        append(str(number))

    stream = watch("?lastEventId=k3f9.0", Last_Event_ID="k3f9.2")

    assert ids(stream.until("k3f9.4")) == [3, 4]


def test_an_address_can_carry_the_cursor(watch: Watch, append: Append) -> None:
    for number in range(4):
        append(str(number))

    assert ids(watch("?lastEventId=k3f9.2").until("k3f9.4")) == [3, 4]


@pytest.mark.parametrize(
    "cursor",
    [
        *("other.3", "k3f9.5", "k3f9.1", "k3f9", "3", "garbage", "k3f9.", ".3", "k3f9.-3"),
        *("k3f9.3.0", "k3f9.+3", "k3f9. 3", "k3f9.3e0", "k3f9.0x3", "k3f9.٣", "k3f9.³"),
        *("k3f9." + "9" * 40, "K3F9.3", "k3f9.3\0"),
    ],
)
def test_a_void_cursor_is_told_to_begin_anew_and_nothing_is_replayed(
    watch: Watch, append: Append, hub: Hub, database: Database, cursor: str
) -> None:
    for number in range(4):
        append(str(number))
    database.run("UPDATE stream SET floor = 2")

    stream = watch(f"?lastEventId={cursor}".replace("+", "%2B").replace(" ", "%20"))
    hub.close()

    assert [one.name for one in stream.rest()] == ["connected", "gateway", "reset"]


@pytest.mark.parametrize(
    ("cursor", "after"), [("", 4), ("k3f9.2", 2), ("k3f9.3", 3), ("k3f9.4", 4), ("k3f9.0004", 4)]
)
def test_a_cursor_from_the_floor_to_the_head_is_good(cursor: str, after: int) -> None:
    assert resume_point(cursor, Head("k3f9", 4), floor=2) == after


def test_after_a_reset_the_stream_goes_on_live(
    watch: Watch, follow: Callable[[], Follower], append: Append
) -> None:
    append("1")
    follow()

    stream = watch(Last_Event_ID="other.7")
    append("2")

    assert [one.name for one in stream.until("k3f9.2")] == [
        "connected",
        "gateway",
        "reset",
        "agent",
    ]
