"""Two languages, each whole: what is there at once, what comes live, and the way between them."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from palais.cli.extraction import HOLE, messages
from palais.web.catalogue import CATALOGUES
from tests.browser.conftest import ALONE, House, Opener, Watch
from tests.browser.test_live import RUN, card, live, same
from tests.browser.test_lost import EVENTS, STREAM

pytestmark = pytest.mark.browser

PATHS = ("/agents", "/agents/builder", "/activity", "/agents/nobody")
TONGUES = {"fr": "fr-FR", "en": "en-GB"}


READ = """
() => {
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  const said = [document.title];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.closest("script, code, [lang]:not(html)")) said.push(node.data);
  }
  const names = ["title", "alt", "placeholder", "aria-label", "aria-description", "data-label"];
  for (const name of names) {
    for (const node of document.querySelectorAll(`[${name}]`)) said.push(node.getAttribute(name));
  }
  return said.map((text) => text.trim()).filter(Boolean);
}
"""


def phrases(code: str) -> dict[str, re.Pattern[str]]:
    """Give what only this language says: whole phrases, whatever they are filled with."""
    texts: dict[str, set[str]] = {"fr": set(), "en": set()}
    for one in messages((CATALOGUES / "fr.po").read_text(encoding="utf-8")):
        texts["fr"] |= {one.string} if isinstance(one.string, str) else set(one.string or ())
        texts["en"] |= {one.id} if isinstance(one.id, str) else set(one.id)
    other = "en" if code == "fr" else "fr"
    return {
        text: re.compile(".*".join(re.escape(part) for part in HOLE.split(text)), re.DOTALL)
        for text in texts[code] - texts[other]
        # A short word between two holes, as in "{spent} of {amount}", is in any sentence.
        if re.search(r"[^\W\d_]{4}" if HOLE.search(text) else r"[^\W\d_]{2}", HOLE.sub("", text))
    }


def foreign(page: Page, code: str) -> set[tuple[str, str]]:
    """Give what the page says in the other language than this, and the phrase that it is."""
    said = set(page.evaluate(READ))
    assert len(said) > 5
    others = phrases("en" if code == "fr" else "fr")
    return {(text, key) for text in said for key, one in others.items() if one.fullmatch(text)}


@pytest.mark.parametrize(("code", "tag"), TONGUES.items())
def test_a_browser_is_spoken_to_in_one_language_only(
    house: House, open_page: Opener, watch: Watch, code: str, tag: str
) -> None:
    watch.expected.append("404")
    house.run_through("builder")
    page = open_page("/agents", locale=tag)
    sessions = house.cockpit.sessions("builder")
    for path in (*PATHS, f"/agents/builder/traces/{sessions[0]['id']}"):
        page.goto(path)
        if path != "/agents/nobody":
            live(page)
        assert page.locator("html").get_attribute("lang") == code
        assert foreign(page, code) == set(), path
    assert foreign(page, "en" if code == "fr" else "fr") != set()


@pytest.mark.parametrize(
    ("code", "busy", "idle", "told"),
    [
        ("fr", "Au travail", "En veille", "Thot\u00a0: au travail"),
        ("en", "Working", "Idle", "Thot: working"),
    ],
)
def test_what_comes_live_is_in_the_language_of_the_page(
    house: House, open_page: Opener, code: str, busy: str, idle: str, told: str
) -> None:
    page = live(open_page(locale=TONGUES[code]))
    word = card(page, "writer").locator('[data-fact="word"]')
    with house.slowly():
        house.gateway.run_now("writer", "completed")
        expect(word).to_have_text(busy)
        expect(page.locator("[data-announce]")).to_contain_text(told)
    expect(word).to_have_text(idle, timeout=RUN)
    done = {"fr": "Thot a terminé", "en": "Thot has finished"}[code]
    expect(page.locator(".feed__row", has_text=done).first).to_be_visible()
    assert foreign(page, code) == set()
    assert same(page)


def test_the_switch_works_by_keyboard_and_keeps_the_place(open_page: Opener) -> None:
    page = live(open_page("/agents?status=busy", width=390))
    page.evaluate("scrollTo({ top: 600, behavior: 'instant' })")
    page.wait_for_function("scrollY > 300")
    page.evaluate("history.replaceState(null, '', '/agents?status=idle')")
    page.get_by_role("button", name="English").evaluate("it => it.focus({ preventScroll: true })")
    before = page.evaluate("scrollY")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    live(page)
    assert page.url.endswith("/agents?status=idle")
    assert abs(page.evaluate("scrollY") - before) < 100  # one language is longer than the other
    expect(page.locator(":focus")).to_have_attribute("lang", "en")
    expect(page.locator(":focus")).to_have_attribute("aria-current", "true")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "fr")


def test_the_switch_works_without_scripts(open_page: Opener) -> None:
    page = open_page("/activity?agents=builder", java_script_enabled=False)
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/activity?agents=builder")


def stream(
    page: Page,
    *events: tuple[str, dict[str, Any]],
    meanwhile: Callable[[], object] = lambda: None,
) -> None:
    """Open the page anew, do something meanwhile, and let its stream say this."""
    live(page)  # so that no request of the page as it is takes what the next one is to get
    body = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)
    hello = 'retry: 600000\n\nevent: connected\ndata: {"ts":1,"epoch":"x","head":1}\n\n'
    bodies = iter([hello + body])

    def answer(route: Route) -> None:
        body = next(bodies, "")
        if body:
            meanwhile()
        route.fulfill(status=200, headers=EVENTS, body=body)

    page.route(STREAM, answer)
    page.reload()


def test_a_refusal_that_comes_live_is_said_with_what_to_run(open_page: Opener) -> None:
    page = open_page(before=ALONE, locale="en-GB")
    command = "openclaw devices approve c41a704b"
    raw = f"The gateway refused the connection: no. Run: {command}"
    refused = {"state": "refused", "since": None, "reason": raw, "command": command}
    stream(page, ("gateway", {**refused, "code": "NOT_PAIRED"}))
    notice = page.locator('[data-notice="gateway"]')
    expect(notice).to_contain_text("Palais’s device awaits approval. On the gateway’s host, run:")
    expect(notice.locator("code")).to_have_text(command)
    expect(notice).not_to_contain_text(raw)


def test_a_reason_of_no_known_kind_is_told_as_it_came_and_as_english(open_page: Opener) -> None:
    page = open_page(before=ALONE)
    told = {"state": "refused", "since": None, "reason": "Wrong <b>planet</b>.", "command": None}
    stream(page, ("gateway", {**told, "code": "OF_ANOTHER_AGE"}))
    reason = page.locator('[data-notice="gateway"] [data-fact="reason"]')
    expect(reason).to_have_text("Wrong <b>planet</b>.")
    expect(reason).to_have_attribute("lang", "en")


def test_a_page_whose_reader_chose_another_language_meanwhile_is_not_left_in_two(
    house: House, open_page: Opener
) -> None:
    page = open_page(before=ALONE)
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    cookie = {"name": "palais_locale", "value": "en", "url": house.url}
    stream(page, ("reset", {}), meanwhile=lambda: page.context.add_cookies([cookie]))  # type: ignore[list-item]
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(card(page, "builder")).to_contain_text("Idle")
    assert foreign(page, "en") == set()
