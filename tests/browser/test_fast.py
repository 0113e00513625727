"""The page is light, stands still while it loads, and is asked for once."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import ALONE, Opener
from tests.browser.test_live import live
from tests.browser.test_lost import EVENTS, STREAM

pytestmark = pytest.mark.browser

BUDGET = 150 * 1024
SHIFT = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shift += one.value;
}).observe({ type: "layout-shift", buffered: true });
"""
QUIET = 'event: connected\ndata: {"ts":1,"epoch":"none","head":0}\n\n'


def loaded(page: Page, path: str) -> list[dict[str, Any]]:
    """Open a page, and say what came over the wire for it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    came: list[dict[str, Any]] = []
    devtools.on("Network.loadingFinished", came.append)
    page.goto(path)
    page.wait_for_function("document.fonts.status === 'loaded'")
    return came


@pytest.mark.parametrize("width", [390, 1024, 1600])
@pytest.mark.parametrize("path", ["/agents", "/agents/builder", "/activity"])
def test_a_first_view_stays_below_150_kilobytes(open_page: Opener, path: str, width: int) -> None:
    page = open_page("about:blank", width)
    came = loaded(page, path)
    live(page)
    assert len(came) > 10
    assert sum(one["encodedDataLength"] for one in came) < BUDGET


@pytest.mark.parametrize("width", [390, 1024, 1600])
@pytest.mark.parametrize("path", ["/agents", "/agents/builder", "/activity"])
def test_nothing_moves_while_a_page_loads(open_page: Opener, path: str, width: int) -> None:
    page = open_page("about:blank", width, before=ALONE + SHIFT)

    def answer(route: Route) -> None:
        route.fulfill(status=200, headers=EVENTS, body="retry: 600000\n\n" + QUIET)

    page.route(STREAM, answer)
    page.goto(path)
    page.wait_for_function("document.fonts.status === 'loaded'")
    page.wait_for_timeout(400)
    assert page.evaluate("window.shift") < 0.005
