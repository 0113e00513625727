"""The pages are for everyone: axe-core finds nothing, whatever the width and the state."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine

from palais.store.link import LinkFacts, LinkState, record
from palais.web import errors
from tests.browser.axe import violations, violations_at
from tests.browser.conftest import ALONE, House, Opener, Watch
from tests.browser.test_court import say, status
from tests.browser.test_feed import ROWS, ended, push
from tests.browser.test_live import at_rest, live
from tests.browser.test_lost import STREAM

pytestmark = pytest.mark.browser

PAGES = ["/agents", "/agents?q=personne", "/agents/builder", "/activity", "/costs", "/nowhere"]


def served(page: Page, path: str, body: str, code: int = 200) -> None:
    """Open a page as it was made for another court than the one that is served.

    Its stream is on its way for ever: one that ends is told of, in a banner that comes later.
    """
    page.route(STREAM, lambda _route: None)

    def answer(route: Route) -> None:
        route.fulfill(status=code, body=body, content_type="text/html; charset=utf-8")

    page.route(f"**{path}", answer)
    page.goto(path)


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_on_any_page(
    open_page: Opener, path: str, locale: str, watch: Watch
) -> None:
    watch.expected.append("404")
    page = open_page(path, locale=locale, reduced_motion="reduce")
    if path != "/nowhere":
        live(page)
    assert violations_at(page) == []


def test_axe_finds_nothing_on_a_session(house: House, open_page: Opener) -> None:
    if not house.cockpit.sessions("builder"):
        house.run_through("builder")
    session = house.cockpit.sessions("builder")[0]["id"]
    page = live(open_page(f"/agents/builder/traces/{session}", reduced_motion="reduce"))
    assert violations_at(page) == []


def test_axe_finds_nothing_where_a_line_has_a_short_word_or_none(open_page: Opener) -> None:
    page = at_rest(live(open_page(reduced_motion="reduce")))
    push(page, ended(1, "cfo", summary=""), ended(2, "cfo", summary="Bref"))
    for about, is_link in (("Bref", True), ("", False)):
        link = page.locator(ROWS).nth(0 if about else 1).locator("[data-fact=entity]")
        expect(link).to_have_text(about)
        assert (link.get_attribute("href") is not None) == is_link
    assert violations_at(page) == []


def test_axe_finds_nothing_when_agents_stand_in_every_way(open_page: Opener) -> None:
    page = live(open_page(reduced_motion="reduce"))
    say(page, status("tutor", "error"), status("cfo", "busy", "waiting"))
    say(page, status("artist", "busy", "tool:exec"), status("messenger", "offline"))
    page.locator('[data-filter="busy"]').click()
    expect(page.locator(".card:visible")).to_have_count(1)
    assert violations_at(page) == []
    page.locator('[data-filter="busy"]').click()
    expect(page.locator(".card:visible")).to_have_count(10)
    assert violations_at(page) == []


def test_axe_finds_nothing_in_the_sheet_of_keys(open_page: Opener) -> None:
    page = live(open_page(reduced_motion="reduce"))
    page.keyboard.press("?")
    expect(page.locator(".keys")).to_be_visible()
    assert violations_at(page) == []


def test_axe_finds_nothing_on_an_empty_court(client: FlaskClient, open_page: Opener) -> None:
    page = open_page("about:blank", before=ALONE)
    served(page, "/agents", client.get("/agents").text)
    expect(page.locator("[data-court-empty]")).to_be_visible()
    assert violations_at(page) == []


@pytest.mark.parametrize("state", [LinkState.REFUSED, LinkState.OFFLINE])
def test_axe_finds_nothing_where_the_gateway_is_out_of_sight(
    client: FlaskClient, engine: Engine, open_page: Opener, state: LinkState
) -> None:
    with engine.connect() as conn:
        record(conn, LinkFacts(state, reason="device identity required"))
    page = open_page("about:blank", before=ALONE, reduced_motion="reduce")
    served(page, "/agents", client.get("/agents").text)
    expect(page.locator('[data-notice="gateway"] code')).to_have_text("flask gateway check")
    assert violations_at(page) == []


@pytest.mark.parametrize("code", [400, 404, 500, 503])
def test_axe_finds_nothing_on_a_page_that_could_not_be(
    app: Flask, open_page: Opener, code: int, watch: Watch
) -> None:
    watch.expected += [str(code), "Failed to load"]
    with app.test_request_context("/agents"):
        body = errors.answer(code, "said").get_data(as_text=True)
    page = open_page("about:blank")
    page.route("**/api/health", lambda _route: None)  # else it comes back amid the look at it
    served(page, "/broken", body, code)
    expect(page.locator(".error__title")).to_be_visible()
    assert violations_at(page) == []


def test_the_page_that_waits_for_palais_comes_back_without_scripts(app: Flask) -> None:
    with app.test_request_context("/agents"):
        waiting, broken = (errors.answer(code, "").get_data(as_text=True) for code in (503, 500))
    assert '<meta http-equiv="refresh"' in waiting
    assert '<meta http-equiv="refresh"' not in broken


def test_axe_finds_nothing_where_the_stream_is_lost(open_page: Opener) -> None:
    page = open_page("about:blank", before=ALONE, reduced_motion="reduce")
    page.route(STREAM, lambda route: route.fulfill(status=204))
    page.goto("/agents")
    expect(page.locator('[data-notice="stream"]')).to_be_visible()
    assert violations_at(page) == []


def test_axe_finds_nothing_with_more_contrast(open_page: Opener) -> None:
    page = live(open_page(reduced_motion="reduce", contrast="more"))
    assert violations(page) == []


def test_colours_of_somebody_s_own_replace_the_palace_s(open_page: Opener) -> None:
    page = live(open_page(reduced_motion="reduce", forced_colors="active"))
    colour = "(node) => getComputedStyle(node).color"
    for name in (".card__persona", ".link__what", ".now__task", ".wordmark"):
        assert page.locator(name).first.evaluate(colour) == "rgb(0, 0, 0)", name
    assert page.evaluate("getComputedStyle(document.body).backgroundImage") == "none"
    # Chromium does not force -webkit-text-fill-color, which axe-core takes for the text's colour.
    assert [one for one in violations(page) if not one.startswith("color-contrast")] == []


@pytest.mark.parametrize("path", ["/agents", "/agents/builder", "/activity"])
def test_at_200_percent_on_a_small_screen_nothing_is_cut_off(open_page: Opener, path: str) -> None:
    page = live(open_page(path, 320))  # 640 px at 200 %: WCAG 2.2, 1.4.10
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    cut = page.evaluate(
        """() => {
          const scrolls = (node) => node && (
            ["auto", "scroll"].includes(getComputedStyle(node).overflowX) ||
            scrolls(node.parentElement));
          return [...document.querySelectorAll("main *, .topbar *")].filter((node) =>
            node.getClientRects().length && !node.closest(".unseen, svg") &&
            node.getBoundingClientRect().right > 321 && !scrolls(node.parentElement)
          ).map((node) => node.className);
        }"""
    )
    assert cut == []


def test_on_a_phone_nothing_hides_under_the_bottom_bar(open_page: Opener) -> None:
    page = live(open_page(width=390))
    last, bar = page.evaluate(  # in one go: older lines may come as soon as the end is in view
        """() => {
             scrollTo(0, document.documentElement.scrollHeight);
             const box = (name) => document.querySelector(name).getBoundingClientRect();
             return [box("main > :last-child").bottom, box(".rail").top];
           }"""
    )
    assert last <= bar


def test_what_the_finger_aims_at_is_large_enough(open_page: Opener) -> None:
    page = live(open_page(width=390))
    for name in (".rail__link", ".counter", "[data-filter-text]"):
        for box in (one.bounding_box() for one in page.locator(name).all()):
            assert box
            assert min(box["width"], box["height"]) >= 24, name  # WCAG 2.2, 2.5.8


def test_a_printed_page_has_the_cards_and_not_the_controls(open_page: Opener) -> None:
    page = live(open_page())
    page.emulate_media(media="print")
    expect(page.locator(".card").first).to_be_visible()
    for hidden in (".rail", ".filter", ".skip"):
        expect(page.locator(hidden)).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
