"""No secret leaves the process: not in a page, an answer, a header, a log line or an error."""

import base64
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from palais import create_app
from palais.demo.gateway import DemoGateway
from tests.database import settings
from tests.e2e.cockpit import KEY, PASSWORD, ROOT, Cockpit
from tests.e2e.door import Visitor
from tests.rig.process import free_port

TOKEN, SECRET_KEY = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
NOBODY = "postgresql+psycopg2://palais@127.0.0.1:9/palais"
EVERYTHING = """
import logging
logging.basicConfig(level=logging.DEBUG)
logging.getLogger("sqlalchemy").setLevel(logging.DEBUG)
"""
"""Has every logger of every library speak, in each process; one of them is silent by itself."""


def shapes(secret: str) -> Iterator[str]:
    """Yield how a secret may look: as it is, quoted, in hexadecimal, and within any base64."""
    raw = secret.encode()
    yield from (secret, quote(secret, safe=""), raw.hex(), repr(secret)[1:-1])
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + raw)
        # The characters at both ends also depend on what stands beside the secret.
        yield whole[4 if shift else 0 : -4].decode()


def found_in(said: str, hidden: dict[str, str]) -> list[str]:
    return [name for name, one in hidden.items() if any(shape in said for shape in shapes(one))]


def places(tmp_path: Path, cockpit: Cockpit) -> list[tuple[str, str]]:
    """Return every method and path of the app."""
    rules = create_app(settings(NOBODY, tmp_path)).url_map
    session = cockpit.sessions("builder")[0]["id"]
    values = {"agent_id": "builder", "session_id": session, "filename": "js/main.js", "code": "en"}
    urls = rules.bind("localhost")
    return [
        (method, urls.build(rule.endpoint, {k: values.get(k, "1") for k in rule.arguments}, method))
        for rule in rules.iter_rules()
        for method in sorted(rule.methods or ())
        if rule.endpoint not in {"stream.events", "login.leave"}
    ]


def visit(cockpit: Cockpit, routes: list[tuple[str, str]], *visitors: Visitor) -> None:
    """Have everybody ask for everything, and for what is wrong."""
    wrong = [("GET", "/nothing"), ("GET", "/api/v1/activity?limit=x"), ("GET", "/agents/%00")]
    for visitor in visitors:
        for method, path in [*routes, *wrong]:
            visitor.ask(method, path)
            visitor.ask(method, path, X_API_Key=KEY)
            visitor.ask(method, path, Host="evil.example", X_API_Key="wrong")


def test_a_full_run_tells_no_secret(tmp_path: Path) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(EVERYTHING)
    talkative = {
        "PYTHONPATH": os.pathsep.join([str(hooks), str(ROOT)]),
        "PALAIS_LOG_LEVEL": "DEBUG",
        "GUNICORN_CMD_ARGS": "--log-level debug",
        "SECRET_KEY": SECRET_KEY,
    }
    port = free_port()
    gateway = DemoGateway(port=port, token=TOKEN, speed=6, seed=7, quiet=True)
    heard: list[str] = []
    with gateway, Cockpit(tmp_path, gateway.url, TOKEN, **talkative) as cockpit:
        with cockpit.stream() as stream:
            if cockpit.gateway()["state"] != "connected":
                stream.wait_gateway("connected", timeout=60)
            gateway.run_now("builder", "completed")
            busy = stream.wait_status("builder", "busy")
            stream.wait_status("builder", "idle", timeout=60, after=busy)
            admin, stranger = Visitor(cockpit.port).log_in(), Visitor(cockpit.port)
            routes = places(tmp_path, cockpit)
            visit(cockpit, routes, admin, stranger)
            for token in (TOKEN, f"{TOKEN}x"):
                heard.append(cockpit.command("gateway", "check", OPENCLAW_GATEWAY_TOKEN=token))

            gateway.stop()
            lost = stream.wait_gateway("offline", "connecting", timeout=60)
            with DemoGateway(port=port, token=f"{TOKEN}-other", quiet=True):
                stream.wait_gateway("refused", timeout=60, after=lost)
                visit(cockpit, routes, admin, stranger)
            admin.log_out()
            heard += [repr(event.data) for event in stream.events]
        heard += [*admin.heard, *stranger.heard]
        cookie = admin.cookie.partition("=")[2]
    log = (cockpit.folder / "cockpit.out").read_text(errors="replace")

    hidden = {"token": TOKEN, "password": PASSWORD, "secret key": SECRET_KEY, "API key": KEY}
    told = [found for one in heard for found in found_in(one, hidden)]
    assert told == []
    assert found_in(log, {**hidden, "cookie": cookie}) == []
    # The hunt itself works: all of it was there to be seen.
    speakers = ("DEBUG:sqlalchemy.engine", "DEBUG   gunicorn.error", "palais.gateway")
    assert [speaker for speaker in speakers if speaker not in log] == []
    assert "Imhotep" in "".join(heard)
    assert found_in(f"x{base64.b64encode(f'a:{TOKEN}'.encode()).decode()}x", hidden) == ["token"]
