"""What tabs share they lose and regain alike; where nothing can be shared, each goes alone."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import ALONE, House, Opener, Watch
from tests.browser.line import STREAM, Line
from tests.browser.test_live import card, live, same
from tests.browser.test_tabs import NOTE, begin, reads, saw_a_run, tab, wait_streams

pytestmark = pytest.mark.browser


def test_all_tabs_are_right_again_after_the_line_was_cut(
    house: House, open_page: Opener, line: Line, watch: Watch
) -> None:
    watch.expected.append("net::ERR")
    first = live(open_page(base_url=line.url))
    tabs = [first, *(tab(first) for _ in range(2))]
    line.cut()
    for page in tabs:
        expect(page.locator('[data-stream="lost"]')).to_be_visible()
        expect(page.locator('[data-notice="stream"]')).to_be_visible()
        expect(page.locator(".notice:visible")).to_have_count(1)
    house.run_through("marketer", "Vendre sans témoin")
    line.mend()
    for page in tabs:
        expect(page.locator('[data-stream="live"]')).to_be_visible(timeout=40_000)
        expect(page.locator('[data-notice="stream"]')).to_be_hidden()
        reads(page, "Vendre sans témoin")
        expect(card(page, "marketer")).to_have_attribute("data-status", "idle")
    assert all(same(page) for page in tabs)
    wait_streams(line, 1)


def test_a_tab_opened_while_the_stream_is_lost_says_so_and_comes_back_with_the_others(
    house: House, open_page: Opener, line: Line
) -> None:
    first = live(open_page(base_url=line.url))
    line.cut(STREAM)
    expect(first.locator('[data-notice="stream"]')).to_be_visible()
    second = first.context.new_page()
    second.goto("/agents")
    expect(second.locator('[data-notice="stream"]')).to_be_visible()
    line.mend()
    for page in (first, second):
        expect(page.locator('[data-stream="live"]')).to_be_visible(timeout=40_000)
        expect(page.locator('[data-notice="stream"]')).to_be_hidden()
    house.run_through("messenger", "Porter deux plis")
    for page in (first, second):
        reads(page, "Porter deux plis")


def test_tabs_that_were_too_slow_go_on_where_they_were(
    house: House, open_page: Opener, line: Line
) -> None:
    first = live(open_page("/activity", base_url=line.url))
    second = tab(first, "/activity")
    line.hold()
    house.run_through("maintainer", "Réparer en silence")
    assert first.get_by_text("Réparer en silence").count() == 0
    line.lag()
    for page in (first, second):
        reads(page, "Réparer en silence")
        expect(page.locator('[data-stream="live"]')).to_be_visible(timeout=40_000)
        assert same(page)
    wait_streams(line, 1)


def test_a_tab_that_comes_back_from_the_browsers_memory_is_right(
    house: House, open_page: Opener, line: Line
) -> None:
    page = live(open_page("/activity", base_url=line.url))
    away = "(name) => dispatchEvent(new PageTransitionEvent(name, { persisted: true }))"
    page.evaluate(away, "pagehide")
    wait_streams(line, 0)
    house.run_through("writer", "Écrire en son absence")
    assert page.get_by_text("Écrire en son absence").count() == 0
    page.evaluate(away, "pageshow")
    reads(page, "Écrire en son absence")
    expect(page.locator('[data-stream="live"]')).to_be_visible()
    wait_streams(line, 1)
    assert same(page)


WORKERS = {
    "missing": ALONE,
    "forbidden": "window.SharedWorker = class { constructor() { throw new Error('no') } };",
    "not found": """window.SharedWorker = class extends SharedWorker {
        constructor(_, options) { super("/static/js/nowhere.js", options); } };""",
}


@pytest.mark.parametrize("worker", WORKERS)
def test_without_a_worker_a_page_has_a_stream_of_its_own(
    house: House, open_page: Opener, line: Line, worker: str
) -> None:
    first = open_page(before=NOTE + WORKERS[worker], base_url=line.url)
    second = first.context.new_page()
    second.goto("/agents")
    for page in (first, second):
        expect(page.locator('[data-stream="live"]')).to_be_visible(timeout=40_000)
    begin(house, "concierge", first, second)
    for page in (first, second):
        saw_a_run(page, "concierge")
    assert line.open_streams() == 2


def test_a_worker_that_never_answers_is_left(house: House, open_page: Opener, line: Line) -> None:
    silent = """window.SharedWorker = class extends SharedWorker {
        constructor(_, options) { super("/static/js/cursor.js", options); } };"""
    page = open_page("about:blank", before=silent, base_url=line.url)
    page.clock.install()
    page.goto("/activity")
    expect(page.locator('[data-stream="connecting"]')).to_be_visible()
    page.clock.fast_forward(15_000)
    live(page)
    house.run_through("concierge", "Frapper à une autre porte")
    reads(page, "Frapper à une autre porte")


def test_tabs_whose_worker_died_share_another_one(
    browser: Browser, house: House, open_page: Opener, line: Line
) -> None:
    first = open_page("about:blank", base_url=line.url)
    first.clock.install()  # of all tabs
    first.goto("/activity")
    second = tab(live(first), "/activity")
    assert line.streams == 1
    kill_workers(browser)
    wait_streams(line, 0)
    house.run_through("concierge", "Ouvrir sans valet")
    first.clock.fast_forward(90_000)
    for page in (first, second):
        reads(page, "Ouvrir sans valet")
        expect(page.locator('[data-stream="live"]')).to_be_visible()
        assert same(page)
    assert line.streams == 2


def kill_workers(browser: Browser) -> None:
    """End every SharedWorker, as the system may where memory is short."""
    devtools = browser.new_browser_cdp_session()
    only = {"filter": [{"type": "shared_worker"}]}
    for target in devtools.send("Target.getTargets", only)["targetInfos"]:
        devtools.send("Target.closeTarget", {"targetId": target["targetId"]})
    devtools.detach()
