"""A cockpit with the demo gateway, and a Chromium before it: what is measured and photographed."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from bench.errors import MissingError
from palais.demo.gateway import DemoGateway

ROOT: Final = Path(__file__).resolve().parents[1]
NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0


@dataclass
class Stage:
    """A running cockpit, its gateway, and a browser that may enter."""

    url: str
    data: Path
    gateway: DemoGateway
    browser: Browser
    password: str

    def enter(self, **options: Any) -> BrowserContext:
        """Return a fresh browser profile, logged in."""
        context = self.browser.new_context(base_url=self.url, **options)
        context.request.get("/api/health")
        page = context.new_page()
        page.goto("/agents")
        if page.locator("input[type=password]").count():
            page.locator("input[type=password]").fill(self.password)
            page.keyboard.press("Enter")
            page.locator(".rail").wait_for()
        page.close()
        return context


@contextlib.contextmanager
def stage(*, seed: int, speed: float = 1.0, quiet: bool = True) -> Iterator[Stage]:
    """Start everything, on loopback and in a folder of its own; nothing of it stays."""
    token, password = secrets.token_urlsafe(12), secrets.token_urlsafe(16)
    with (
        tempfile.TemporaryDirectory(prefix="palais-stage-", dir="/tmp") as folder,
        DemoGateway(token=token, speed=speed, seed=seed, quiet=quiet) as gateway,
        _served(Path(folder), gateway.url, token, password) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        try:
            yield Stage(url, Path(folder), gateway, browser, password)
        finally:
            browser.close()
            gateway.drop_connections()


def _chromium() -> str:
    path = os.environ.get("PALAIS_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise MissingError("no Chromium here; name one in PALAIS_CHROMIUM")
    return path


@contextlib.contextmanager
def _served(folder: Path, gateway: str, token: str, password: str) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "FLASK_APP": "palais.cli.app",
        "FLASK_SKIP_DOTENV": "1",
        "OPENCLAW_WS_URL": gateway,
        "OPENCLAW_GATEWAY_TOKEN": token,
        "PALAIS_DATA_DIR": str(folder),
        "PALAIS_BIND": f"127.0.0.1:{port}",
        "PALAIS_ADMIN_PASSWORD": password,
        "PALAIS_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "flask", "serve"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _await(url, process)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(f"{url}/api/health", timeout=5).close()
            return
        time.sleep(0.1)
    raise MissingError("the cockpit did not start")
