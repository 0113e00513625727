"""Writing to viewers without waiting: in order, bounded, and never a broken chunk."""

from collections.abc import Callable, Iterator

import gevent
import pytest
from gevent import socket

from palais.live import writer as writers
from palais.live.batch import Broadcast, Filter, chunk
from palais.live.hub import LAGGED, Hub
from palais.live.writer import BACKLOG, Writer
from tests.live.reading import unchunked

Pair = tuple[socket.socket, socket.socket]
TakeOver = Callable[..., Writer]

PIECE = b"event: agent\ndata: " + b"x" * 50_000 + b"\n\n"
PATIENCE = 20
EVERYTHING = Filter()


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Give a server's end and a viewer's end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(PATIENCE)
        yield ours, theirs


@pytest.fixture
def taken_over(pair: Pair) -> Iterator[TakeOver]:
    """Give what makes a writer of our end."""
    made = []

    def take_over(*, chunked: bool = False) -> Writer:
        made.append(Writer(pair[0], chunked=chunked))
        return made[-1]

    yield take_over
    pair[1].close()
    for writer in made:
        writer.end()
    gevent.idle()


def everything(theirs: socket.socket) -> bytes:
    return b"".join(iter(lambda: theirs.recv(65536), b""))


def row(number: int) -> Broadcast:
    return Broadcast(b"id: %d\n\n" % number, number, "builder", "agent.status")


def fill(writer: Writer, piece: bytes) -> int:
    """Write until the viewer is too far behind, and say how many pieces were taken."""
    for taken in range(1_000):
        if not writer.send(piece):
            return taken
    raise AssertionError("There is no bound.")


def test_a_viewer_that_reads_gets_a_frame_at_once(pair: Pair, taken_over: TakeOver) -> None:
    assert taken_over().send(b"data: 1\n\n")
    assert pair[1].recv(100) == b"data: 1\n\n"


def test_what_the_socket_does_not_take_is_written_later_in_order(
    pair: Pair, taken_over: TakeOver
) -> None:
    writer = taken_over()
    pieces = [b"%d:" % number + PIECE for number in range(10)]
    assert all(writer.send(piece) for piece in pieces)
    writer.end()
    assert everything(pair[1]) == b"".join(pieces)


def test_after_it_has_caught_up_a_viewer_is_written_to_at_once_again(
    pair: Pair, taken_over: TakeOver
) -> None:
    writer = taken_over()
    pieces = [b"%d:" % number + PIECE for number in range(8)]
    assert all(writer.send(piece) for piece in pieces)
    due = sum(map(len, pieces))
    while due:
        due -= len(pair[1].recv(65536))
    gevent.idle()
    assert writer.send(b"data: 1\n\n")
    assert pair[1].recv(100, socket.MSG_DONTWAIT) == b"data: 1\n\n"


def test_a_viewer_that_never_reads_is_let_go_at_the_bound(pair: Pair, taken_over: TakeOver) -> None:
    writer = taken_over()
    assert fill(writer, PIECE) * len(PIECE) >= BACKLOG
    assert not writer.send(PIECE)


