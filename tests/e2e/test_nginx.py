"""The stream through nginx, by the configuration that deploy/ has."""

import http.client
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from palais.config import ROOT
from palais.demo.gateway import DemoGateway
from tests.e2e.cockpit import Cockpit
from tests.rig.process import Guarded, free_port, wait_until

TOKEN = "jeton-derriere-nginx"
HOST = "palais.example.org"
PATIENCE = 30.0
MORE_THAN_A_BROWSER_OPENS = 12

# As few changes as there can be: other ports and certificates, in the http { } of a server of ours.
MAIN = """
daemon off;
error_log stderr;
pid {folder}/nginx.pid;
events {{ worker_connections 1000; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include {folder}/palais.conf;
}}
"""


def program() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        pytest.skip("no nginx here: apt-get install nginx-light")
    return found


def certify(folder: Path) -> None:
    """Write a certificate for the host, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def configured(folder: Path, upstream: int, port: int, plain: int) -> Path:
    text = (ROOT / "deploy/nginx.conf").read_text()
    for ours, theirs in {
        "listen 443": f"listen 127.0.0.1:{port}",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "    listen [::]:443 ssl http2;\n": "",
        "    listen [::]:80;\n": "",
        "127.0.0.1:3300": f"127.0.0.1:{upstream}",
        "/etc/ssl/palais": str(folder),
    }.items():
        assert ours in text, f"deploy/nginx.conf has no {ours!r} any more."
        text = text.replace(ours, theirs)
    (folder / "palais.conf").write_text(text)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
    return folder / "nginx.conf"


class Outside:
    """What a browser sees of it."""

    def __init__(self, folder: Path, port: int, headers: dict[str, str]) -> None:
        self._tls = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
        self.port = port
        self._headers = {"Host": HOST, **headers}
        self.arguments = ["--cacert", str(folder / "fullchain.pem")]
        self.arguments += ["--resolve", f"{HOST}:{port}:127.0.0.1"]
        for name, value in headers.items():
            self.arguments += ["--header", f"{name}: {value}"]

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"

    def get(self, path: str) -> tuple[http.client.HTTPResponse, http.client.HTTPSConnection]:
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        connection = http.client.HTTPSConnection(HOST, self.port, timeout=PATIENCE)
        connection.sock = self._tls.wrap_socket(plain, server_hostname=HOST)
        connection.request("GET", path, headers=self._headers)
        return connection.getresponse(), connection

    def answers(self) -> bool:
        try:
            response, connection = self.get("/api/health")
        except OSError:
            return False
        with closing(connection):
            return response.status == 200


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """Give a cockpit, behind nginx, from outside."""
    nginx = program()
    port = free_port()
    folder = tmp_path_factory.mktemp("nginx")
    with DemoGateway(token=TOKEN, speed=6, quiet=True) as gateway:
        cockpit = Cockpit(tmp_path_factory.mktemp("cockpit"), gateway.url, TOKEN)
        cockpit._environment |= {
            "PALAIS_HEARTBEAT_SECONDS": "1",
            "PALAIS_ALLOWED_HOSTS": HOST,
            "PALAIS_TRUSTED_PROXIES": "127.0.0.1",
        }
        certify(folder)
        config = configured(folder, cockpit.port, port, free_port())
        command = [nginx, "-p", str(folder), "-c", str(config), "-e", "stderr"]
        with cockpit:
            server = Guarded(command, env={"PATH": os.defpath}, cwd=folder, log=folder / "log")
            try:
                seen = Outside(folder, port, cockpit._headers)
                wait_until(
                    lambda: seen.answers() or not server.running, timeout=PATIENCE, what="nginx"
                )
                assert server.running, (folder / "log").read_text()
                yield seen
            finally:
                server.stop(grace=10)
        gateway.drop_connections()


def names(response: http.client.HTTPResponse) -> Iterator[str]:
    """Yield the name of each event as soon as its line has come."""
    while line := response.readline():
        if line.startswith(b"event: "):
            yield line.removeprefix(b"event: ").strip().decode()


def test_events_come_through_nginx_while_the_stream_goes_on(outside: Outside) -> None:
    response, connection = outside.get("/api/sse?agents=nobody")
    with closing(connection):
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        found = names(response)

        assert [next(found) for _ in range(2)] == ["connected", "gateway"]
        # A few bytes each, which a proxy that buffers would keep until there are thousands.
        assert "ping" in (next(found) for _ in range(20))
        assert "ping" in (next(found) for _ in range(20))


def test_one_http2_connection_carries_more_streams_than_a_browser_opens_connections(
    outside: Outside, tmp_path: Path
) -> None:
    curl = shutil.which("curl")
    if curl is None or b"HTTP2" not in subprocess.check_output([curl, "--version"]):
        pytest.skip("no curl with HTTP/2 here")
    many = range(MORE_THAN_A_BROWSER_OPENS)
    # One config file with a section each: they share the connection, as tabs do.
    urls = [f'url = "{outside.url}/api/sse?agents=nobody{n}"\noutput = "{n}.sse"' for n in many]
    config = tmp_path / "curl.conf"
    config.write_text("\n".join(urls))
    command = [curl, "--silent", "--http2", "--no-buffer", "--parallel", "--parallel-max", "50"]
    reader = Guarded(
        [*command, *outside.arguments, "--max-time", "60", "--config", str(config)],
        env={"PATH": os.defpath},
        cwd=tmp_path,
        log=tmp_path / "curl.log",
    )
    try:
        wait_until(
            lambda: all(_has_pinged(tmp_path / f"{n}.sse") for n in many),
            timeout=PATIENCE,
            what="a heartbeat on every stream",
        )
        assert open_connections(outside.port) == 1
    finally:
        reader.stop(grace=5)


def open_connections(port: int) -> int:
    """Return how many connections to this port are established (proc(5), /proc/net/tcp)."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[2].endswith(f":{port:04X}") and row[3] == "01" for row in rows)


def _has_pinged(path: Path) -> bool:
    return path.exists() and b"event: ping" in path.read_bytes()


def test_whoever_comes_without_tls_is_sent_to_it(outside: Outside) -> None:
    config = Path(outside.arguments[1]).parent / "palais.conf"
    plain = int(config.read_text().partition("listen 127.0.0.1:")[2].partition(";")[0])
    connection = http.client.HTTPConnection("127.0.0.1", plain, timeout=PATIENCE)
    with closing(connection):
        connection.request("GET", "/agents?a=1", headers={"Host": HOST})
        response = connection.getresponse()

    assert response.status == 301
    assert response.headers["Location"] == f"https://{HOST}/agents?a=1"
