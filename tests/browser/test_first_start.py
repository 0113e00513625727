"""The first minute: one command, nothing configured, and one is at court."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.rig.process import Guarded, free_port, wait_until

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
MINUTE = 60.0
LINK = re.compile(r"Log in, once, within ten minutes: (http://127\.0\.0\.1:\d+/login\?token=\S+)")
WORD = re.compile(r"Password, shown this once: (\S+)")


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[list[Guarded]]:
    """Give the servers that the test starts; they are stopped at the end."""
    started: list[Guarded] = []
    yield started
    for server in started:
        server.stop()


def start(folder: Path, name: str, port: int) -> Guarded:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PALAIS_DATA_DIR": str(folder / "instance"),
        "PALAIS_BIND": f"127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "flask", "serve"]
    return Guarded(command, env=environment, cwd=ROOT, log=folder / name)


def told(server: Guarded, what: re.Pattern[str]) -> str:
    def found() -> "re.Match[str] | None":
        assert server.running, server.tail()
        return what.search(server.log.read_text())

    match = wait_until(found, timeout=MINUTE, what=what.pattern)
    assert match
    return match[1]


def test_whoever_starts_palais_is_logged_in_within_the_first_minute(
    browser: Browser, serve: list[Guarded], tmp_path: Path
) -> None:
    port = free_port()
    serve.append(start(tmp_path, "first.out", port))
    link = told(serve[0], LINK)
    word = told(serve[0], WORD)

    page = browser.new_context(locale="fr-FR").new_page()
    page.goto(link)
    expect(page.get_by_role("button", name="Entrer")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(10)
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_label("Mot de passe").fill(word)
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(10)

    serve[0].stop()
    serve.append(start(tmp_path, "second.out", port))
    assert told(serve[1], LINK) != link
    assert "Password" not in serve[1].log.read_text()
    page.reload()
    expect(page.locator(".card")).to_have_count(10)
    page.context.close()
