"""The door of a whole cockpit: several workers, and what it refuses to start with."""

import os
import runpy
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from palais.demo.gateway import DemoGateway
from tests.e2e.cockpit import KEY, ROOT, Cockpit
from tests.e2e.door import Visitor
from tests.rig.process import free_port

TOKEN = "jeton-de-la-porte"
PATIENCE = 30.0


@pytest.fixture
def cockpit(tmp_path: Path) -> Iterator[Cockpit]:
    """Give a cockpit with two workers, and a quick heart."""
    quick = {"WEB_CONCURRENCY": "2", "PALAIS_HEARTBEAT_SECONDS": "1"}
    with (
        DemoGateway(token=TOKEN, seed=3, quiet=True) as gateway,
        Cockpit(tmp_path, gateway.url, TOKEN, **quick) as cockpit,
    ):
        yield cockpit


class Watcher:
    """One open stream."""

    def __init__(self, port: int, header: str) -> None:
        self._sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
        request = f"GET /api/sse HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}\r\n\r\n"
        self._sock.sendall(request.encode())
        self.await_news(b"event: gateway")

    def await_news(self, wanted: bytes) -> None:
        seen = b""
        while wanted not in seen:
            data = self._sock.recv(65536)
            assert data, f"the stream ended after {seen[-300:]!r}"
            seen += data

    def await_end(self) -> None:
        last = b""
        while data := self._sock.recv(65536):
            last = (last + data)[-5:]
        assert last == b"0\r\n\r\n"
        self.close()

    def close(self) -> None:
        self._sock.close()


def test_a_logout_ends_that_browser_s_streams_in_every_worker_and_no_others(
    cockpit: Cockpit,
) -> None:
    leaving, staying = (Visitor(cockpit.port).log_in() for _ in range(2))
    ending = [Watcher(cockpit.port, f"Cookie: {leaving.cookie}") for _ in range(12)]
    lasting = [Watcher(cockpit.port, f"Cookie: {staying.cookie}") for _ in range(4)]
    lasting += [Watcher(cockpit.port, f"X-API-Key: {KEY}") for _ in range(4)]

    leaving.log_out()

    for watcher in ending:
        watcher.await_end()
    for watcher in lasting:
        watcher.await_news(b"event: ping")
        watcher.close()
    assert leaving.ask("GET", "/api/sse")[0] == 401


def test_gunicorn_believes_nobody_about_who_asks(cockpit: Cockpit) -> None:
    visitor = Visitor(cockpit.port)

    forged = {"X_Forwarded_Proto": "https", "X_Forwarded_Ssl": "on", "Script_Name": "/evil"}
    visitor.ask("GET", "/login", X_Forwarded_For="192.0.2.1", **forged)

    assert visitor.heard[-1].startswith("200 ")
    assert "Strict-Transport-Security" not in visitor.heard[-1]
    assert "/evil" not in visitor.heard[-1]
    assert visitor.ask("GET", "/login", Host="evil.example")[0] == 421


def start(tmp_path: Path, command: list[str], **variables: str) -> tuple[int, str]:
    """Run a server that is expected to end by itself; return its exit code and what it said."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PALAIS_DATA_DIR": str(tmp_path),
        "OPENCLAW_WS_URL": "ws://127.0.0.1:9",
        "PALAIS_BIND": f"0.0.0.0:{free_port()}",
        **variables,
    }
    ended = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, ended.stdout


SERVERS = [(["flask", "serve"], 2), (["gunicorn", "-c", "gunicorn.conf.py"], 4)]


@pytest.mark.parametrize(("command", "code"), SERVERS)
def test_no_server_opens_to_the_network_without_a_password_of_the_operator_s(
    tmp_path: Path, database_url: str, command: list[str], code: int
) -> None:
    ended, said = start(tmp_path, command, DATABASE_URL=database_url)

    assert ended == code, said
    assert "opens Palais to the network, and you have not set a password." in said
    assert "Set PALAIS_ADMIN_PASSWORD" in said
    assert "flask password set" in said
    assert "Traceback" not in said


def test_gunicorn_listens_only_where_palais_knows_of(tmp_path: Path, database_url: str) -> None:
    command = [*SERVERS[1][0], "--bind", "0.0.0.0:0"]

    ended, said = start(
        tmp_path, command, DATABASE_URL=database_url, PALAIS_BIND=f"127.0.0.1:{free_port()}"
    )

    assert ended == 1
    assert said == "Error: PALAIS_BIND says where Palais listens. Leave out --bind.\n"


def test_a_first_start_that_fails_shows_its_password_all_the_same(
    tmp_path: Path, database_url: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        bind = f"127.0.0.1:{other.getsockname()[1]}"

        ended, said = start(tmp_path, SERVERS[0][0], DATABASE_URL=database_url, PALAIS_BIND=bind)

    assert ended == 1, said
    assert "Palais did not open." in said
    assert "Password, shown this once: " in said


def test_an_address_without_a_host_is_this_machine_to_gunicorn_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PALAIS_BIND", ":8080")

    assert runpy.run_path(str(ROOT / "gunicorn.conf.py"))["bind"] == "127.0.0.1:8080"


def test_gunicorn_does_not_open_to_the_network_while_nobody_knows(tmp_path: Path) -> None:
    away = "postgresql://palais:hush@127.0.0.1:9/palais"

    ended, said = start(tmp_path, SERVERS[1][0], DATABASE_URL=away)

    assert ended == 4, said
    assert "Postgres cannot say whether you set a password" in said
    assert "hush" not in said
