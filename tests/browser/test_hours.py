"""The chart on a card is read hour by hour: by pointer, by finger, by keys."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import House, Opener
from tests.browser.test_live import live

pytestmark = pytest.mark.browser

CHART = '.card[data-agent-id="explorer"] [data-spark]'


@pytest.fixture
def page(house: House, open_page: Opener) -> Page:
    """Give a court in which one agent has been at work within this hour."""
    house.run_through("explorer")
    return live(open_page("/agents", 1440))


def hour(page: Page, ago: int) -> str:
    """Say the hour that ended so many hours before the chart was drawn, as its reader would."""
    told = page.locator(CHART).get_attribute("data-until") or ""
    end = datetime.fromisoformat(told).astimezone(UTC) + timedelta(hours=1 - ago)  # Kinshasa
    start = end - timedelta(hours=1)
    return f"{start:%H:%M} – {end:%H:%M}".replace(" ", "\u00a0")


def reading(page: Page) -> Locator:
    return page.locator(f"{CHART} [data-reading]")


def test_a_pointer_reads_an_hour_and_leaves_nothing(page: Page) -> None:
    bars = page.locator(f"{CHART} svg")
    box = bars.bounding_box()
    assert box
    bars.hover(position={"x": box["width"] - 2, "y": 10})
    expect(reading(page)).to_contain_text(f"{hour(page, 0)} · ")
    expect(reading(page)).to_contain_text("\u00a0s")
    assert bars.bounding_box() == box
    bars.hover(position={"x": 2, "y": 10})
    expect(reading(page)).to_have_text(f"{hour(page, 23)} · sans travail")
    page.mouse.move(0, 0)
    expect(reading(page)).to_be_hidden()


def test_arrow_keys_read_it_from_the_card_and_say_it(page: Page) -> None:
    page.locator(".card[data-agent-id=explorer] .card__link").focus()
    page.keyboard.press("ArrowLeft")
    expect(reading(page)).to_contain_text(hour(page, 0))
    expect(page.locator("[data-announce]")).to_contain_text(hour(page, 0))
    page.keyboard.press("ArrowLeft")
    expect(reading(page)).to_have_text(f"{hour(page, 1)} · sans travail")
    assert violations(page) == []
    page.keyboard.press("ArrowRight")
    expect(reading(page)).to_contain_text(hour(page, 0))
    page.keyboard.press("Tab")
    expect(reading(page)).to_be_hidden()


def test_a_finger_reads_it_and_a_touch_elsewhere_ends_that(house: House, open_page: Opener) -> None:
    house.run_through("explorer")
    page = live(open_page("/agents", 390, has_touch=True))
    page.locator(f"{CHART} svg").tap(position={"x": 2, "y": 10})
    expect(reading(page)).to_have_text(f"{hour(page, 23)} · sans travail")
    assert page.url.endswith("/agents")
    page.locator("h1").tap()
    expect(reading(page)).to_be_hidden()
