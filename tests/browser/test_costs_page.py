"""The page of costs in a browser: live, read column by column, for everyone."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from tests.browser.axe import violations_at
from tests.browser.conftest import ALONE, House, Opener
from tests.browser.test_everyone import served
from tests.browser.test_live import live, same
from tests.store.spending import call, spend

pytestmark = pytest.mark.browser

RUN = 60_000


@pytest.fixture
def a_month(engine: Engine) -> None:
    """Let eight agents spend for five weeks on three models, one of them without a price."""
    now = datetime.now(UTC)
    told = [
        call(
            now - timedelta(hours=7 * number),
            None if number % 11 == 5 else 0.3 * (1 + number % 5),
            agent=f"agent-{number % 8}",
            model=(None, "vendor/opus", "haiku")[number % 3],
        )
        for number in range(120)
    ]
    with engine.begin() as conn:
        spend(conn, *told)


def shown(client: FlaskClient, open_page: Opener, width: int, path: str = "/costs") -> Page:
    page = open_page("about:blank", width, ALONE, reduced_motion="reduce")
    served(page, path, client.get(path).text)
    expect(page.locator("[data-plot]").first).to_be_visible()
    return page


@pytest.mark.usefixtures("a_month")
def test_axe_finds_nothing_on_a_month_of_costs(client: FlaskClient, open_page: Opener) -> None:
    page = shown(client, open_page, 1600)
    for summary in page.locator(".plot__table summary").all():
        summary.click()
    page.get_by_role("slider").nth(1).focus()
    assert violations_at(page) == []


def test_axe_finds_nothing_where_nothing_was_spent(client: FlaskClient, open_page: Opener) -> None:
    page = open_page("about:blank", before=ALONE)
    served(page, "/costs", client.get("/costs").text)
    expect(page.get_by_text("Le livre de comptes est vide")).to_be_visible()
    assert violations_at(page) == []


@pytest.mark.usefixtures("a_month")
@pytest.mark.parametrize("path", ["/costs", "/agents/agent-3"])
@pytest.mark.parametrize("width", [320, 390, 1024])
def test_no_plot_and_no_table_makes_the_page_scroll_sideways(
    client: FlaskClient, open_page: Opener, width: int, path: str
) -> None:
    page = shown(client, open_page, width, path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.evaluate(
        """(width) => [...document.querySelectorAll("main *")].filter((node) =>
             node.getClientRects().length && !node.closest(".unseen, svg, thead, .plot__rows") &&
             node.getBoundingClientRect().right > width + 1).map((node) => node.className)""",
        width,
    )
    assert cut == []


@pytest.mark.usefixtures("a_month")
def test_a_plot_is_read_by_pointer_and_by_keys(client: FlaskClient, open_page: Opener) -> None:
    page = shown(client, open_page, 1280)
    course = page.locator("[data-plot]").first
    course.get_by_role("slider").focus()
    expect(course.locator("[data-column][data-latest][data-on]")).to_have_count(1)
    plot = page.locator("[data-plot]").nth(1)
    cursor, reading = plot.get_by_role("slider"), plot.locator("[data-reading]")
    cursor.focus()
    today = reading.inner_text()
    assert "\u00a0$" in today
    page.keyboard.press("ArrowLeft")
    expect(reading).not_to_have_text(today)
    expect(cursor).to_have_attribute("aria-valuetext", reading.inner_text())
    expect(reading).to_contain_text("Agent-")
    page.keyboard.press("Home")
    expect(cursor).to_have_attribute("aria-valuenow", "1")
    page.keyboard.press("End")
    expect(reading).to_have_text(today)
    box = cursor.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 60, box["y"] + 20)
    expect(cursor).to_have_attribute("aria-valuenow", "1")
    expect(plot.locator("[data-column][data-on]")).to_have_count(1)


@pytest.mark.usefixtures("a_month")
def test_series_are_told_apart_without_colour(client: FlaskClient, open_page: Opener) -> None:
    page = shown(client, open_page, 1280)
    fills = page.locator("#agents-title").locator("xpath=../..").locator(".legend .swatch rect")
    looks = fills.evaluate_all(
        "(all) => all.map((one) => one.getAttribute('fill') ?? getComputedStyle(one).fill)"
    )
    assert len(looks) >= 6
    assert len(set(looks)) == len(looks)


@pytest.mark.usefixtures("a_month")
def test_a_printed_page_has_the_plots_and_not_the_filter(
    client: FlaskClient, open_page: Opener
) -> None:
    page = shown(client, open_page, 1280)
    page.emulate_media(media="print")
    expect(page.locator(".plot__area").first).to_be_visible()
    for hidden in (".costs__filter", ".plot__cursor"):
        expect(page.locator(hidden).first).to_be_hidden()


def test_a_run_is_counted_without_a_reload_and_what_is_open_stays_open(
    house: House, open_page: Opener
) -> None:
    house.run_through("builder")
    page = live(open_page("/costs"))
    page.locator("#course-title").locator("xpath=../..").locator("summary").click()
    tokens = page.locator(".sum--today .sum__tokens")
    before = tokens.inner_text()
    house.run_through("builder")
    expect(tokens).not_to_have_text(before, timeout=RUN)
    expect(page.locator("details[open]")).to_have_count(1)
    expect(page.get_by_role("slider").first).to_be_attached()
    assert same(page)


def test_the_filter_counts_at_once_and_is_in_the_address(house: House, open_page: Opener) -> None:
    house.run_through("builder")
    page = live(open_page("/costs"))
    agents = page.get_by_role("combobox", name="Agent")
    agents.select_option("builder")
    expect(page).to_have_url(re.compile(r"/costs\?agents=builder$"))
    page.get_by_role("link", name="7 j", exact=True).click()
    expect(page).to_have_url(re.compile(r"days=7"))
    expect(agents).to_have_value("builder")
    page.get_by_role("link", name="Tout afficher").click()
    expect(page).to_have_url(re.compile(r"/costs\?days=7$"))


def test_an_agent_s_own_costs_follow_its_runs(house: House, open_page: Opener) -> None:
    page = live(open_page("/agents/cfo"))
    house.run_through("cfo")
    expect(page.locator(".expense .plot__area").first).to_be_visible(timeout=RUN)
    expect(page.locator(".expense .sum--today")).to_contain_text("jetons")
    assert same(page)
