"""The page itself: complete, quiet, in its bounds, for everyone."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import ALONE, House, Opener, Watch
from tests.browser.test_live import card, live
from tests.browser.test_lost import EVENTS, STREAM

pytestmark = pytest.mark.browser

PAGES = ("/agents", "/agents/builder", "/activity", "/costs")


@pytest.fixture
def session_page(house: House) -> str:
    """Say where the page of a session is."""
    if not house.cockpit.sessions("builder"):
        house.run_through("builder")
    return f"/agents/builder/traces/{house.cockpit.sessions('builder')[0]['id']}"


def feed_with(page: Page, events: list[dict[str, Any]]) -> None:
    """Put these events on the page's stream, once, and open the page anew.

    The stream that it has is waited for: it would get them, if it were asked for only now.
    """
    live(page)
    cursor = json.loads(page.locator("#palais-data").text_content() or "{}")["cursor"]
    epoch, _, head = cursor.rpartition(".")
    parts = [f'event: connected\ndata: {{"ts":{_now()},"epoch":"{epoch}","head":{head}}}\n\n']
    for number, event in enumerate(events, int(head) + 1_000):
        body = json.dumps({"ts": _now(), **event})
        parts.append(f"id: {epoch}.{number}\nevent: agent\ndata: {body}\n\n")
    bodies = iter(["retry: 600000\n\n" + "".join(parts)])

    def answer(route: Route) -> None:
        route.fulfill(status=200, headers=EVENTS, body=next(bodies, ""))

    page.route(STREAM, answer)
    page.reload()


def _now() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


@pytest.mark.parametrize("width", [390, 1024, 1600])
def test_no_page_scrolls_sideways(
    open_page: Opener, session_page: str, width: int, watch: Watch
) -> None:
    watch.expected.append("404")
    page = open_page("/agents", width)
    for path in (*PAGES, session_page, "/agents/nobody"):
        page.goto(path)
        if path != "/agents/nobody":
            live(page)
        surplus = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert surplus <= 0, path


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_everything_from_its_own_host(
    house: House, open_page: Opener, path: str
) -> None:
    page = open_page("about:blank")
    asked: list[str] = []
    failed: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.goto(path)
    live(page)
    page.wait_for_function("document.fonts.check('16px Inter') && document.fonts.size > 0")
    assert all(url.startswith((house.url, "data:")) for url in asked)
    assert failed == []
    assert (
        page.locator("[style], style, script:not([src]):not([type='application/json'])").count()
        == 0
    )


def test_an_empty_feed_says_so_and_what_comes_next(client: FlaskClient, open_page: Opener) -> None:
    empty = client.get("/agents").text
    page = open_page(before=ALONE)
    page.route(STREAM, lambda route: route.fulfill(status=200, headers=EVENTS, body=""))
    page.route("**/agents", lambda route: route.fulfill(status=200, body=empty,
               content_type="text/html; charset=utf-8"))  # fmt: skip
    page.reload()
    expect(page.get_by_text("Aucune activité récente")).to_be_visible()
    expect(page.get_by_text("La cour est vide")).to_be_visible()
    assert page.locator(".card, .feed__row").count() == 0


def test_an_unknown_agent_gets_a_page_that_leads_back(open_page: Opener, watch: Watch) -> None:
    watch.expected.append("404")
    page = open_page("/agents/nobody")
    expect(page.locator("h1")).to_have_text("Introuvable")
    assert page.locator(".banner").count() == 0
    page.get_by_role("link", name="Revenir à la cour").click()
    expect(page.locator("h1")).to_have_text("La cour")


def test_every_page_says_demo_while_the_gateway_is_simulated(open_page: Opener) -> None:
    page = open_page()
    for path in PAGES:
        page.goto(path)
        expect(page.locator(".demo")).to_contain_text("DEMO")
        assert "DEMO" in page.title()


def test_everything_can_be_reached_by_keyboard(open_page: Opener) -> None:
    page = live(open_page())
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Aller au contenu")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("[data-filter-text]")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Mobutoo")
    ring = card(page, "concierge").evaluate("(node) => getComputedStyle(node).outlineStyle")
    assert ring == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Mobutoo")


def test_with_reduced_motion_nothing_moves(house: House, open_page: Opener) -> None:
    page = live(open_page(reduced_motion="reduce"))
    with house.slowly():
        house.gateway.run_now("concierge")
        expect(card(page, "concierge")).to_have_attribute("data-status", "busy")
        assert page.evaluate("document.getAnimations().length") == 0
    expect(card(page, "concierge")).to_have_attribute("data-status", "idle", timeout=60_000)


def test_a_status_change_is_announced_politely(house: House, open_page: Opener) -> None:
    page = live(open_page())
    with house.slowly():
        house.gateway.run_now("writer")
        expect(page.locator("[data-announce]")).to_contain_text("Thot\u00a0: au travail")
    expect(card(page, "writer")).to_have_attribute("data-status", "idle", timeout=60_000)


def test_thousands_of_events_at_once_end_in_the_last_of_them(open_page: Opener) -> None:
    page = open_page(before=ALONE)
    status = {"type": "agent.status", "agentId": "cfo", "activity": "thinking", "activeSessions": 1}
    start = {"type": "session.started", "agentId": "cfo", "sessionId": "s", "status": "running"}
    events = [
        {**status, "status": "busy", "task": f"Compter {number}"}
        if number % 2
        else {**start, "task": f"Compter {number}"}
        for number in range(4_000)
    ]
    feed_with(page, events)
    expect(card(page, "cfo")).to_contain_text("Compter 3999")
    expect(page.locator(".feed__row").first).to_contain_text("Compter 3999")
    assert page.locator(".feed__row").count() <= 200


def test_a_newcomer_takes_a_place_and_a_foreign_portrait_is_not_loaded(
    open_page: Opener,
) -> None:
    page = open_page(before=ALONE)
    agent = {"id": "né w/1", "name": "Nommo", "persona": "Jumeau", "status": "idle"}
    more = {"avatarUrl": "https://evil.example/a.png", "statusObserved": True, "model": None}
    page.route(
        "**/api/v1/agents/*", lambda route: route.fulfill(status=200, json={**agent, **more})
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    feed_with(page, [{"type": "agent.registered", "agentId": agent["id"], **agent, **more}])
    newcomer = page.locator(".card", has_text="Nommo")
    expect(newcomer).to_contain_text("En veille")
    expect(newcomer.locator(".avatar__initials")).to_have_text("NO")
    expect(newcomer.locator("a")).to_have_attribute("href", "/agents/n%C3%A9%20w%2F1")
    assert not any("evil.example" in url for url in asked)
    expect(page.locator(".card")).to_have_count(11)


def test_a_gap_in_what_was_observed_is_shown_with_its_times(open_page: Opener) -> None:
    page = open_page(before=ALONE)
    gap = {
        "type": "gap",
        "startedAt": "2026-11-22T22:00:00.000Z",
        "endedAt": "2026-11-22T22:05:00.000Z",
    }
    feed_with(page, [{**gap, "reason": "gateway"}])
    row = page.locator('.feed__row[data-tone="gap"]').first  # until it came, perhaps another one
    expect(row.locator("[data-fact=gap] time").first).to_have_attribute(
        "datetime", gap["startedAt"]
    )
    expect(row).to_contain_text("non observé")
    expect(row).to_contain_text("passerelle hors de vue")