def test_a_viewer_that_is_let_go_gets_whole_chunks_why_and_the_end(
    pair: Pair, taken_over: TakeOver
) -> None:
    writer = taken_over(chunked=True)
    fill(writer, chunk(PIECE))
    writer.end(LAGGED)
    received = unchunked(everything(pair[1]))
    assert received.endswith(LAGGED)
    told = received.removesuffix(LAGGED)
    assert told == PIECE * (len(told) // len(PIECE))
    assert 0 < len(told) < BACKLOG + len(PIECE)


def test_a_viewer_that_takes_nothing_for_too_long_is_closed(
    pair: Pair, taken_over: TakeOver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "STALL_SECONDS", 0.01)
    writer = taken_over()
    pieces = [b"%d:" % number + PIECE for number in range(8)]
    assert all(writer.send(piece) for piece in pieces)
    with gevent.Timeout(PATIENCE):
        while writer.send(b"."):
            gevent.sleep(0.01)
    received = everything(pair[1])
    assert b"".join(pieces).startswith(received)


@pytest.mark.parametrize("chunked", [False, True])
def test_the_end_comes_after_everything_and_only_once(
    pair: Pair, taken_over: TakeOver, *, chunked: bool
) -> None:
    writer = taken_over(chunked=chunked)
    assert writer.send(chunk(b"data: 1\n\n") if chunked else b"data: 1\n\n")
    writer.end()
    writer.end(LAGGED)
    assert not writer.send(b"data: 2\n\n")
    received = everything(pair[1])
    assert (unchunked(received) if chunked else received) == b"data: 1\n\n"


def test_nothing_is_written_after_an_end_that_still_waits(pair: Pair, taken_over: TakeOver) -> None:
    writer = taken_over(chunked=True)
    pieces = [b"%d:" % number + PIECE for number in range(8)]
    assert all(writer.send(chunk(piece)) for piece in pieces)
    writer.end()
    assert not writer.send(chunk(PIECE))
    assert unchunked(everything(pair[1])) == b"".join(pieces)


def test_a_viewer_that_has_gone_is_noticed(pair: Pair, taken_over: TakeOver) -> None:
    writer = taken_over()
    pair[1].close()
    assert not writer.send(b"data: 1\n\n")
    assert not writer.send(b"data: 1\n\n")
    writer.end(LAGGED)


def test_a_viewer_that_goes_while_something_waits_for_it_is_noticed(
    pair: Pair, taken_over: TakeOver
) -> None:
    writer = taken_over()
    fill(writer, PIECE)
    pair[1].close()
    gevent.idle()
    gevent.idle()
    assert not writer.send(b"data: 1\n\n")


def test_frames_that_came_before_the_socket_go_first(pair: Pair, taken_over: TakeOver) -> None:
    hub = Hub()
    viewer = hub.join(EVERYTHING)
    viewer.after = 1
    hub.publish(row(1))
    hub.publish(row(2))
    hub.move(viewer, taken_over())
    hub.publish(row(3), row(4))
    hub.close()
    assert everything(pair[1]) == b"id: 2\n\nid: 3\n\nid: 4\n\n"


def test_rows_that_a_viewer_has_from_the_log_are_not_told_again_when_the_tail_comes_to_them(
    pair: Pair,
    taken_over: TakeOver,
) -> None:
    hub = Hub()
    viewer = hub.join(Filter(agents=frozenset({"builder"})))
    viewer.after = 3
    hub.move(viewer, taken_over())
    hub.publish(row(1), row(2))
    hub.publish(Broadcast(b"ping\n\n"))
    hub.publish(row(3), row(4), Broadcast(b"id: 5\n\n", 5, "writer", "agent.status"))
    hub.publish(row(6))
    hub.close()
    assert everything(pair[1]) == b"ping\n\nid: 4\n\nid: 6\n\n"


def test_a_viewer_that_moves_to_a_closed_hub_gets_what_waited_and_the_end(
    pair: Pair, taken_over: TakeOver
) -> None:
    hub = Hub()
    viewer = hub.join(EVERYTHING)
    hub.publish(row(1))
    hub.close()
    hub.move(viewer, taken_over(chunked=True))
    assert unchunked(everything(pair[1])) == b"id: 1\n\n"
    assert len(hub) == 0


def test_a_viewer_that_lagged_before_it_moved_is_told_so(
    pair: Pair, taken_over: TakeOver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("palais.live.viewer.QUEUED", 1)
    hub = Hub()
    viewer = hub.join(EVERYTHING)
    hub.publish(row(1), row(2))
    hub.move(viewer, taken_over(chunked=True))
    assert unchunked(everything(pair[1])) == b"id: 1\n\n" + LAGGED


def test_who_has_gone_is_forgotten_and_so_is_what_only_he_wanted(
    pair: Pair, taken_over: TakeOver
) -> None:
    hub = Hub()
    hub.move(hub.join(Filter(agents=frozenset({"builder"}))), taken_over(chunked=True))
    assert len(hub) == 1
    pair[1].close()
    hub.publish(Broadcast(b"ping\n\n"))
    assert len(hub) == 0
    assert not hub._alike


def test_one_batch_is_encoded_once_for_all_who_want_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub, sent = Hub(), []

    def put(_fd: int, data: bytes) -> int:
        sent.append(data)
        return len(data)

    for _ in range(3):
        ours, theirs = socket.socketpair()
        hub.move(hub.join(EVERYTHING), Writer(ours, chunked=True))
        theirs.close()
    with monkeypatch.context() as patch:
        patch.setattr("palais.live.writer.os.write", put)
        hub.publish(Broadcast(b"a", 1), Broadcast(b"b", 2))
    assert sent == [b"2\r\nab\r\n"] * 3
    assert len({id(data) for data in sent}) == 1
    hub.close()
