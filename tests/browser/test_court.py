"""The court's page: who needs somebody comes first, and the reader finds whom they look for."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ALONE, Opener
from tests.browser.test_live import card, live
from tests.browser.test_page import feed_with

pytestmark = pytest.mark.browser

WIDTHS = [390, 1024, 1600]
ORDER = """[...document.querySelectorAll("[data-court] > .card:not([hidden])")]
             .map((one) => one.dataset.agentId)"""
SHOWN = "[data-court] > .card:not([hidden])"
SEED = [
    *("concierge", "builder", "writer", "artist", "tutor"),
    *("explorer", "marketer", "cfo", "maintainer", "messenger"),
]
GLIDES = """() => {
  window.glides = 0;
  const { animate } = Element.prototype;
  Element.prototype.animate = function (...how) {
    const begun = animate.apply(this, how);
    if (this.matches(".card") && begun.effect.getTiming().duration > 0) window.glides += 1;
    return begun;
  };
}"""
"""Counts them as they begin: on a busy machine a whole one may pass between two frames."""
HELD = "(id) => document.activeElement.closest('.card')?.dataset.agentId === id"


def status(agent_id: str, status: str, activity: str | None = None) -> dict[str, object]:
    """Make an event."""
    known = {"type": "agent.status", "agentId": agent_id, "activeSessions": 0, "task": "Bâtir"}
    return {**known, "status": status, "activity": activity}


EVENTS = [
    status("messenger", "offline"),
    status("maintainer", "busy", "thinking"),
    status("cfo", "busy", "waiting"),
    status("tutor", "error"),
]
AFTER = ["tutor", "cfo", "maintainer"]


def visible(page: Page) -> list[str]:
    return page.evaluate(ORDER)


def shows(page: Page, wanted: list[str]) -> None:
    """Wait until the page shows these, in this order, and nobody else."""
    same = f"(wanted) => JSON.stringify({ORDER}) === JSON.stringify(wanted)"
    page.wait_for_function(same, arg=wanted)


def order_becomes(page: Page, first: list[str]) -> None:
    page.wait_for_function(
        f"(first) => JSON.stringify({ORDER}.slice(0, first.length)) === JSON.stringify(first)",
        arg=first,
    )


def say(page: Page, *events: dict[str, object]) -> None:
    """Let the page's modules take these events as if the stream had brought them."""
    page.evaluate(
        """async (events) => {
             const base = document.querySelector("script[type=module]").src;
             const { applyToAgents } = await import(new URL("agents.js", base));
             const { applyToCounters } = await import(new URL("counters.js", base));
             for (const event of events) {
               applyToCounters({ ts: Date.now(), ...event });
               applyToAgents({ ts: Date.now(), ...event });
             }
           }""",
        list(events),
    )


