"""Hostile agents before a real browser: shown as text, run nothing, move nothing, lead nowhere."""

import json
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from websockets.sync.server import ServerConnection

from tests.browser.conftest import VIOLATIONS
from tests.browser.test_live import card, live
from tests.e2e.cockpit import PASSWORD, Cockpit
from tests.hostile import HOSTILE, NAMED_LIKE_PROPERTIES, PICTURES, agent, end, life
from tests.rig.process import wait_until
from tests.runtime.peer import serving

pytestmark = pytest.mark.browser

WIDTHS = (390, 1440)
HEBREW = "שלום"
BLANKS = "a__session__"
WIDE = "document.documentElement.scrollWidth - innerWidth"
INNER = """
[...document.querySelectorAll("body *")].filter((node) => {
  const box = node.getBoundingClientRect();
  const widest = Math.max(box.right, box.left + node.scrollWidth);
  return widest > innerWidth + 1 && getComputedStyle(node).overflowX === "visible";
}).map((node) => `${node.tagName}.${node.className}`).slice(-3)
"""
AFTER = """
(row) => {
  const [who, action] = ["who", "action"].map((name) => row.querySelector(`[data-fact="${name}"]`));
  action.textContent = "12";
  return action.getBoundingClientRect().left - who.getBoundingClientRect().right;
}
"""


class Gateway:
    """A bridge of the flat dialect that says what it is told to."""

    def __init__(self) -> None:
        self._frames: SimpleQueue[str | None] = SimpleQueue()
        self.url = ""

    def say(self, *frames: dict[str, Any]) -> None:
        for frame in frames:
            self._frames.put(json.dumps(frame))

    def attend(self, peer: ServerConnection) -> None:
        while (text := self._frames.get()) is not None:
            peer.send(text)

    def leave(self) -> None:
        self._frames.put(None)


class Court:
    """A cockpit among hostile agents."""

    def __init__(self, gateway: Gateway, cockpit: Cockpit) -> None:
        self.gateway = gateway
        self.cockpit = cockpit
        self.url = f"http://127.0.0.1:{cockpit.port}"
        self.pages = ["/agents", "/activity"]

    def speak(self, run: str) -> None:
        """Let each agent say its hostile thing, wherever it can, in a run of its own."""
        for number, said in enumerate(HOSTILE):
            one = f"h{number}"
            url = [url for url in PICTURES if "https" not in url][number % 7]
            self.gateway.say(agent(one, said, avatarUrl=url), *life(one, f"{one}-{run}", said))
            if number % 2:
                self.gateway.say(end(one, f"{one}-{run}", said, tokens=10**12, cost=10**6))
        for one in (*NAMED_LIKE_PROPERTIES, BLANKS):
            self.gateway.say(agent(one, f"I am {one}"), *life(one, f"{one[0]}-{run}", "x"))
        last = {"type": "session.started", "agentId": BLANKS, "sessionId": f"end-{run}"}
        self.gateway.say(last)
        wait_until(
            lambda: self.cockpit.session_of(BLANKS, f"end-{run}") if self.known() else None,
            timeout=30,
            what="the last that was said",
        )

    def known(self) -> bool:
        return BLANKS in self.cockpit.agents()


