"""Frames between the greenlet that reads and the one that takes them in."""

import gevent
import pytest
from gevent.event import Event as Flag

from palais.errors import GatewayError
from palais.gateway import inbox as inboxes
from palais.gateway.inbox import Inbox
from tests.database import PATIENCE


@pytest.fixture
def inbox() -> Inbox:
    return Inbox(Flag())


def test_frames_come_out_in_the_order_in_which_they_came_in(inbox: Inbox) -> None:
    for number in range(5):
        inbox.put(str(number))

    assert inbox.take(3) == ["0", "1", "2"]
    assert inbox.take(3) == ["3", "4"]
    assert inbox.take(3) == []


def test_the_end_comes_after_the_last_frame(inbox: Inbox) -> None:
    inbox.put("last")
    inbox.end(GatewayError("lost"))

    assert inbox.take(10) == ["last"]
    with pytest.raises(GatewayError, match="lost"):
        inbox.take(10)


@pytest.mark.parametrize(("limit", "most"), [("FRAMES", 3), ("CHARACTERS", 30)])
def test_reading_waits_for_room(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(inboxes, limit, most)

    def read() -> None:
        for number in range(10):
            inbox.put(f"frame {number}...")

    reader = gevent.spawn(read)
    taken: list[str] = []
    while len(taken) < 10:
        gevent.idle()
        assert len(inbox) == min(3, 10 - len(taken))
        taken += inbox.take(2)

    reader.get(timeout=PATIENCE)
    assert taken == [f"frame {number}..." for number in range(10)]


def test_who_waits_is_woken_by_as_many_frames_as_are_worth_it(inbox: Inbox) -> None:
    taker = gevent.spawn(inbox.wait, 3, PATIENCE)
    for awaited in (False, False, True):
        gevent.idle()
        assert not taker.ready()
        inbox.put("frame")
        if awaited:
            taker.join(PATIENCE)

    assert taker.ready()


def test_who_waits_is_woken_by_the_end(inbox: Inbox) -> None:
    taker = gevent.spawn(inbox.wait, 3, PATIENCE)
    gevent.idle()
    inbox.end(GatewayError("lost"))

    taker.get(timeout=PATIENCE / 2)


def test_others_have_their_turn_while_there_is_always_something_to_take(inbox: Inbox) -> None:
    turns: list[str] = []
    other = gevent.spawn(turns.append, "other")
    for _ in range(3):
        inbox.put("frame")
        inbox.wait(1, PATIENCE)

    assert turns == ["other"]
    other.get()