def written(page: Page) -> None:
    """Wait until all is done that was to be written to the page, the order of its cards too."""
    page.evaluate(
        """async () => {
             const base = document.querySelector("script[type=module]").src;
             const { onFrame } = await import(new URL("frame.js", base));
             await new Promise((done) => onFrame(() => done()));
           }"""
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_errors_come_first_then_who_waits_then_who_works_and_the_absent_last(
    open_page: Opener, width: int
) -> None:
    page = open_page(width=width, before=ALONE)
    feed_with(page, EVENTS)
    order_becomes(page, AFTER)
    rest = [one for one in SEED if one not in AFTER and one != "messenger"]
    shows(page, [*AFTER, *rest, "messenger"])
    for name, number in {"error": 1, "waiting": 1, "busy": 1, "idle": 6, "offline": 1}.items():
        expect(page.locator(f'[data-count="{name}"]')).to_have_text(str(number))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_card_is_as_high_at_work_as_at_rest(open_page: Opener, width: int) -> None:
    page = live(open_page(width=width))
    before = card(page, "tutor").bounding_box()
    say(page, {**status("tutor", "busy", "tool:exec"), "task": "Une tâche " * 30})
    expect(card(page, "tutor")).to_have_attribute("data-status", "busy")
    after = card(page, "tutor").bounding_box()
    assert before
    assert after
    assert abs(before["height"] - after["height"]) <= 1


def test_a_card_that_is_pointed_at_does_not_move_until_the_pointer_leaves(
    open_page: Opener,
) -> None:
    page = live(open_page())
    card(page, "tutor").hover()
    say(page, status("tutor", "error"))
    expect(card(page, "tutor")).to_have_attribute("data-status", "error")
    written(page)
    assert visible(page)[0] != "tutor"
    page.mouse.move(2, 2)
    order_becomes(page, ["tutor"])


def test_a_card_that_has_the_focus_does_not_move_and_keeps_it(open_page: Opener) -> None:
    page = live(open_page())
    card(page, "tutor").locator("a").focus()
    say(page, status("tutor", "error"), status("cfo", "busy"))
    expect(card(page, "tutor")).to_have_attribute("data-status", "error")
    written(page)
    assert page.evaluate(HELD, "tutor")
    assert visible(page)[0] != "tutor"
    page.locator("[data-filter-text]").focus()
    order_becomes(page, ["tutor", "cfo"])


def test_cards_glide_to_their_places_but_not_under_reduced_motion(open_page: Opener) -> None:
    for motion, moves in (("no-preference", True), ("reduce", False)):
        page = live(open_page(reduced_motion=motion))
        page.evaluate(GLIDES)
        say(page, status("messenger", "error"))
        order_becomes(page, ["messenger"])
        assert (page.evaluate("window.glides") > 0) is moves


@pytest.mark.parametrize("width", WIDTHS)
def test_a_counter_filters_and_the_address_keeps_it(open_page: Opener, width: int) -> None:
    page = live(open_page(width=width))
    say(page, status("tutor", "error"))
    expect(card(page, "tutor")).to_have_attribute("data-status", "error")
    page.locator('[data-filter="error"]').click()
    expect(page.locator('[data-filter="error"]')).to_have_attribute("aria-current", "true")
    shows(page, ["tutor"])
    expect(page).to_have_url(re.compile(r"/agents\?status=error$"))
    page.go_back()
    expect(page.locator(SHOWN)).to_have_count(10)
    page.go_forward()
    shows(page, ["tutor"])
    page.locator('[data-filter="error"]').click()
    expect(page.locator(SHOWN)).to_have_count(10)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_text_filters_as_it_is_typed_without_accents(open_page: Opener, width: int) -> None:
    page = live(open_page(width=width))
    page.locator("[data-filter-text]").fill("INGENIEUR")
    shows(page, ["builder"])
    expect(page).to_have_url(re.compile(r"/agents\?q=INGENIEUR$"))
    expect(page.locator("[data-announce]")).to_contain_text("1")
    page.locator("[data-filter-text]").press("Escape")
    expect(page.locator(SHOWN)).to_have_count(10)
    expect(page).to_have_url(re.compile("/agents$"))


def test_a_filter_that_nobody_fits_says_so_and_leads_back(open_page: Opener) -> None:
    page = live(open_page("/agents?q=personne"))
    expect(page.locator("[data-court-none]")).to_be_visible()
    assert visible(page) == []
    page.locator("[data-court-none] a").click()
    expect(page.locator("[data-court-none]")).to_be_hidden()
    expect(page.locator(SHOWN)).to_have_count(10)


def test_the_filter_works_without_scripts(open_page: Opener) -> None:
    page = open_page("/agents?status=idle&q=scribe", java_script_enabled=False)
    expect(page.locator(".card:visible")).to_have_count(1)
    expect(page.locator("[data-filter-text]")).to_have_value("scribe")
    page.locator('[data-filter="idle"]').click()
    expect(page).to_have_url(re.compile(r"/agents\?q=scribe$"))
    page.locator("[data-filter-clear]:visible").click()
    expect(page.locator(".card:visible")).to_have_count(10)


def test_who_comes_to_fit_the_filter_appears_and_who_no_longer_does_leaves(
    open_page: Opener,
) -> None:
    page = live(open_page("/agents?status=error"))
    expect(page.locator("[data-court-none]")).to_be_visible()
    say(page, status("cfo", "error"))
    expect(card(page, "cfo")).to_be_visible()
    say(page, status("cfo", "idle"))
    expect(card(page, "cfo")).to_be_hidden()


def test_the_counters_live_on_other_pages_and_lead_to_whom_they_count(open_page: Opener) -> None:
    page = live(open_page("/activity"))
    say(page, status("cfo", "error"))
    expect(page.locator('[data-count="error"]')).to_have_text("1")
    page.locator('[data-filter="idle"]').click()
    page.wait_for_url("**/agents?status=idle")


def test_the_last_tool_stays_while_the_agent_thinks_about_it(open_page: Opener) -> None:
    page = live(open_page())
    say(page, status("cfo", "busy", "tool:hledger"))
    say(page, {"type": "agent.presence", "agentId": "cfo", "activity": "thinking"})
    expect(card(page, "cfo").locator('[data-fact="tool"]')).to_have_text("hledger")
    say(page, status("cfo", "idle"))
    expect(card(page, "cfo").locator('[data-fact="tool"]')).to_be_empty()


MANY = """(number) => {
  const court = document.querySelector("[data-court]");
  const cards = [...court.children];
  cards.slice(number).forEach((card) => card.remove());
  for (let extra = cards.length; extra < number; extra += 1) {
    const card = cards[extra % 10].cloneNode(true);
    card.dataset.agentId = `more-${extra}`;
    court.append(card);
  }
}"""
OUTSIDE = """() => [...document.querySelectorAll(".card")].flatMap((card) => {
  const { left, right, bottom } = card.getBoundingClientRect();
  return [...card.querySelectorAll("p, h2, dd, dt, time, svg")].filter((node) => {
    const box = node.getBoundingClientRect();
    return box.width && (box.right > right + 1 || box.left < left - 1 || box.bottom > bottom + 1);
  }).map((node) => `${card.dataset.agentId}: ${node.className}`);
})"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("number", [1, 10, 60])
def test_a_court_of_any_size_keeps_its_words_within_its_cards(
    open_page: Opener, width: int, number: int
) -> None:
    page = live(open_page(width=width))
    say(page, status("concierge", "error"), status("builder", "busy", "tool:a_tool_of_long_name"))
    expect(card(page, "concierge")).to_have_attribute("data-status", "error")
    page.evaluate(MANY, number)
    expect(page.locator(".card")).to_have_count(number)
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_sixty_agents_stand_closer_together_than_ten(open_page: Opener) -> None:
    page = live(open_page(width=1600))
    heights = []
    for number in (60, 10, 1):
        page.evaluate(MANY, number)
        box = page.locator(".card").first.bounding_box()
        assert box
        heights.append(box["height"])
    assert heights == sorted(heights)
    assert heights[0] < heights[1] * 0.7
