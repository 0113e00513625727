"""The keyboard: every page can be worked with it, and says how."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.test_live import live

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [390, 1024, 1600])
def test_a_question_mark_shows_the_keys_and_escape_closes_them(
    open_page: Opener, width: int
) -> None:
    page = live(open_page(width=width))
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Clavier")
    expect(sheet).to_be_visible()
    for key in ("g", "/", "j", "k", "Échap", "?"):
        expect(sheet.locator("kbd", has_text=key).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_the_keys_can_be_asked_for_with_the_pointer_too(open_page: Opener) -> None:
    page = live(open_page())
    page.locator("[data-show-keys]").click()
    expect(page.locator(".keys")).to_be_visible()
    page.locator(".keys__close").click()
    expect(page.locator(".keys")).to_be_hidden()
    expect(page.locator("[data-show-keys]")).to_be_focused()


def test_a_slash_goes_to_the_filter_and_escape_leaves_it_empty(open_page: Opener) -> None:
    page = live(open_page())
    page.keyboard.press("/")
    expect(page.locator("[data-filter-text]")).to_be_focused()
    page.keyboard.type("thot/?g")
    expect(page.locator("[data-filter-text]")).to_have_value("thot/?g")
    expect(page.locator(".keys")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("[data-filter-text]")).to_have_value("")
    expect(page.locator("[data-filter-text]")).not_to_be_focused()


def test_g_and_a_letter_go_where_the_rail_goes(open_page: Opener) -> None:
    page = live(open_page())
    page.keyboard.type("gf")
    page.wait_for_url("**/activity")
    live(page)
    page.keyboard.type("ga")
    page.wait_for_url("**/agents")
    live(page)
    page.keyboard.press("f")
    page.keyboard.press("Control+g")
    page.keyboard.press("f")
    assert page.url.endswith("/agents")


def test_a_slash_elsewhere_leads_to_the_agents(open_page: Opener) -> None:
    page = live(open_page("/activity"))
    page.keyboard.press("/")
    page.wait_for_url("**/agents")
