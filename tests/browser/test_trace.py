"""The page of a session: its steps as a tree, for the eye, the keyboard, and 10,000 of them."""

import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, create_engine

from palais.store import embedded
from tests.browser.axe import violations
from tests.browser.conftest import House, Opener
from tests.browser.test_live import live
from tests.store.rows import NOW
from tests.web import traced
from tests.web.traced import session, step, steps

pytestmark = pytest.mark.browser

S1 = "/agents/builder/traces/s1"
BIG = "/agents/builder/traces/big"
ORDER = ["m1", "t1", "t2", "d1", "s2/m1", "s2/t1", "a1"]


@pytest.fixture(scope="module")
def records(house: House) -> Iterator[Engine]:
    """Give the cockpit's own database, with sessions that have steps."""
    with embedded.join(house.cockpit.folder / "instance") as postgres:
        engine = create_engine(postgres.url)
        traced.delegated(engine)
        traced.many(engine, "big", 1000, 9)
        yield engine
        traced.end_all(engine)
        engine.dispose()


@pytest.fixture
def tell(records: Engine) -> Callable[..., None]:
    """Give what tells viewers of a step, as the listener does."""
    return partial(traced.tell, records)


def ready(page: Page) -> Page:
    expect(page.locator("[data-steps][data-ready]")).to_be_visible()
    return live(page)


def rows(page: Page) -> Locator:
    return page.locator("[data-step-rows] > .step")


def ids(page: Page) -> list[str]:
    found: list[str] = rows(page).evaluate_all("(all) => all.map((one) => one.dataset.span)")
    return found


def row(page: Page, span_id: str) -> Locator:
    return page.locator(f'.step[data-span="{span_id}"]')


WRITTEN = """(all) => all.map((row) => [
  row.dataset.span, row.dataset.type, row.dataset.state, row.dataset.depth,
  ...["level", "posinset", "setsize", "expanded"].map((one) => row.getAttribute(`aria-${one}`)),
  row.textContent.replace(/\\s+/g, " ").trim(),
  ...[...row.querySelectorAll("rect")].flatMap((one) =>
    [one.getAttribute("x"), one.getAttribute("width")]),
])"""


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
def test_the_script_s_rows_are_those_of_the_server(open_page: Opener, locale: str) -> None:
    served = open_page(S1, java_script_enabled=False, locale=locale)
    expect(served.locator(".tools")).to_be_hidden()
    first = rows(served).evaluate_all(WRITTEN)
    page = ready(open_page(S1, locale=locale))

    assert [one[0] for one in first] == ORDER
    assert rows(page).evaluate_all(WRITTEN) == first


@pytest.mark.usefixtures("records")
def test_the_tree_is_walked_by_keyboard_and_the_address_goes_along(open_page: Opener) -> None:
    page = ready(open_page(S1))
    rows(page).first.click()
    expect(page.locator("[data-panel]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-panel]")).to_be_hidden()
    expect(row(page, "m1")).to_be_focused()
    for key, there in (
        *(("ArrowDown", "t1"), ("End", "a1"), ("Home", "m1"), ("ArrowRight", "t1")),
        *(("e", "t2"), ("ArrowLeft", "m1")),
    ):
        page.keyboard.press(key)
        expect(row(page, there)).to_be_focused()
        expect(page).to_have_url(re.compile(f"#span={there}$"))
    page.keyboard.press("ArrowLeft")
    assert ids(page) == ["m1", "a1"]
    expect(row(page, "m1")).to_have_attribute("aria-expanded", "false")
    expect(row(page, "m1")).to_contain_text("5\u00a0étapes en dessous")
    page.keyboard.press("ArrowRight")
    assert ids(page) == ORDER
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_be_focused()
    expect(page.locator('[data-show="allCost"]')).to_contain_text("1\u00a0appel sans prix connu")


