"""The page is light, stands still while it loads, and is asked for once."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import House, Opener, started
from tests.browser.test_live import live

pytestmark = pytest.mark.browser

BUDGET = 150_000
LINES = 5
SHIFT = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shift += one.value;
}).observe({ type: "layout-shift", buffered: true });
"""
QUIET = """
delete window.SharedWorker;
window.EventSource = class extends EventTarget {
  readyState = 1;
  constructor() {
    super();
    const data = JSON.stringify({ ts: Date.now(), epoch: "none", head: 0 });
    setTimeout(() => this.dispatchEvent(new MessageEvent("connected", { data })), 100);
  }
  close() {}
};
"""


@pytest.fixture(scope="module")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give a court of its own, in which something has happened: that is weighed, too."""
    assert browser.is_connected()
    with started(tmp_path_factory.mktemp("fast")) as house:
        for agent_id in ("builder", "writer", "artist", "cfo", "tutor", "explorer"):
            house.run_through(agent_id)
        yield house


def loaded(page: Page, path: str) -> list[dict[str, Any]]:
    """Open a page, and say what came over the wire for it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    came: list[dict[str, Any]] = []
    devtools.on("Network.loadingFinished", lambda one: came.extend([one]))
    page.goto(path)
    page.wait_for_function("document.fonts.status === 'loaded'")
    return came


@pytest.mark.parametrize("width", [390, 1024, 1600])
@pytest.mark.parametrize("path", ["/agents", "/agents/builder", "/activity"])
def test_a_first_view_stays_below_150_kilobytes(open_page: Opener, path: str, width: int) -> None:
    page = open_page("about:blank", width)
    came = loaded(page, path)
    live(page)
    assert page.locator(".feed__row").count() >= LINES
    assert len(came) > 10
    assert sum(one["encodedDataLength"] for one in came) < BUDGET


@pytest.mark.parametrize("width", [390, 1024, 1600])
@pytest.mark.parametrize("path", ["/agents", "/agents/builder", "/activity"])
def test_nothing_moves_while_a_page_loads(open_page: Opener, path: str, width: int) -> None:
    page = open_page("about:blank", width, before=QUIET + SHIFT)
    page.goto(path)
    live(page)
    page.wait_for_function("document.fonts.status === 'loaded'")
    page.wait_for_timeout(300)
    assert page.evaluate("window.shift") < 0.01
