"""The load client counts what a scripted server does to the events."""

import shutil
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import websocket

from bench import build
from bench.errors import BenchError
from bench.load import Load

if not sys.platform.startswith("linux"):
    pytest.skip("the load client uses epoll: it runs on Linux only", allow_module_level=True)
if not any(map(shutil.which, ("cc", "gcc", "clang"))):
    pytest.skip("there is no C compiler for the load client", allow_module_level=True)

AGENTS = 3
QUIET = 2.0
"""Seconds of silence after which nothing more will come; until then the server has had its turn."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
PLAIN = HEAD + b"\r\n"

Script = Callable[[list[bytes]], list[bytes]]


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build.compile_c(build.LOAD, tmp_path_factory.mktemp("load") / "load")


@pytest.fixture
def load(program: Path) -> Iterator[Load]:
    with Load(program, agents=AGENTS) as load:
        yield load


class Server:
    """Follows the load's gateway, and hands its viewers what the script makes of the events."""

    def __init__(self, load: Load, head: bytes = CHUNKED) -> None:
        self.frames: list[bytes] = []
        self._head = head
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(10)
        self.port = self._listener.getsockname()[1]
        self._gateway = websocket.create_connection(f"ws://127.0.0.1:{load.port}", timeout=10)
        for _ in range(AGENTS):
            assert "agent.registered" in self._gateway.recv()

    def serve(self, events: int, script: Script) -> threading.Thread:
        """Let one viewer in; when all events are there, send it the script's chunks."""
        thread = threading.Thread(target=self._serve, args=(events, script))
        thread.start()
        return thread

    def _serve(self, events: int, script: Script) -> None:
        viewer, _ = self._listener.accept()
        self._gateway.settimeout(10)
        with viewer:
            viewer.recv(2000)
            viewer.sendall(self._head)
            self._put(viewer, b"event: connected\ndata: {}\n\n")
            while len(self.frames) < events:
                self.frames.append(self._gateway.recv().encode())
            for chunk in script([b"data: " + frame + b"\n\n" for frame in self.frames]):
                self._put(viewer, chunk)
            self._gateway.settimeout(0.3)  # what comes now is more than was expected
            try:
                self.frames.append(self._gateway.recv().encode())
            except websocket.WebSocketTimeoutException:
                viewer.recv(1)  # until the load closes

    def _put(self, viewer: socket.socket, data: bytes) -> None:
        viewer.sendall(b"%x\r\n%s\r\n" % (len(data), data) if self._head is CHUNKED else data)

    def close(self) -> None:
        self._gateway.close()
        self._listener.close()


@pytest.fixture
def server(load: Load) -> Iterator[Server]:
    server = Server(load)
    yield server
    server.close()


def watched(load: Load, server: Server, events: int, script: Script, **how: float):
    thread = server.serve(events, script)
    assert load.view(server.port, "/api/sse", 1) == 1
    outcome = load.send(events, quiet=QUIET, limit=10, **how)
    load.close_viewers()
    thread.join(10)
    return outcome


def test_a_faithful_server_has_a_clean_record(load: Load, server: Server) -> None:
    outcome = watched(load, server, 10, lambda events: events)

    assert (outcome.events, outcome.viewers, outcome.delivered) == (10, 1, 10)
    assert outcome.whole
    assert outcome.disorder == outcome.stray == outcome.closed == 0
    assert 0 < outcome.p50_ms <= outcome.p99_ms <= outcome.max_ms
    assert outcome.rate > 0


def test_loss_repetition_and_disorder_are_told_apart(load: Load, server: Server) -> None:
    def script(events: list[bytes]) -> list[bytes]:
        without_3 = events[:3] + events[4:]
        twice_0 = [events[0], *without_3]
        twice_0[-2:] = reversed(twice_0[-2:])
        return twice_0

    outcome = watched(load, server, 10, script)

    assert (outcome.delivered, outcome.lost) == (9, 1)
    assert (outcome.duplicates, outcome.disorder) == (1, 1)
    assert not outcome.whole
    assert outcome.rate == 0


def test_an_event_that_was_late_and_then_repeated_is_a_repetition(
    load: Load, server: Server
) -> None:
    outcome = watched(load, server, 3, lambda events: [events[2], events[0], events[2], events[1]])

    assert (outcome.lost, outcome.duplicates, outcome.disorder) == (0, 1, 2)


def test_chunks_may_cut_an_event_anywhere_and_hold_many(load: Load, server: Server) -> None:
    def script(events: list[bytes]) -> list[bytes]:
        text = b"".join(events)
        return [text[:700], *(bytes([byte]) for byte in text[700:900]), text[900:]]

    outcome = watched(load, server, 20, script)

    assert outcome.whole
    assert outcome.delivered == 20


def test_a_stream_without_chunks_is_read_too(load: Load) -> None:
    server = Server(load, PLAIN)
    try:
        assert watched(load, server, 5, lambda events: events).whole
    finally:
        server.close()


def test_the_next_run_begins_with_a_clean_record(load: Load, server: Server) -> None:
    watched(load, server, 4, lambda events: events[:2])
    server.frames.clear()

    outcome = watched(load, server, 4, lambda events: events)

    assert outcome.whole
    assert outcome.delivered == 4


def test_no_more_events_are_under_way_than_the_window_allows(load: Load, server: Server) -> None:
    thread = server.serve(3, lambda _: [])
    load.view(server.port, "/api/sse", 1)

    outcome = load.send(10, window=3, quiet=QUIET, limit=10)

    load.close_viewers()
    thread.join(10)
    assert outcome.events == 3
    assert len(server.frames) == 3


def test_a_stream_that_ends_is_counted_as_closed(load: Load, server: Server) -> None:
    thread = server.serve(2, lambda events: [events[0], b""])
    load.view(server.port, "/api/sse", 1)

    outcome = load.send(2, quiet=QUIET, limit=10)

    load.close_viewers()
    thread.join(10)
    assert (outcome.closed, outcome.lost) == (1, 1)


def test_large_events_are_spans_of_a_session(load: Load, server: Server) -> None:
    thread = server.serve(AGENTS + 1, lambda events: events)
    load.view(server.port, "/api/sse", 1)

    outcome = load.send(1, size=16_000, quiet=QUIET, limit=10)

    load.close_viewers()
    thread.join(10)
    assert outcome.whole
    assert b"session.started" in server.frames[0]
    assert b"span.completed" in server.frames[AGENTS]
    assert 15_000 < len(server.frames[AGENTS]) < 17_000


def test_without_a_compiler_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)

    with pytest.raises(BenchError, match="apt-get install gcc"):
        build.compiler()
