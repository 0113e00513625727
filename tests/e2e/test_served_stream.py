"""The stream as gunicorn serves it: over plain sockets, byte by byte."""

import resource
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from palais.demo.gateway import DemoGateway
from tests.e2e.cockpit import KEY, Cockpit
from tests.live.reading import Seen, events, unchunked
from tests.rig.process import wait_until

TOKEN = "jeton-du-flux"
PATIENCE = 30.0


@pytest.fixture(scope="module")
def gateway() -> Iterator[DemoGateway]:
    with DemoGateway(token=TOKEN, speed=6, seed=3, quiet=True) as gateway:
        yield gateway
        gateway.drop_connections()


@pytest.fixture
def cockpit(gateway: DemoGateway, tmp_path: Path) -> Iterator[Cockpit]:
    with Cockpit(tmp_path, gateway.url, TOKEN) as cockpit:
        with cockpit.stream() as stream:
            if cockpit.gateway()["state"] != "connected":
                stream.wait_gateway("connected", timeout=PATIENCE)
        yield cockpit


class Viewer:
    """One connection with one request on it."""

    def __init__(self, port: int, version: str = "HTTP/1.1", **headers: str) -> None:
        self._sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
        lines = [f"GET /api/sse {version}", "Host: 127.0.0.1", f"X-API-Key: {KEY}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self._sock.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
        self.received = b""

    def read_until(self, holds: Callable[[bytes], object]) -> None:
        while not holds(self.received):
            data = self._sock.recv(65536)
            assert data, f"The stream ended after {self.received[-200:]!r}."
            self.received += data

    def read_to_the_end(self) -> bytes:
        while data := self._sock.recv(65536):
            self.received += data
        self._sock.close()
        return self.received

    def close(self) -> None:
        self._sock.close()


def split(response: bytes) -> tuple[str, bytes]:
    head, _, body = response.partition(b"\r\n\r\n")
    return head.decode().lower(), body


def rows(seen: list[Seen]) -> list[str]:
    """Return the ids of what is history; a sign of life has none of its own."""
    told = [one for one in seen if one.name == "agent"]
    return [one.last_id for one in told if one.body["type"] != "agent.presence"]


def test_a_stream_is_one_well_formed_response_up_to_its_end_at_sigterm(
    cockpit: Cockpit, gateway: DemoGateway
) -> None:
    viewers = [Viewer(cockpit.port) for _ in range(10)]
    for viewer in viewers:
        viewer.read_until(lambda data: b"event: gateway" in data)
    gateway.run_now("builder", "completed")
    for viewer in viewers:
        viewer.read_until(lambda data: b'"session.completed"' in data)
    cockpit.rest(gateway)

    assert cockpit.stop() == 0

    told = []
    for viewer in viewers:
        head, body = split(viewer.read_to_the_end())
        assert head.startswith("http/1.1 200 ok")
        assert "transfer-encoding: chunked" in head
        assert "content-length" not in head
        told.append(events(unchunked(body)))
    assert [one.name for one in told[0][:2]] == ["connected", "gateway"]
    assert rows(told[0])
    assert {tuple(rows(seen)) for seen in told} == {tuple(rows(told[0]))}


def test_an_http_1_0_client_gets_the_stream_without_chunks(
    cockpit: Cockpit, gateway: DemoGateway
) -> None:
    viewer = Viewer(cockpit.port, "HTTP/1.0")
    viewer.read_until(lambda data: b"event: gateway" in data)
    gateway.run_now("writer", "completed")
    viewer.read_until(lambda data: b'"session.completed"' in data)
    assert cockpit.stop() == 0

    head, body = split(viewer.read_to_the_end())
    assert "transfer-encoding" not in head
    assert "connection: close" in head
    assert body.startswith(b"retry: 3000\n\n")
    assert "session.started" in {one.body.get("type") for one in events(body)}


def test_more_viewers_are_let_in_than_a_shell_allows_open_files(
    gateway: DemoGateway, tmp_path: Path
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    try:
        cockpit = Cockpit(tmp_path, gateway.url, TOKEN).start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    viewers = [Viewer(cockpit.port) for _ in range(200)]
    try:
        for viewer in viewers:
            viewer.read_until(lambda data: b"event: gateway" in data)
        assert cockpit.health()["stream"]["viewers"] == 200
    finally:
        cockpit.stop()
        for viewer in viewers:
            viewer.close()


def test_viewers_that_come_and_go_leave_nothing_behind(
    cockpit: Cockpit, gateway: DemoGateway
) -> None:
    for _ in range(3):
        viewers = [Viewer(cockpit.port) for _ in range(40)]
        for viewer in viewers:
            viewer.read_until(lambda data: b"event: gateway" in data)
            viewer.close()
    with cockpit.stream() as stream:
        gateway.run_now("tutor", "completed")
        busy = stream.wait_status("tutor", "busy")
        stream.wait_status("tutor", "idle", after=busy)

        wait_until(
            lambda: cockpit.health()["stream"]["viewers"] == 1,
            timeout=PATIENCE,
            what="no viewer but this one",
        )


def test_a_viewer_that_resumes_gets_each_row_once(cockpit: Cockpit, gateway: DemoGateway) -> None:
    whole = Viewer(cockpit.port)
    whole.read_until(lambda data: b"event: gateway" in data)
    seen: list[str] = []
    for agent_id in ("builder", "cfo", "artist"):
        viewer = Viewer(cockpit.port, **({"Last_Event_ID": seen[-1]} if seen else {}))
        viewer.read_until(lambda data: b"event: gateway" in data)
        gateway.run_now(agent_id, "completed")
        viewer.read_until(lambda data: b'"session.started"' in data)
        viewer.close()
        seen += rows(events(_complete(viewer.received)))
        whole.read_until(lambda data: data.count(b'"session.completed"') >= 1)
    last = Viewer(cockpit.port, Last_Event_ID=seen[-1])
    last.read_until(lambda data: b"event: gateway" in data)
    with cockpit.stream() as stream:
        gateway.run_now("explorer", "completed")
        busy = stream.wait_status("explorer", "busy")
        stream.wait_status("explorer", "idle", after=busy, timeout=PATIENCE)
    cockpit.rest(gateway)
    assert cockpit.stop() == 0
    seen += rows(events(unchunked(split(last.read_to_the_end())[1])))

    told = rows(events(unchunked(split(whole.read_to_the_end())[1])))
    assert seen == told[told.index(seen[0]) :]  # the first viewer came a little later


def _complete(response: bytes) -> bytes:
    """Return the whole events of a chunked response that was left somewhere."""
    body = split(response)[1]
    data = b""
    while b"\r\n" in body:
        size, _, rest = body.partition(b"\r\n")
        count = int(size, 16)
        data, body = data + rest[:count], rest[count + 2 :]
    return data[: data.rfind(b"\n\n") + 2]
