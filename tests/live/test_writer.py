"""Writing to viewers without waiting: in order, bounded, and never a broken chunk."""

from collections.abc import Iterator

import gevent
import pytest
from gevent import socket

from palais.live.batch import Broadcast, Filter, chunk
from palais.live.hub import Hub
from palais.live.writer import BACKLOG, Writer

Pair = tuple[socket.socket, socket.socket]

PIECE = b"event: agent\ndata: " + b"x" * 50_000 + b"\n\n"
PATIENCE = 20


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Give a server's end and a viewer's end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(PATIENCE)
        yield ours, theirs


def everything(theirs: socket.socket) -> bytes:
    return b"".join(iter(lambda: theirs.recv(65536), b""))


def body(stream: bytes) -> bytes:
    """Undo the chunked coding, strictly."""
    data = b""
    while stream:
        size, _, rest = stream.partition(b"\r\n")
        count = int(size, 16)
        data, end, stream = data + rest[:count], rest[count : count + 2], rest[count + 2 :]
        assert end == b"\r\n"
    return data


def test_a_viewer_that_reads_gets_a_frame_without_its_greenlet(pair: Pair) -> None:
    writer = Writer(pair[0], chunked=False)
    assert writer.send(b"data: 1\n\n")
    assert pair[1].recv(100) == b"data: 1\n\n"


def test_what_the_socket_does_not_take_is_written_later_in_order(pair: Pair) -> None:
    writer = Writer(pair[0], chunked=False)
    pieces = [b"%d:" % number + PIECE for number in range(15)]
    assert all(writer.send(piece) for piece in pieces)
    drained = gevent.spawn(writer.drain)
    writer.end()
    reading = gevent.spawn(everything, pair[1])
    drained.get(timeout=PATIENCE)
    pair[0].close()
    assert reading.get(timeout=PATIENCE) == b"".join(pieces)


def test_a_viewer_that_never_reads_is_let_go_at_the_bound(pair: Pair) -> None:
    writer = Writer(pair[0], chunked=False)
    taken = 0
    while writer.send(PIECE):
        taken += 1
        assert taken < 200
    assert writer.lagged
    assert taken * len(PIECE) >= BACKLOG
    assert not writer.send(PIECE)


def test_a_viewer_that_is_let_go_gets_whole_chunks_only(pair: Pair) -> None:
    writer = Writer(pair[0], chunked=True)
    while writer.send(chunk(PIECE)):
        pass
    drained = gevent.spawn(writer.drain)
    reading = gevent.spawn(everything, pair[1])
    drained.get(timeout=PATIENCE)
    pair[0].close()
    received = body(reading.get(timeout=PATIENCE))
    assert received
    assert received == PIECE * (len(received) // len(PIECE))


def test_a_viewer_that_has_gone_is_noticed_and_ends(pair: Pair) -> None:
    writer = Writer(pair[0], chunked=False)
    drained = gevent.spawn(writer.drain)
    pair[1].close()
    assert not writer.send(b"data: 1\n\n")
    with pytest.raises(BrokenPipeError):
        drained.get(timeout=PATIENCE)


def test_frames_that_came_before_the_socket_go_first(pair: Pair) -> None:
    hub = Hub()
    viewer = hub.join(Filter())
    viewer.after = 1
    for number in (1, 2):
        hub.publish(Broadcast(b"id: %d\n\n" % number, number, "builder", "agent.status"))
    streaming = gevent.spawn(viewer.write_to, Writer(pair[0], chunked=False))
    gevent.idle()
    hub.publish(
        *(Broadcast(b"id: %d\n\n" % number, number, "builder", "agent.status") for number in (3, 4))
    )
    hub.close()
    streaming.get(timeout=PATIENCE)
    pair[0].close()
    assert everything(pair[1]) == b"id: 2\n\nid: 3\n\nid: 4\n\n"


def test_one_batch_is_encoded_once_for_all_who_want_the_same(pair: Pair) -> None:
    hub, sent = Hub(), []

    class Recording(Writer):
        def send(self, data: bytes) -> bool:
            sent.append(data)
            return True

    for _ in range(3):
        viewer = hub.join(Filter())
        gevent.spawn(viewer.write_to, Recording(pair[0], chunked=True))
        gevent.idle()
    hub.publish(Broadcast(b"a", 1), Broadcast(b"b", 2))
    assert sent == [b"2\r\nab\r\n"] * 3
    assert len({id(data) for data in sent}) == 1
    hub.close()
    gevent.idle()
