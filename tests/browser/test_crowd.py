"""Many events at once: the page writes them in portions, and its rows serve again."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener
from tests.browser.test_feed import ROWS, call, ended, gap, push, without_history
from tests.browser.test_live import at_rest, live

pytestmark = pytest.mark.browser

MORE_THAN_IS_KEPT = 200


def ids(page: Page) -> list[int]:
    return page.locator(ROWS).evaluate_all("(rows) => rows.map((row) => Number(row.dataset.id))")


def test_what_comes_in_portions_comes_whole_and_in_order(open_page: Opener) -> None:
    page = at_rest(live(open_page("/activity")))
    push(page, *(ended(number) for number in range(70)))

    expect(page.locator(ROWS).first).to_contain_text("Compte 69")
    newest = ids(page)[:70]
    assert newest == sorted(newest, reverse=True)
    assert newest[0] - newest[-1] == 69
    expect(page.locator("[data-news]")).to_be_hidden()


def test_all_that_waited_is_there_after_one_press(open_page: Opener) -> None:
    page = at_rest(live(open_page("/activity")))
    page.locator(ROWS).first.hover()
    push(page, *(ended(number) for number in range(70)))
    news = page.locator("[data-news]")
    expect(news).to_have_text("70\u00a0nouveaux")

    news.focus()
    page.keyboard.press("Enter")

    expect(news).to_be_hidden()
    assert len([one for one in ids(page) if one > 9_000_000]) == 70


def test_rows_that_serve_again_keep_nothing_of_what_they_were(open_page: Opener) -> None:
    page = without_history(at_rest(live(open_page("/activity"))))
    push(page, *(call(title=f"{n}") for n in range(3)), ended(1, inferred=True), gap(), call("cfo"))
    expect(page.locator(ROWS).first).to_have_attribute("data-id", "9000006")
    page.locator(ROWS).first.evaluate("(row) => { window.first = row; }")

    later = [{"type": "agent.status", "agentId": "cfo", "status": "error"}] * MORE_THAN_IS_KEPT
    push(page, *later)

    expect(page.locator('[data-type="gap"]')).to_have_count(0)
    row = page.locator(ROWS).first
    assert row.evaluate("(row) => row === window.first")
    expect(row.locator("[data-fact=who]")).to_have_attribute("href", "/agents/cfo")
    assert page.locator(f"{ROWS}[data-many]").count() == 0
    assert page.locator(f"{ROWS} [data-fact=entity][href]").count() == 0
    assert page.locator(f"{ROWS} :is([data-fact=times], [data-fact=inferred]):visible").count() == 0
    newest = ids(page)
    assert newest == list(range(newest[0], newest[0] - len(newest), -1))
    older = page.locator("[data-older]").get_attribute("href") or ""
    assert older.endswith(f"before={newest[-1]}")


def test_a_whole_court_is_painted_however_many_change_at_once(open_page: Opener) -> None:
    page = live(open_page("/agents"))
    page.evaluate(
        """async () => {
             const main = document.querySelector('script[type=module][src*="main.js"]').src;
             const agents = await import(main.replace("main.js", "agents.js"));
             for (const card of document.querySelectorAll("[data-court] > [data-agent-id]")) {
               const { agentId } = card.dataset;
               const task = `Pour ${agentId}`;
               agents.applyToAgents({ type: "agent.status", agentId, status: "busy", task,
                                      ts: Date.now() });
             }
           }"""
    )
    for card in page.locator("[data-court] > [data-agent-id]").all():
        expect(card.locator("[data-fact=task]")).to_have_text(
            f"Pour {card.get_attribute('data-agent-id')}"
        )
        expect(card).to_have_attribute("data-status", "busy")
