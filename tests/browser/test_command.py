"""A command that a page asks for is copied by a button, whatever the browser allows."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Opener
from tests.browser.test_fast import QUIET
from tests.browser.test_live import live

pytestmark = pytest.mark.browser

COMMAND = "openclaw devices approve 1f0c2b9e-7d55-4a39-9d9d-0a51b6f0c111"
LINE = '[data-notice="gateway"] .command'
NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
NOTHING_ALLOWED = f"{NO_CLIPBOARD} document.execCommand = () => false;"


def refused(page: Page) -> Page:
    """Let a quiet page hear that the gateway refuses Palais, and how to mend it."""
    live(page)
    page.evaluate(
        """async (command) => {
             const main = document.querySelector('script[type=module][src*="main.js"]').src;
             const { showGateway } = await import(main.replace("main.js", "connection.js"));
             showGateway({ state: "refused", since: Date.now(), code: "pairing", reason: "Pair it.",
                           command });
           }""",
        COMMAND,
    )
    expect(page.locator(LINE)).to_contain_text(COMMAND)
    page.evaluate("document.body.getBoundingClientRect() && document.fonts.ready.then(() => null)")
    return page


@pytest.mark.parametrize("width", [390, 1440])
def test_the_exact_command_is_copied_and_nothing_moves(open_page: Opener, width: int) -> None:
    allowed = ["clipboard-read", "clipboard-write"]
    page = refused(open_page("/agents", width, QUIET, permissions=allowed))
    before = page.locator(LINE).bounding_box()
    button = page.get_by_role("button", name="Copier la commande").first

    button.focus()
    page.keyboard.press("Enter")

    expect(button).to_have_attribute("data-said", "Copié")
    expect(page.locator("[data-announce]")).to_have_text("Copié")
    assert page.evaluate("navigator.clipboard.readText()") == COMMAND
    assert page.locator(LINE).bounding_box() == before
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    expect(button).not_to_have_attribute("data-said", "Copié")


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (NO_CLIPBOARD, "Copied"),
        (NOTHING_ALLOWED, "Selected: Ctrl C or ⌘ C copies it"),
    ],
)
def test_without_a_clipboard_the_command_is_selected(
    open_page: Opener, before: str, said: str
) -> None:
    page = refused(open_page("/agents", before=QUIET + before, locale="en-GB"))
    button = page.get_by_role("button", name="Copy the command").first
    button.click()
    expect(button).to_have_attribute("data-said", said)
    assert page.evaluate("getSelection().toString()") == COMMAND


def test_the_login_has_it_too_and_without_scripts_only_the_command(open_page: Opener) -> None:
    page = open_page("/login", known=False, before=NO_CLIPBOARD)
    button = page.get_by_role("button", name="Copier la commande")
    button.click()
    expect(button).to_have_attribute("data-said", "Copié")
    bare = open_page("/login", known=False, java_script_enabled=False)
    expect(bare.locator("code")).to_have_text("flask login-link")
    expect(bare.locator("[data-copy-command]")).to_be_hidden()
