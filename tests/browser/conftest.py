"""A real Chromium before a real cockpit, which listens to the demo gateway."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from palais.demo.gateway import DemoGateway
from tests.browser.install import OFF, chromium
from tests.browser.line import Line
from tests.e2e.cockpit import PASSWORD, Cockpit

expect.set_options(timeout=20_000)  # a machine under load is slow, not wrong

TOKEN = "jeton-de-la-cour"
VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
ALONE = "delete window.SharedWorker;"
"""Leaves a page to its own stream, whose requests a test can see and answer."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give a headless Chromium, or skip; where it is required, fail."""
    with sync_playwright() as playwright:
        path = chromium(playwright)
        if path is None:
            said = "no Chromium here: `make test-full` installs it (or name one in PALAIS_CHROMIUM)"
            if os.environ.get("PALAIS_REQUIRE_BROWSER") == "1":
                pytest.fail(said)
            pytest.skip(said)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", OFF])
        yield browser
        browser.close()


@dataclass
class House:
    """A cockpit, the gateway that it listens to, and the cookies of somebody it has let in."""

    gateway: DemoGateway
    cockpit: Cockpit
    cookies: list[Any] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.cockpit.port}"

    def run_through(self, agent_id: str, task: str | None = None) -> None:
        """Let an agent do a run from its start to its end, as the cockpit sees it."""
        self.rest()
        with self.cockpit.stream() as stream:
            self.gateway.run_now(agent_id, "completed", task)
            busy = stream.wait_status(agent_id, "busy")
            stream.wait_status(agent_id, "idle", timeout=60, after=busy)
        self.rest()

    def wait_connected(self) -> None:
        """Wait until the cockpit listens to the gateway."""
        with self.cockpit.stream() as stream:
            if self.cockpit.gateway()["state"] != "connected":
                stream.wait_gateway("connected", timeout=40)

    def rest(self) -> None:
        """Wait until nobody works any more, so that nothing comes but what a test brings."""
        self.cockpit.rest(self.gateway)

    @contextmanager
    def slowly(self) -> Iterator[None]:
        """Let nobody go through a run before a busy page has shown it, and that was seen."""
        pace, self.gateway.speed = self.gateway.speed, 1
        try:
            yield
        finally:
            self.gateway.speed = pace


@contextmanager
def started(folder: Path) -> Iterator[House]:
    """Start a quiet court, ten agents in view; a run takes a second or a few."""
    gateway = DemoGateway(token=TOKEN, speed=6, seed=7, quiet=True)
    with gateway, Cockpit(folder, gateway.url, TOKEN) as cockpit:
        house = House(gateway, cockpit)
        house.wait_connected()
        yield house
        gateway.drop_connections()


@pytest.fixture(scope="session")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give the court that all tests share."""
    assert browser.is_connected()
    with started(tmp_path_factory.mktemp("house")) as house:
        yield house


@dataclass
class Watch:
    """What went wrong on a page; a test that expects some of it says so."""

    wrong: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.wrong.append(f"{message.type}: {message.text}")

    def faults(self) -> list[str]:
        return [one for one in self.wrong if not any(part in one for part in self.expected)]


def log_in(context: BrowserContext, house: House) -> None:
    """Let a browser in, as its form would: all of its tabs have the cookie of a new session."""
    answer = context.request.post(
        f"{house.url}/login", form={"password": PASSWORD}, max_redirects=0
    )
    assert answer.status == 303, answer.text()


def let_in(context: BrowserContext, house: House) -> None:
    """Let a browser in by the session that the others have, too: a password is slow to verify."""
    if house.cookies:
        context.add_cookies(house.cookies)
    else:
        log_in(context, house)
        house.cookies = context.cookies()


Opener = Callable[..., Page]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def line(house: House) -> Iterator[Line]:
    """Give a line to the cockpit that can be cut; its `url` is the cockpit's other address."""
    with Line(house.cockpit.port) as line:
        yield line


@pytest.fixture
def open_page(browser: Browser, house: House, line: Line, watch: Watch) -> Iterator[Opener]:
    """Open pages of the cockpit, at rest at first; in the end, none of them may have complained.

    They are closed before the line is, which is why it is named here. Each page has a browser to
    itself, as it were; more tabs come by `page.context.new_page()`. What `before` says runs before
    the page's own scripts. Whoever is `known` shares a session with others, unless it is their
    `own`, to be ended.
    """
    contexts: list[BrowserContext] = []
    house.rest()

    def opened(
        path: str = "/agents",
        width: int = 1280,
        before: str = "",
        *,
        known: bool = True,
        own: bool = False,
        **options: object,
    ) -> Page:
        settings = {"locale": "fr-FR", "timezone_id": "Africa/Kinshasa", "base_url": house.url}
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            **settings | options,  # type: ignore[arg-type]
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        if known:
            (log_in if own else let_in)(context, house)
        context.add_init_script(VIOLATIONS + before)
        context.on("console", watch.console)
        context.on("weberror", lambda error: watch.wrong.append(f"exception: {error.error}"))
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        for page in context.pages:
            watch.wrong += page.evaluate("window.violations ?? []")
        context.close()
    assert watch.faults() == []
