"""However many tabs a browser has, they share one stream, and each is as right as if alone."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import House, Opener
from tests.browser.line import Line
from tests.browser.test_live import RUN, live, same
from tests.rig.process import wait_until

pytestmark = pytest.mark.browser

NOTE = """
window.seen = {};
new MutationObserver((changes) => {
  for (const { target } of changes) {
    const id = target.dataset.agentId;
    if (id) (window.seen[id] ??= []).push(target.dataset.status);
  }
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-status"] });
"""
ROWS = """[...document.querySelectorAll(".feed__row")].slice(0, 30).map((row) => {
             row.style.contentVisibility = "visible"; // one that is not drawn has no innerText
             return [row.dataset.type, row.innerText, row.querySelector("time").dateTime].join("|");
           })"""


def tab(page: Page, path: str = "/agents") -> Page:
    """Open another tab of the same browser."""
    other = page.context.new_page()
    other.goto(path)
    return live(other)


def begin(house: House, agent_id: str, *pages: Page) -> None:
    """Let an agent begin a run, and wait until these pages showed it at work."""
    with house.slowly():
        house.gateway.run_now(agent_id)
        for page in pages:
            page.wait_for_function(
                "(id) => window.seen[id]?.includes('busy')", arg=agent_id, timeout=RUN
            )


def saw_a_run(page: Page, agent_id: str) -> None:
    """Wait until the page showed the agent at work, and then at rest."""
    page.wait_for_function(
        "(id) => window.seen[id]?.includes('busy') && window.seen[id].at(-1) === 'idle'",
        arg=agent_id,
        timeout=RUN,
    )


def reads(page: Page, task: str) -> None:
    """Wait until the feed tells of this run's start, and see that it does so once."""
    started = page.locator('.feed__row[data-type="session.started"]', has_text=task)
    expect(started).to_have_count(1, timeout=30_000)


def tell_alike(*pages: Page) -> None:
    """Wait until all feeds are the same, row by row, and the end of a run is their newest."""
    for page in pages:
        expect(page.locator(".feed__row").first).to_contain_text("a terminé", timeout=30_000)
    wait_until(
        lambda: all(page.evaluate(ROWS) == pages[0].evaluate(ROWS) for page in pages),
        timeout=30,
        what="feeds that are alike",
    )


def wait_streams(line: Line, number: int) -> None:
    wait_until(lambda: line.open_streams() == number, timeout=60, what=f"{number} open streams")


def test_eight_tabs_share_one_stream_and_all_of_them_live(
    house: House, open_page: Opener, line: Line
) -> None:
    first = live(open_page(before=NOTE, base_url=line.url))
    tabs = [first, *(tab(first) for _ in range(7))]
    begin(house, "builder", *tabs)
    for page in tabs:
        saw_a_run(page, "builder")
    assert line.streams == line.open_streams() == 1
    assert all(same(page) for page in tabs)

    first.close()
    begin(house, "writer", *tabs[1:])
    for page in tabs[1:]:
        saw_a_run(page, "writer")
    assert line.streams == line.open_streams() == 1

    for page in tabs[1:]:
        page.close()
    wait_streams(line, 0)


def test_a_page_asks_for_the_stream_only_through_its_worker(open_page: Opener, line: Line) -> None:
    page = open_page("about:blank", base_url=line.url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/agents")
    live(page)
    assert line.streams == 1
    assert not any("/api/sse" in url for url in asked)
    for path in ("/agents", "/static/js/worker.js"):
        policy = page.request.get(path).headers["content-security-policy"]
        assert "worker-src 'self'" in policy
        assert "unsafe" not in policy


def test_a_tab_opened_later_tells_the_same_as_the_first(
    house: House, open_page: Opener, line: Line
) -> None:
    first = live(open_page("/activity", base_url=line.url))
    house.run_through("cfo", "Compter la première caisse")
    second = tab(first, "/activity")
    house.run_through("cfo", "Compter la seconde caisse")
    for page in (first, second):
        reads(page, "Compter la première caisse")
        reads(page, "Compter la seconde caisse")
    tell_alike(first, second)
    assert line.streams == 1


def test_a_tab_whose_page_is_behind_the_stream_gets_what_it_lacks_once(
    house: House, open_page: Opener, line: Line
) -> None:
    first = live(open_page("/activity", base_url=line.url))
    old = first.request.get("/activity").text()
    house.run_through("tutor", "Réciter ce qui manque")
    reads(first, "Réciter ce qui manque")

    second = first.context.new_page()
    fetched: list[str] = []
    second.route("**/activity", lambda route: fulfil(route, old, fetched))
    second.goto("/activity")
    reads(second, "Réciter ce qui manque")
    live(second)
    house.run_through("tutor", "Réciter la suite")
    for page in (first, second):
        reads(page, "Réciter la suite")
        reads(page, "Réciter ce qui manque")
    tell_alike(first, second)
    assert len(fetched) == line.streams == 1


def fulfil(route: Route, page: str, fetched: list[str]) -> None:
    """Answer with this page, and note it."""
    fetched.append(route.request.url)
    route.fulfill(status=200, content_type="text/html; charset=utf-8", body=page)


def test_a_tab_whose_page_is_ahead_of_the_stream_gets_nothing_twice(
    house: House, open_page: Opener, line: Line
) -> None:
    first = live(open_page("/activity", base_url=line.url))
    line.hold()
    house.run_through("explorer", "Cartographier en avance")
    second = tab(first, "/activity")
    reads(second, "Cartographier en avance")
    assert first.get_by_text("Cartographier en avance").count() == 0
    line.release()
    house.run_through("explorer", "Cartographier la suite")
    for page in (first, second):
        reads(page, "Cartographier la suite")
        reads(page, "Cartographier en avance")
    tell_alike(first, second)
    assert line.streams == 1


@pytest.mark.parametrize("which", ["only", "later"])
def test_a_tab_of_another_log_fetches_its_facts_anew(
    house: House, open_page: Opener, line: Line, which: str
) -> None:
    first = live(open_page("/activity", base_url=line.url))
    cursor = first.evaluate("JSON.parse(document.querySelector('#palais-data').textContent).cursor")
    answers = [first.request.get("/activity").text().replace(cursor, "autre.7")]
    house.run_through("artist", f"Peindre une autre cour ({which})")
    second = first.context.new_page()
    if which == "only":
        first.close()
        wait_streams(line, 0)

    def answer(route: Route) -> None:
        if answers:
            fulfil(route, answers.pop(), [])
        else:
            route.continue_()

    second.route("**/activity", answer)
    second.goto("/activity")
    live(second)
    reads(second, f"Peindre une autre cour ({which})")
    house.run_through("artist", f"Peindre la suite ({which})")
    reads(second, f"Peindre la suite ({which})")
    assert same(second)
    assert line.open_streams() == 1
