"""A budget, set on the page of costs; its warning, live in the feed and read out."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from palais.web import words
from palais.web.catalogue import language
from tests.browser.axe import violations
from tests.browser.conftest import House, Opener, Watch
from tests.browser.test_live import live

pytestmark = pytest.mark.browser

TOLD = [
    {"threshold": threshold, "period": period, "spent": 12.04, "amount": 10, **more}
    for threshold in (50, 80, 100)
    for period in ("day", "month", "century")
    for more in ({}, {"agentId": "builder", "unpricedCalls": 2}, {"unpricedCalls": 1})
]
SAY = """
async (given) => {
  const { actionWord, entity, inFeed, tone } = await import("/static/js/events.js");
  return given.map((one) => [actionWord(one), entity(one), tone(one), inFeed(one)]);
}
"""


@pytest.fixture
def costs(open_page: Opener, house: House) -> Iterator[Page]:
    """Give the page of costs, after somebody spent something; no budget is left behind."""
    house.run_through("cfo")
    page = live(open_page("/costs"))
    yield page
    page.goto("/costs")
    forget = page.locator(".budget__forget")
    for left in reversed(range(forget.count())):
        forget.first.click()
        expect(forget).to_have_count(left)


def set_budget(page: Page, amount: str) -> None:
    page.locator(".budgets__new:not([open]) > summary").click()
    page.get_by_label("Pour qui").select_option("cfo")
    page.get_by_label("Montant, en dollars").fill(amount)
    page.get_by_role("button", name="Enregistrer").click()


@pytest.mark.parametrize("tag", ["fr-FR", "en-GB"])
def test_the_scripts_say_a_warning_as_the_server_does(open_page: Opener, tag: str) -> None:
    page = live(open_page(locale=tag))
    spoken = language(tag[:2])
    given = [{"type": "budget.warning", "ts": 1, **one} for one in TOLD]

    assert page.evaluate(SAY, given) == [
        [words.action_word(spoken, one), words.entity(spoken, one), words.tone(one), True]
        for one in given
    ]


def test_a_budget_that_is_spent_is_told_at_once_wherever_somebody_looks(
    costs: Page, open_page: Opener
) -> None:
    watching = live(open_page("/activity"))
    set_budget(costs, "0,0000000001")

    row = watching.locator('.feed__row[data-type="budget.warning"]').first
    expect(row).to_have_attribute("data-tone", "bad")
    expect(row).to_contain_text("CFO a dépassé le budget du jour", use_inner_text=True)
    expect(watching.locator("[data-announce]")).to_contain_text("CFO a dépassé le budget du jour")
    expect(costs.locator(".budget")).to_have_attribute("data-tone", "bad")
    expect(costs.locator(".budget__state")).to_contain_text(re.compile("dépassé de"))

    live_words = row.inner_text()
    watching.reload()
    expect(row).to_have_text(live_words, use_inner_text=True)


def test_a_wrong_amount_is_said_in_place_and_what_was_typed_stays(
    costs: Page, watch: Watch
) -> None:
    watch.expected.append("400 (BAD REQUEST)")
    set_budget(costs, "dix")

    expect(costs.get_by_role("alert")).to_contain_text("Rien n’a été enregistré")
    expect(costs.get_by_label("Montant, en dollars")).to_have_value("dix")
    expect(costs.get_by_label("Pour qui")).to_have_value("cfo")


@pytest.mark.parametrize("width", [390, 1440])
def test_budgets_are_accessible_and_fit(costs: Page, width: int) -> None:
    set_budget(costs, "5")
    expect(costs.locator(".budget")).to_be_visible()
    costs.set_viewport_size({"width": width, "height": 900})
    costs.locator(".budgets__new > summary").click()

    assert violations(costs) == []
    assert not costs.evaluate("document.documentElement.scrollWidth > innerWidth")