@pytest.fixture(scope="module")
def court(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    assert browser.is_connected()
    gateway = Gateway()
    gateway.say({"type": "agent.registered", "agentId": BLANKS, "name": "x"})
    with serving(gateway.attend) as url:
        with Cockpit(tmp_path_factory.mktemp("hostile"), url, "") as cockpit:
            court = Court(gateway, cockpit)
            court.speak("first")
            yield court
        gateway.leave()


class Wrongs:
    """What a browser met that it should not have."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self._host = urlsplit(url).netloc
        self.met: list[str] = []
        context.on("console", lambda said: self._console(said.type, said.text))
        context.on("weberror", lambda error: self.met.append(f"exception: {error.error}"))
        context.on("dialog", self._dialog)
        context.on("request", lambda request: self._request(request.url))

    def _console(self, kind: str, said: str) -> None:
        if kind in {"error", "warning"}:
            self.met.append(f"{kind}: {said[:200]}")

    def _dialog(self, dialog: Any) -> None:
        self.met.append("a dialog")
        dialog.dismiss()

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != self._host:
            self.met.append(f"a request: {url[:200]}")

    def look(self, page: Page) -> None:
        """Add what the page itself tells of."""
        self.met += [f"{page.url}: {one}" for one in page.evaluate("window.violations")]
        if page.evaluate("window.__pwned") is not None:
            self.met.append(f"{page.url}: a script ran")
        if (excess := page.evaluate(WIDE)) > 0:
            self.met.append(f"{page.url}: {excess} px too wide: {page.evaluate(INNER)}")
        wild = "main script, main base, main iframe, [onerror], [onload], [onfocus]"
        if page.locator(wild).count():
            self.met.append(f"{page.url}: markup became elements")


@pytest.fixture(params=WIDTHS)
def visit(
    browser: Browser, court: Court, request: pytest.FixtureRequest
) -> Iterator[tuple[Page, Wrongs]]:
    context = browser.new_context(
        viewport={"width": request.param, "height": 900}, locale="fr-FR", base_url=court.url
    )
    context.set_default_timeout(15_000)
    entered = context.request.post("/login", form={"password": PASSWORD}, max_redirects=0)
    assert entered.status == 303
    context.add_init_script(VIOLATIONS)
    wrongs = Wrongs(context, court.url)
    yield context.new_page(), wrongs
    context.close()
    assert wrongs.met == [], "\n".join(wrongs.met)


@pytest.mark.parametrize("visit", [max(WIDTHS)], indirect=True)
def test_every_page_shows_it_as_text(court: Court, visit: tuple[Page, Wrongs]) -> None:
    page, wrongs = visit
    ones = [f"/agents/h{number}" for number in range(len(HOSTILE))]
    runs = [f"{one}/traces/{one.removeprefix('/agents/')}-first" for one in ones[-12:]]
    for path in ("/agents", "/activity", *ones, *runs):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        live(page)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wrongs.look(page)


def test_what_comes_live_is_text_too(court: Court, visit: tuple[Page, Wrongs]) -> None:
    page, wrongs = visit
    width = page.viewport_size["width"] if page.viewport_size else 0
    tabs = [page, *(page.context.new_page() for _ in range(2))]
    for tab, path in zip(tabs, ("/agents", "/activity", "/agents/h3"), strict=True):
        tab.goto(path)
        live(tab)
    court.speak(f"live{width}")
    for tab, path in zip(tabs, ("/agents", "/activity", "/agents/h3"), strict=True):
        tab.bring_to_front()
        mark = f'[href*="live{width}"]'
        expect(tab.locator(mark).first).to_be_attached()
        wrongs.look(tab)
        tab.goto(path)
        live(tab)
        wrongs.look(tab)


def test_an_agent_called_like_a_property_is_an_agent(
    court: Court, visit: tuple[Page, Wrongs]
) -> None:
    page, wrongs = visit
    page.goto("/agents")
    live(page)
    width = page.viewport_size["width"] if page.viewport_size else 0
    for one in NAMED_LIKE_PROPERTIES:
        expect(card(page, one).locator('[data-fact="name"]')).to_have_text(f"I am {one}")
    newcomer = {"type": "agent.registered", "agentId": f"isPrototypeOf{width}", "name": "New"}
    court.gateway.say(newcomer)
    expect(card(page, newcomer["agentId"])).to_be_attached()
    cards = page.locator(".card").count()
    counted = page.locator("[data-count]").all_inner_texts()
    assert sum(map(int, counted)) == cards
    wrongs.look(page)


def test_a_link_leads_to_the_run_it_names(court: Court, visit: tuple[Page, Wrongs]) -> None:
    page, wrongs = visit
    page.goto("/activity")
    live(page)
    width = page.viewport_size["width"] if page.viewport_size else 0
    started = {"type": "session.started", "agentId": BLANKS, "sessionId": f"to-{width}"}
    court.gateway.say({**started, "task": f"Lead {width}"})
    link = (
        page.locator(".feed__row", has_text=f"Lead {width}").locator('[data-fact="entity"]').first
    )
    expect(link).to_have_attribute("href", f"/agents/{BLANKS}/traces/to-{width}")
    wrongs.look(page)


def test_a_name_from_right_to_left_turns_nothing_but_itself(
    court: Court, visit: tuple[Page, Wrongs]
) -> None:
    page, wrongs = visit
    page.goto("/activity")
    live(page)
    for number, name in enumerate((HEBREW, f"\u202e{HEBREW}", "\u202eabc")):
        one = f"rtl-{page.viewport_size['width']}-{number}"  # type: ignore[index]
        court.gateway.say({"type": "agent.registered", "agentId": one, "name": name})
        row = page.locator(f'.feed__row[data-agent="{one}"]').first
        expect(row).to_be_attached()
        assert row.evaluate(AFTER) >= 0, name
    wrongs.look(page)