@pytest.mark.usefixtures("records")
def test_a_permalink_opens_what_is_above_and_shows_the_step_in_full(open_page: Opener) -> None:
    page = ready(open_page(f"{S1}#span=s2%2Ft1"))
    expect(row(page, "s2/t1")).to_be_focused()
    expect(page.locator('[data-show="agent"]')).to_have_text("Thot")
    page.goto(f"{S1}#span=t1")
    expect(page.locator('[data-said="input"] pre')).to_have_text('{\n  "path": "/tmp"\n}')
    expect(page.locator('[data-said="input"] .json-key')).to_have_text('"path"')
    page.get_by_role("button", name="Tel quel").first.click()
    expect(page.locator('[data-said="input"] pre')).to_have_text('{"path": "/tmp"}')
    page.goto(f"{S1}#span=d1")
    page.get_by_role("link", name="Ouvrir sa session").click()
    page.wait_for_url("**/traces/s2")
    page.get_by_role("link", name="Délégué par Imhotep").click()
    page.wait_for_url("**/traces/s1*")
    ready(page)
    expect(row(page, "d1")).to_be_focused()


@pytest.mark.usefixtures("records")
def test_a_step_is_looked_at_closer_and_all_of_it_again(open_page: Opener) -> None:
    page = ready(open_page(f"{S1}#span=s2%2Fm1"))
    bar = row(page, "s2/m1").locator(".bar__own")
    before = bar.evaluate(BAR)
    page.keyboard.press("z")
    assert bar.evaluate(BAR) == ["0%", "100%"]
    assert row(page, "m1").locator(".bar__own").evaluate(BAR) == ["0", "0"]
    page.get_by_role("button", name="Regarder cette étape de plus près").click()
    assert bar.evaluate(BAR) == before


BAR = '(rect) => [rect.getAttribute("x"), rect.getAttribute("width")]'


@pytest.mark.usefixtures("records")
def test_search_marks_and_goes_round_and_filters_keep_what_is_above(open_page: Opener) -> None:
    page = ready(open_page(S1))
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("EXÉC")
    expect(page.locator("[data-found]")).to_have_text("1 sur 2\u00a0trouvées")
    expect(page.locator(".step mark")).to_have_count(2)
    assert ids(page) == ORDER
    for there in ("t2", "t1"):
        page.keyboard.press("Enter")
        expect(row(page, there)).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="Résultats seuls").click()
    assert ids(page) == ["m1", "t1", "t2"]
    page.locator("[data-search]").focus()
    page.keyboard.press("Escape")
    assert ids(page) == ORDER
    page.get_by_role("button", name="Échecs seuls").click()
    assert ids(page) == ["m1", "t2"]
    page.get_by_role("button", name="Décision").click()
    expect(page.get_by_text("Aucune étape ne correspond")).to_be_visible()
    page.get_by_role("button", name="Montrer toutes les étapes").click()
    assert ids(page) == ORDER


def test_a_running_session_grows(
    records: Engine, open_page: Opener, tell: Callable[..., None]
) -> None:
    session(records, "grows", status="running", ended_at=None)
    page = ready(open_page("/agents/builder/traces/grows"))
    expect(page.get_by_text("Pas encore d’étape")).to_be_visible()
    expect(page.locator("[data-ghost]")).to_be_visible()
    tell("span.started", "grows", id="c1", type="llm_call", name="pharaon-2", status="running",
         started_at=NOW)  # fmt: skip
    expect(row(page, "c1")).to_contain_text("en cours")
    expect(page.locator("[data-ghost]")).to_be_hidden()
    tell("span.completed", "grows", id="c1", type="llm_call", name="pharaon-2", status="ok",
         started_at=NOW, ended_at=NOW + 1500, tokens_in=1200, cost=0.25)  # fmt: skip
    expect(row(page, "c1")).not_to_contain_text("en cours")
    expect(row(page, "c1").locator('[data-fact="time"]')).to_have_text("1,5\u00a0s")
    expect(row(page, "c1").locator('[data-fact="cost"]')).to_have_text("0,2500\u00a0$")
    expect(page.locator("[data-ghost]")).to_be_visible()
    tell("span.started", "grows", id="t1", parent_id="c1", status="running", started_at=NOW)
    expect(row(page, "t1")).to_have_attribute("aria-level", "2")
    tell("span.started", "grows", id="c1", type="llm_call", name="pharaon-2", status="running")
    tell("span.completed", "grows", id="t1", parent_id="c1", status="error", error="No stone")
    expect(row(page, "t1")).to_have_attribute("data-state", "error")
    expect(row(page, "c1")).to_have_attribute("data-state", "ok")
    expect(page.locator('[data-sum] [data-fact="failed"]')).to_have_text("1\u00a0échec")
    session(records, "below", "writer", status="running", ended_at=None)
    tell("span.started", "grows", id="d1", type="delegation", status="running",
         child_session_id="below", child_agent_id="writer")  # fmt: skip
    tell("span.started", "below", id="t1", status="running")
    expect(row(page, "below/t1")).to_have_attribute("aria-level", "2")
    steps(records, "below", step("t2"))
    page.evaluate(RENEW)
    expect(row(page, "below/t2")).to_be_visible()


