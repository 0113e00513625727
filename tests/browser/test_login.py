"""The login in a browser: a field, Enter, and at court; and what a page says when it is over."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import House, Opener, Watch
from tests.browser.line import Line
from tests.browser.test_live import live, same
from tests.e2e.cockpit import PASSWORD
from tests.rig.process import wait_until

pytestmark = pytest.mark.browser

NOTICE = '[data-notice="session"]'


@pytest.fixture(autouse=True)
def refusals_are_meant(watch: Watch) -> None:
    watch.expected += ["403", "401"]


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_label("Mot de passe")).to_be_visible()


def enter(page: Page, word: str = PASSWORD) -> None:
    expect(page.get_by_label("Mot de passe")).to_be_focused()
    page.keyboard.type(word)
    page.keyboard.press("Enter")


def session_cookie(context: BrowserContext) -> str | None:
    return next((c["value"] for c in context.cookies() if c["name"] == "palais_session"), None)


def test_the_password_and_enter_lead_to_where_one_was_going(
    house: House, open_page: Opener
) -> None:
    page = open_page("/agents/builder", known=False)
    expect(page).to_have_url(f"{house.url}/login?next=/agents/builder")
    expect(page.get_by_label("Mot de passe")).to_be_focused()
    enter(page, "faux")
    expect(page.get_by_role("alert")).to_have_text("Ce n’est pas le mot de passe.")
    expect(page.get_by_label("Mot de passe")).to_be_focused()
    enter(page)
    expect(page.locator("h1")).to_have_text("Imhotep")
    live(page)
    assert page.evaluate("document.cookie") == ""


def test_the_login_works_without_scripts(open_page: Opener) -> None:
    page = open_page("/activity", known=False, java_script_enabled=False)
    enter(page)
    expect(page.locator("h1")).to_have_text("Activité")
    log_out(page)


@pytest.mark.parametrize("width", [390, 1440])
def test_the_login_is_quiet_and_in_its_bounds(open_page: Opener, width: int) -> None:
    page = open_page("/login", width, known=False)
    enter(page, "faux")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.locator("input:visible").count() == 1


def test_a_link_s_token_leaves_the_address_bar_and_works_once(
    house: House, open_page: Opener
) -> None:
    link = house.cockpit.command("login-link").strip()
    page = open_page("about:blank", known=False)
    page.goto(link)
    expect(page).to_have_url(f"{house.url}/login?next=/agents")
    expect(page.get_by_role("button", name="Entrer")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("La cour")
    log_out(page)
    page.goto(link)
    expect(page.get_by_role("button", name="Entrer")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Ce lien a expiré, ou a déjà servi.")


def test_who_is_logged_in_comes_in_from_another_site_without_the_form(
    house: House, open_page: Opener
) -> None:
    page = open_page("about:blank")
    page.goto(f"{house.url.replace('127.0.0.1', 'localhost')}/login")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("(url) => { location.href = url; }", f"{house.url}/agents/builder")
    expect(page.locator("h1")).to_have_text("Imhotep")
    shown = [url for url in asked if "/login" in url and "/static/" not in url]
    assert shown == [f"{house.url}/login?next=/agents/builder"] * 2


def test_every_tab_says_once_that_the_session_ended_and_lives_again_after_a_login(
    open_page: Opener, line: Line
) -> None:
    first = live(open_page(base_url=line.url, own=True))
    second = first.context.new_page()
    second.goto("/activity")
    live(second)
    log_out(first)
    expect(second.locator(NOTICE)).to_contain_text("Session terminée")
    expect(second.locator(".notice:visible")).to_have_count(1)
    expect(second.locator(".feed__row").first).to_be_visible()
    again = second.get_by_role("link", name="Se reconnecter")
    expect(again).to_have_attribute("href", "/login?next=/activity")
    wait_until(lambda: line.open_streams() == 0, timeout=30, what="no open stream")

    enter(first)
    expect(first.locator("h1")).to_have_text("La cour")
    live(first)
    expect(second.locator(NOTICE)).to_be_hidden()
    expect(second.locator('[data-stream="live"]')).to_be_visible()
    assert same(second)


def test_the_tab_that_was_logged_out_elsewhere_is_led_on_by_its_link(
    house: House, open_page: Opener
) -> None:
    page = live(open_page("/agents/writer", before="delete window.SharedWorker;", own=True))
    cookie = session_cookie(page.context)
    token = page.locator('meta[name="csrf-token"]').get_attribute("content")
    assert cookie
    answer = page.request.post("/logout", headers={"X-CSRF-Token": token or ""})
    assert answer.ok
    page.get_by_role("link", name="Se reconnecter").click()
    expect(page.get_by_label("Mot de passe")).to_be_focused()
    enter(page)
    expect(page.locator("h1")).to_have_text("Thot")
    assert session_cookie(page.context) != cookie
