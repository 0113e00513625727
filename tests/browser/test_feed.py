"""The feed: it waits for whoever reads it, filters and groups live as in history, and goes back."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ALONE, House, Opener
from tests.browser.test_live import RUN, live
from tests.browser.test_page import feed_with
from tests.web.groupings import TABLE

pytestmark = pytest.mark.browser

WIDTHS = (390, 1024, 1600)
ROWS = ".feed__row"


def ended(number: int, agent: str = "cfo", **more: Any) -> dict[str, Any]:
    told = {"status": "completed", "summary": f"Compte {number}", "sessionId": f"s{number}"}
    return {"type": "session.completed", "agentId": agent, **told, **more}


def call(agent: str = "builder", tool: str = "exec", title: str = "ls") -> dict[str, Any]:
    span = {"id": "x", "type": "tool_call", "name": tool, "title": title}
    return {"type": "span.started", "agentId": agent, "sessionId": "s", "span": span}


def gap() -> dict[str, Any]:
    times = {"startedAt": "2026-11-22T02:14:00.000Z", "endedAt": "2026-11-22T02:31:00.000Z"}
    return {"type": "gap", "reason": "restart", **times}


def work(house: House) -> None:
    house.run_through("tutor")


def push(page: Page, *events: dict[str, Any]) -> None:
    """Let the page hear these as if they came on its stream."""
    page.evaluate(
        """async (events) => {
             const main = document.querySelector('script[type=module][src*="main.js"]').src;
             const feed = await import(main.replace("main.js", "feed.js"));
             window.pushed ??= 9_000_000;
             for (const event of events) {
               feed.applyToFeed({ ts: Date.now(), ...event }, `k.${(window.pushed += 1)}`);
             }
           }""",
        list(events),
    )


def without_history(page: Page) -> Page:
    """Let no older lines come by themselves, as they do where a feed has few."""
    page.route("**/activity?before=*", lambda route: route.fulfill(status=200, body=""))
    return page


def test_the_script_groups_as_the_server_does(open_page: Opener) -> None:
    page = live(open_page("/activity"))
    given = {name: events for name, (events, _) in TABLE.items()}

    said = page.evaluate(
        """async (given) => {
             const main = document.querySelector('script[type=module][src*="main.js"]').src;
             const { grouped } = await import(main.replace("main.js", "groups.js"));
             return Object.fromEntries(Object.entries(given).map(([name, events]) =>
               [name, grouped(events.map(([id, data]) => ({ id, data }))).map(({ ids }) => ids)]));
           }""",
        given,
    )

    assert said == {name: lines for name, (_, lines) in TABLE.items()}


def test_live_calls_join_the_row_that_they_repeat(open_page: Opener) -> None:
    page = live(open_page("/activity"))
    push(page, call(title="first"))
    row = page.locator(ROWS, has_text="first")
    expect(row).to_be_visible()

    push(page, call("writer", title="between"), call(title="second"), call(title="third"))

    joined = page.locator(ROWS, has_text="third")
    expect(joined).to_contain_text("×\u00a03")
    expect(row).to_have_count(0)
    expect(page.locator(ROWS).first).to_contain_text("third")
    push(page, gap(), call(title="after"))
    expect(page.locator(ROWS, has_text="after").locator("[data-fact=times]")).to_be_hidden()
    expect(joined).to_contain_text("×\u00a03")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_gap_is_a_seam_with_its_times_and_its_reason(open_page: Opener, width: int) -> None:
    page = live(open_page("/activity", width))
    push(page, gap())
    seam = page.locator('.feed__row[data-type="gap"]').first
    expect(seam).to_contain_text("non observé 03:14:00–03:31:00 17\u00a0min 00\u00a0s")
    expect(seam).to_contain_text("redémarrage de la passerelle")
    ground = seam.evaluate("(node) => getComputedStyle(node).backgroundImage")
    assert ground.count("kuba.svg") == 2


def test_what_was_inferred_is_marked_live(open_page: Opener) -> None:
    page = live(open_page("/activity"))
    push(page, ended(1, inferred=True, status="lost"), ended(2))
    expect(page.locator(ROWS).nth(1).locator("[data-fact=inferred]")).to_be_visible()
    expect(page.locator(ROWS).nth(0).locator("[data-fact=inferred]")).to_be_hidden()


@pytest.mark.parametrize("path", ["/activity", "/agents"])
def test_the_feed_waits_while_it_is_pointed_at(house: House, open_page: Opener, path: str) -> None:
    work(house)
    page = live(open_page(path, 1600))
    first = page.locator(ROWS).first
    before = first.text_content()
    first.hover()

    push(page, ended(1), ended(2), ended(3))

    expect(page.locator("[data-news]")).to_have_text("3\u00a0nouveaux")
    assert first.text_content() == before
    page.mouse.move(5, 5)
    expect(page.locator("[data-news]")).to_be_hidden()
    expect(first).to_contain_text("Compte 3")


def test_the_feed_waits_for_the_keyboard_and_keeps_its_place(
    house: House, open_page: Opener
) -> None:
    work(house)
    page = live(open_page("/activity"))
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    focused = page.locator(f"{ROWS}:focus")
    expect(focused).to_have_count(1)
    assert focused.evaluate("(row) => row === document.querySelectorAll('.feed__row')[1]")
    assert focused.evaluate("(row) => getComputedStyle(row).outlineStyle") == "solid"
    text = focused.text_content()

    push(page, ended(1))

    news = page.locator("[data-news]")
    expect(news).to_have_text("1\u00a0nouveau")
    expect(page.locator("[data-announce]")).to_contain_text("en pause")
    assert focused.text_content() == text
    news.focus()
    page.keyboard.press("Enter")
    expect(news).to_be_hidden()
    expect(page.locator(ROWS).first).to_be_focused()
    expect(page.locator(ROWS).first).to_contain_text("Compte 1")


def test_enter_opens_the_session_else_the_agent(house: House, open_page: Opener) -> None:
    work(house)
    page = live(open_page("/activity?types=sessions&agents=tutor"))
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/agents/tutor/traces/"))
    page.goto("/activity?types=status&agents=tutor")
    live(page)
    page.keyboard.press("k")  # the last line: how he came to the court, in no session
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Piccolo")


def test_filters_hold_in_the_address_in_history_and_live(house: House, open_page: Opener) -> None:
    work(house)
    page = live(open_page("/activity"))
    tools = page.locator('.feed__row[data-type="span.started"]')
    older = page.locator("[data-older]")
    expect(tools.first).to_be_visible()
    page.get_by_label("Sessions", exact=True).check()
    expect(older).to_have_attribute("href", re.compile("types=sessions"))  # as fetched anew
    expect(tools).to_have_count(0)
    expect(page).to_have_url(f"{house.url}/activity?types=sessions")
    page.locator("[data-pop] summary").click()
    page.get_by_label("Piccolo").check()
    page.wait_for_url("**/activity?types=sessions&agents=tutor")
    expect(page.locator("[data-fact=chosen]")).to_have_text("1")
    expect(older).to_have_attribute("href", re.compile("agents=tutor"))
    expect(page.locator('.feed__row:not([data-agent="tutor"])')).to_have_count(0)

    page.keyboard.press("Escape")
    page.locator("h1").click()
    push(page, call("tutor"), ended(1, "cfo"), ended(2, "tutor"), gap())

    expect(page.locator(ROWS).first).to_contain_text("Compte 2")
    assert page.locator(ROWS, has_text="Compte 1").count() == 0
    assert page.locator('.feed__row[data-type^="span"], .feed__row[data-type="gap"]').count() == 0
    page.reload()
    expect(page.get_by_label("Sessions")).to_be_checked()
    page.locator("[data-clear]").click()
    expect(page).to_have_url(f"{house.url}/activity")
    expect(tools.first).to_be_visible()


def test_without_scripts_the_filter_is_a_form(house: House, open_page: Opener) -> None:
    work(house)
    page = open_page("/activity", java_script_enabled=False)
    page.get_by_label("Sessions", exact=True).check()
    page.get_by_role("button", name="Filtrer").click()
    page.wait_for_url("**types=sessions*")
    kinds = page.locator(ROWS).evaluate_all("(all) => all.map((one) => one.dataset.type)")
    assert set(kinds) <= {"session.started", "session.completed"}


def history(page: Page, pages: int, size: int = 50) -> None:
    """Let the page, which found no older lines, find so many pages, ids counting down to 1."""

    def answer(route: Any) -> None:
        before = int(route.request.url.split("before=")[1].split("&")[0])
        ids = range(before - 1, max(before - 1 - size, 0), -1)
        row = (
            '<li class="feed__row" tabindex="-1" data-id="{0}" data-agent="cfo" data-key="" '
            'data-type="session.completed" data-tone="good"><time data-hour '
            'datetime="2026-11-20T10:00:00.000Z"></time><p class="feed__what">Ligne {0}</p></li>'
        )
        last = max(before - size, 1)
        end = " hidden" if last == 1 else ""
        body = (
            f'<ol data-block="feed">{"".join(row.format(one) for one in ids)}</ol>'
            f'<p data-block="feed-older"><a data-older href="/activity?before={last}"{end}></a></p>'
        )
        route.fulfill(status=200, content_type="text/html; charset=utf-8", body=body)

    link = page.locator("[data-older]")
    link.evaluate("(link) => { link.parentElement.hidden = true; }")
    expect(link).not_to_have_attribute("aria-busy", "true")
    page.route("**/activity?before=*", answer)
    link.evaluate(  # it comes into view, since two frames went without it
        """async (link, first) => {
             for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
             link.href = `/activity?before=${first}`;
             link.hidden = link.parentElement.hidden = false;
           }""",
        pages * size + 1,
    )


def test_history_goes_on_by_itself_to_its_beginning(open_page: Opener) -> None:
    page = without_history(open_page("about:blank"))
    page.goto("/activity")
    shown = live(page).locator(ROWS).count()
    history(page, pages=20)
    to_the_end = "() => { scrollTo(0, 1e6); return document.querySelector('[data-older]').hidden; }"
    page.wait_for_function(to_the_end, timeout=RUN)
    expect(page.locator(ROWS)).to_have_count(shown + 1000)
    assert (page.locator(ROWS).last.text_content() or "").endswith("Ligne 1")
    expect(page.locator(".feed__day")).not_to_have_count(0)
    cheap = page.locator(ROWS).last.evaluate("(row) => getComputedStyle(row).contentVisibility")
    assert cheap == "auto"


def test_more_than_the_feed_holds_moves_where_history_goes_on(open_page: Opener) -> None:
    page = without_history(live(open_page("/activity")))
    push(page, *(ended(number) for number in range(1, 501)))
    expect(page.locator(ROWS).first).to_contain_text("Compte 500")
    shown = page.locator(ROWS).count()
    assert 10 < shown <= 200
    last = page.locator(ROWS).last.get_attribute("data-id")
    href = page.locator("[data-older]").get_attribute("href") or ""
    assert href.endswith(f"before={last}")
    assert json.loads(last or "0") == 9_000_500 - shown + 1


def test_a_crowd_of_events_leaves_the_page_time_to_answer(open_page: Opener) -> None:
    page = open_page("/activity", before=ALONE)
    feed_with(page, [call("builder" if n % 3 else "writer", "exec", f"{n}") for n in range(4000)])
    expect(page.locator(ROWS).first).to_contain_text("3999")
    assert page.locator(ROWS).count() <= 200


def test_what_a_run_leaves_in_the_feed_reads_live_as_after_a_reload(
    house: House, open_page: Opener
) -> None:
    page = live(open_page("/agents/artist", 1600))
    house.gateway.run_now("artist", "completed", "Tisser le bandeau")
    expect(page.locator(ROWS, has_text="Tisser le bandeau").first).to_be_attached()
    expect(page.locator(ROWS).first).to_contain_text("Basquiat a terminé", timeout=RUN)

    def read() -> Any:
        # Not ``innerText``, which has nothing of rows that are not drawn yet.
        return page.locator(ROWS).evaluate_all(
            """(all) => all.slice(0, 12).map((row) => [row.dataset.id, row.dataset.key,
                 ...[...row.querySelectorAll("*")].filter((part) => part.checkVisibility())
                   .flatMap((part) => [...part.childNodes])
                   .filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())
                   .map((node) => node.data.trim())])"""
        )

    made_live = read()
    page.reload()
    live(page)
    assert read() == made_live