RENEW = """async () => {
  const base = document.querySelector("script[type=module]").src;
  (await import(new URL("heard.js", base))).tellRenewed();
}"""


MOST = 120
"""Rows in the page at a time, of 10,000: a window's height, and some beyond each edge."""


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("width", [390, 1440])
def test_ten_thousand_steps_are_usable(open_page: Opener, width: int) -> None:
    page = ready(open_page(BIG, width))
    html = page.request.get(BIG).text()
    assert html.count('role="row"') < 210
    assert 'data-span="m0000t0"' in html
    expect(page.locator('[data-sum] [data-fact="steps"]')).to_have_text("10\u202f000\u00a0étapes")
    assert rows(page).count() < MOST
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(row(page, "m0999t8")).to_be_in_viewport()
    assert rows(page).count() < MOST
    page.keyboard.press("/")
    page.keyboard.type("stone 500.3")
    expect(row(page, "m0500t3")).to_be_in_viewport()
    expect(row(page, "m0500t3").locator("mark")).to_have_text(["stone", "500.3"])
    page.keyboard.press("Escape")
    row(page, "m0500t3").click()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(row(page, "m0599t0")).to_be_focused()
    expect(row(page, "m0599t0")).to_be_in_viewport()
    page.keyboard.press("Home")
    expect(row(page, "m0000")).to_be_focused()
    page.get_by_role("button", name="Tout fermer").click()
    expect(row(page, "m0001")).to_have_attribute("aria-rowindex", "3")
    assert rows(page).count() < MOST


HOSTILE = '<img src=x onerror="window.ran = 1">'


def test_what_agents_say_stays_text(records: Engine, open_page: Opener) -> None:
    session(records, "hostile")
    told = f'{{"a": "{HOSTILE.replace(chr(34), chr(39))}", "n": 12345678901234567890, "b": []}}'
    bad = {"name": HOSTILE, "title": HOSTILE, "error": HOSTILE, "model": HOSTILE}
    steps(
        records,
        "hostile",
        step('x"]<b>/ü', **bad, input=told, output="[" * 9000, status="error", output_clipped=True),
        step("loop", "loop", title="\u202eeval\u0300"),
    )
    page = ready(open_page("/agents/builder/traces/hostile"))
    rows(page).last.click()
    pre = page.locator('[data-said="input"] pre')
    expect(pre).to_contain_text("12345678901234567890")
    expect(pre).to_contain_text("<img src=x")
    expect(page.locator('[data-said="output"] [data-clipped]')).to_be_visible()
    assert page.locator("main img, [data-panel] b").count() == 0
    assert page.evaluate("window.ran") is None
    expect(page.locator('[data-show="error"]')).to_have_text(HOSTILE)


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_in_a_tree_with_a_panel(open_page: Opener, width: int) -> None:
    page = ready(open_page(f"{S1}#span=d1", width, reduced_motion="reduce"))
    expect(page.locator("[data-panel]")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(media="print")
    expect(page.locator("[data-panel]")).to_be_hidden()
    expect(row(page, "a1")).to_be_visible()


@pytest.mark.parametrize(
    ("session_id", "conversation", "said"),
    [
        ("told-none", None, "aucune étape."),
        ("saw-none", "agent:builder:main", "ce qui n’a pas été observé"),
    ],
)
def test_a_session_without_steps_says_why(
    records: Engine, open_page: Opener, session_id: str, conversation: str | None, said: str
) -> None:
    session(records, session_id, conversation=conversation)
    page = ready(open_page(f"/agents/builder/traces/{session_id}"))
    expect(page.locator("[data-no-step]")).to_contain_text(said)
    expect(page.locator(".tools")).to_be_hidden()
