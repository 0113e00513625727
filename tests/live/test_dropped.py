"""Viewers that are let go are counted; viewers that go are not."""

from collections.abc import Iterator

import gevent
import pytest
from gevent import socket

from palais.live import writer as writers
from palais.live.batch import Broadcast, Filter
from palais.live.hub import Hub
from palais.live.writer import BACKLOG, Writer
from palais.tally import Count

PATIENCE = 20
PIECE = Broadcast(b"data: " + b"x" * 60_000 + b"\n\n")


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    yield hub
    hub.close()


@pytest.fixture
def theirs(hub: Hub) -> Iterator[socket.socket]:
    """Give the end of a viewer that the hub serves."""
    ours, theirs = socket.socketpair()
    hub.move(hub.join(Filter()), Writer(ours, chunked=True))
    with theirs:
        yield theirs


def publish_until_empty(hub: Hub, pieces: int) -> None:
    for _ in range(pieces):
        if not len(hub):
            return
        hub.publish(PIECE)
    raise AssertionError("There is no bound.")


def dropped(hub: Hub) -> float:
    return sum(row[Count.DROPPED] for row in hub.tally.rows())


@pytest.mark.usefixtures("theirs")
def test_a_viewer_that_never_reads_is_counted_once(hub: Hub) -> None:
    publish_until_empty(hub, 20 * BACKLOG // 60_000)
    hub.publish(PIECE)

    assert dropped(hub) == 1


def test_a_viewer_that_goes_is_not_counted(hub: Hub, theirs: socket.socket) -> None:
    theirs.close()
    hub.publish(PIECE)

    assert len(hub) == 0
    assert dropped(hub) == 0


def test_a_viewer_that_goes_with_something_waiting_is_not_counted(
    hub: Hub, theirs: socket.socket
) -> None:
    for _ in range(8):
        hub.publish(PIECE)
    theirs.close()
    with gevent.Timeout(PATIENCE):
        while len(hub):
            gevent.idle()
            hub.publish(Broadcast(b"."))

    assert dropped(hub) == 0


@pytest.mark.usefixtures("theirs")
def test_a_viewer_that_takes_nothing_for_too_long_is_counted(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "STALL_SECONDS", 0.01)
    for _ in range(8):
        hub.publish(PIECE)
    with gevent.Timeout(PATIENCE):
        while len(hub):
            gevent.idle()
            hub.publish(Broadcast(b"."))

    assert dropped(hub) == 1
