"""The page of the two books in a browser: every reason readable, for everyone, on any width."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from palais.domain.account import ConversationUsage, UsageListed
from palais.domain.events import Blindness, RunSeen, Unobserved, Usage, UsageReported
from tests.browser.axe import violations, violations_at
from tests.browser.conftest import ALONE, House, Opener
from tests.browser.test_everyone import served
from tests.database import Database, Scribe
from tests.store.rows import registered

pytestmark = pytest.mark.browser

WIDTHS = [390, 1024, 1600]
PAGE = "/costs/reconciliation"
DAY = 86_400_000


def conversation(agent_id: str) -> str:
    return f"agent:{agent_id}:main"


def spend(scribe: Scribe, agent_id: str, at: int, cost: float | None = 1.25) -> None:
    name = conversation(agent_id)
    usage = Usage(tokens_in=1_234_567, cost=cost, at=at)
    scribe.write(
        registered(agent_id, at=at),
        RunSeen(f"run-{agent_id}", agent_id, at, name),
        UsageReported(f"{agent_id}.{at}", agent_id, at, usage, f"run-{agent_id}", name),
    )


@pytest.fixture
def every_reason(scribe: Scribe, database: Database) -> None:
    """Let two days differ in every way there is."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=1, microsecond=0)
    now = int(today.timestamp() * 1000)
    database.run("UPDATE gateway SET first_observed_at = '2026-01-01', protocol = 4")
    for agent_id in ("deleted", "unpriced", "other", "agreed"):
        spend(scribe, agent_id, now, None if agent_id == "unpriced" else 1.25)
    spend(scribe, "late", now + 2_000)
    spend(scribe, "agreed", now - DAY)
    told = {"unpriced": 1_234_567, "other": 34_567, "agreed": 1_234_567}
    scribe.write(
        UsageListed(
            today.date(),
            now + 1_000,
            tuple(
                ConversationUsage(conversation(agent_id), agent_id, tokens, 1.25)
                for agent_id, tokens in told.items()
            ),
        ),
        UsageListed(
            today.date() - timedelta(days=1),
            now,
            (ConversationUsage(conversation("unseen"), "unseen", 5_000, 0.5),),
        ),
        Unobserved(now - DAY, now - DAY + 1_000, Blindness.GATEWAY),
    )


def shown(client: FlaskClient, open_page: Opener, width: int = 1600, locale: str = "fr-FR") -> Page:
    body = client.get(PAGE, headers={"Accept-Language": locale}).text
    page = open_page("about:blank", width, ALONE, locale=locale, reduced_motion="reduce")
    served(page, PAGE, body)
    return page


@pytest.mark.usefixtures("every_reason")
@pytest.mark.parametrize("width", WIDTHS)
def test_every_reason_is_there_and_readable_by_everyone(
    client: FlaskClient, open_page: Opener, width: int
) -> None:
    page = shown(client, open_page, width)

    for reason in ("deleted", "unobserved", "unpriced", "timing", "other"):
        expect(page.locator(f'.books__row [data-reason="{reason}"]').first).to_be_visible()
    expect(page.locator('.verdict[data-verdict="open"]')).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []


def test_where_there_is_nothing_to_compare_the_page_says_why(
    client: FlaskClient, open_page: Opener
) -> None:
    page = shown(client, open_page, locale="en-GB")

    expect(page.get_by_text("No gateway has been seen yet")).to_be_visible()
    assert violations_at(page) == []


def test_the_period_is_chosen_by_a_link_and_the_costs_are_a_step_away(
    house: House, open_page: Opener
) -> None:
    if not house.cockpit.sessions("builder"):
        house.run_through("builder")
    page = open_page(PAGE)
    page.get_by_role("link", name="30 jours").click()
    page.wait_for_url("**/costs/reconciliation?days=30")
    expect(page.locator(".periods__one[aria-current]")).to_have_text("30 jours")

    page.locator(".crumbs a").click()
    page.wait_for_url("**/costs")
    page.get_by_role("link", name="Rapprochement").click()
    page.wait_for_url("**/costs/reconciliation")
