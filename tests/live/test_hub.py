"""Who gets what is published."""

from collections.abc import Iterable
from itertools import islice

import gevent
import pytest

from palais.live import viewer as viewers
from palais.live.hub import Broadcast, Filter, Hub, Viewer
from palais.tally import Count

EVERYTHING = Filter()
BUILDER = Broadcast(b"builder works", 1, "builder", "agent.status")
WRITER = Broadcast(b"writer starts", 2, "writer", "session.started")
GAP = Broadcast(b"nobody was seen", 3, None, "gap")
PING = Broadcast(b"ping")


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a viewer be too slow after three frames."""
    monkeypatch.setattr(viewers, "QUEUED", 3)


def publish(hub: Hub, *broadcasts: Broadcast) -> None:
    for broadcast in broadcasts:
        hub.publish(broadcast)


def got(viewer: Viewer, count: int) -> list[Broadcast]:
    return list(islice(viewer, count))


def rest(viewer: Viewer) -> Iterable[Broadcast]:
    """Return what a viewer gets up to its end."""
    return list(viewer)


def test_a_viewer_gets_everything_in_its_order(hub: Hub) -> None:
    viewer = hub.join(EVERYTHING)

    publish(hub, BUILDER, PING, WRITER)

    assert got(viewer, 3) == [BUILDER, PING, WRITER]


def test_what_was_published_before_a_viewer_came_is_not_for_it(hub: Hub) -> None:
    publish(hub, BUILDER)
    viewer = hub.join(EVERYTHING)

    publish(hub, WRITER)

    assert got(viewer, 1) == [WRITER]


@pytest.mark.parametrize(
    ("wants", "gets"),
    [
        (Filter(agents=frozenset({"builder"})), [BUILDER, GAP, PING]),
        (Filter(agents=frozenset({"builder", "writer"})), [BUILDER, WRITER, GAP, PING]),
        (Filter(agents=frozenset({"nobody"})), [GAP, PING]),
        (Filter(types=frozenset({"session.started"})), [WRITER, PING]),
        (Filter(types=frozenset({"gap"})), [GAP, PING]),
        (Filter(frozenset({"builder"}), frozenset({"session.started"})), [PING]),
        (Filter(frozenset({"builder"}), frozenset({"agent.status"})), [BUILDER, PING]),
    ],
)
def test_a_viewer_gets_what_it_wants_and_what_is_for_everybody(
    hub: Hub, wants: Filter, gets: list[Broadcast]
) -> None:
    viewer = hub.join(wants)

    publish(hub, BUILDER, WRITER, GAP, PING)
    hub.close()

    assert rest(viewer) == gets


def test_every_viewer_gets_the_very_same_bytes(hub: Hub) -> None:
    viewers = [hub.join(EVERYTHING) for _ in range(3)]

    publish(hub, BUILDER)

    assert {id(one.data) for viewer in viewers for one in got(viewer, 1)} == {id(BUILDER.data)}


@pytest.mark.usefixtures("three")
def test_a_viewer_that_is_too_slow_gets_what_waited_for_it_and_is_let_go(hub: Hub) -> None:
    slow = hub.join(EVERYTHING)

    publish(hub, BUILDER, WRITER, GAP, PING, BUILDER)

    assert len(hub) == 0
    assert rest(slow) == [BUILDER, WRITER, GAP]
    assert slow.lagged


@pytest.mark.usefixtures("three")
def test_a_slow_viewer_holds_up_nobody_else(hub: Hub) -> None:
    slow, quick = hub.join(EVERYTHING), hub.join(EVERYTHING)

    for number in range(10):
        publish(hub, BUILDER)
        assert got(quick, 1) == [BUILDER], number

    assert (slow.lagged, quick.lagged) == (True, False)
    assert len(hub) == 1


@pytest.mark.usefixtures("three")
def test_what_a_viewer_does_not_want_never_makes_it_slow(hub: Hub) -> None:
    viewer = hub.join(Filter(agents=frozenset({"builder"})))

    publish(hub, *(WRITER,) * 10, BUILDER)

    assert got(viewer, 1) == [BUILDER]
    assert not viewer.lagged


@pytest.mark.usefixtures("three")
def test_a_full_viewer_that_reads_in_time_is_not_let_go(hub: Hub) -> None:
    viewer = hub.join(EVERYTHING)
    publish(hub, BUILDER, WRITER, GAP)

    assert got(viewer, 1) == [BUILDER]
    publish(hub, PING)

    assert got(viewer, 3) == [WRITER, GAP, PING]
    assert not viewer.lagged


def test_a_waiting_viewer_is_woken_by_what_comes(hub: Hub) -> None:
    viewer = hub.join(EVERYTHING)
    waiting = gevent.spawn(got, viewer, 1)
    gevent.idle()

    publish(hub, BUILDER)

    assert waiting.get(timeout=10) == [BUILDER]


def test_a_viewer_that_left_gets_nothing_more(hub: Hub) -> None:
    viewer = hub.join(EVERYTHING)
    publish(hub, BUILDER)

    hub.leave(viewer)
    hub.leave(viewer)
    publish(hub, WRITER)
    viewer.offer(None)

    assert len(hub) == 0
    assert rest(viewer) == [BUILDER]


def test_closing_ends_every_stream_after_what_was_published(hub: Hub) -> None:
    waiting, full = hub.join(EVERYTHING), hub.join(EVERYTHING)
    ended = gevent.spawn(rest, waiting)
    gevent.idle()

    publish(hub, BUILDER)
    hub.close()

    assert ended.get(timeout=10) == [BUILDER]
    assert rest(full) == [BUILDER]
    assert not waiting.lagged
    assert hub.closed


@pytest.mark.usefixtures("three")
def test_closing_ends_also_a_viewer_whose_queue_is_full(hub: Hub) -> None:
    viewer = hub.join(EVERYTHING)
    publish(hub, BUILDER, WRITER, GAP)

    hub.close()

    assert rest(viewer) == [BUILDER, WRITER, GAP]


def test_who_comes_after_the_closing_is_sent_away_at_once(hub: Hub) -> None:
    hub.close()

    assert rest(hub.join(EVERYTHING)) == []


@pytest.mark.usefixtures("three")
def test_what_is_published_and_who_is_too_slow_is_counted(hub: Hub) -> None:
    hub.join(EVERYTHING)
    quick = hub.join(EVERYTHING)

    for _ in range(5):
        publish(hub, BUILDER, PING)
        got(quick, 2)

    [row] = hub.tally.rows()
    assert (row[Count.EVENTS], row[Count.DROPPED]) == (10, 1)
