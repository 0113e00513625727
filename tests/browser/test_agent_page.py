"""The page of one agent: its words edited in place, its older sessions, and for everyone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations_at
from tests.browser.conftest import House, Opener, Watch
from tests.browser.test_live import live

pytestmark = pytest.mark.browser

WIDTHS = (390, 1024, 1600)
API = "**/api/v1/agents/messenger"


def edit(page: Page) -> None:
    page.get_by_text("Modifier").click()
    expect(page.get_by_label("Persona")).to_be_focused()


@pytest.mark.parametrize("width", WIDTHS)
def test_words_are_edited_where_they_stand_and_every_page_follows(
    open_page: Opener, width: int
) -> None:
    page = live(open_page("/agents/messenger", width))
    court = page.context.new_page()
    court.goto("/agents")
    live(court)
    edit(page)
    expect(page.locator(".portrait__persona")).to_be_hidden()
    page.get_by_label("Persona").fill(f"Messager {width}")
    page.get_by_label("Bio").fill("Porte les mots.")
    page.get_by_label("Bio").press("Enter")
    expect(page.locator(".portrait__persona")).to_have_text(f"Messager {width}")
    expect(page.locator(".portrait__bio")).to_have_text("Porte les mots.")
    expect(page.locator(".edit summary")).to_be_focused()
    expect(page.locator("[data-announce]")).to_contain_text("Présentation enregistrée.")
    told = court.locator('.card[data-agent-id="messenger"] [data-fact="persona"]')
    expect(told).to_have_text(f"Messager {width}")
    row = court.locator(".feed__row", has_text="a une nouvelle présentation").first
    expect(row).to_contain_text(f"Messager {width}")
    page.reload()
    expect(page.locator(".portrait__bio")).to_have_text("Porte les mots.")


def test_escape_leaves_everything_as_it_was(open_page: Opener) -> None:
    page = live(open_page("/agents/messenger"))
    before = page.locator(".portrait__persona").inner_text()
    edit(page)
    page.get_by_label("Persona").fill("Autre")
    page.keyboard.press("Escape")
    expect(page.locator(".portrait__persona")).to_have_text(before)
    expect(page.locator(".edit summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Persona")).to_have_value(before)


@pytest.mark.parametrize(
    ("status", "said"),
    [(400, "caractère invisible"), (403, "reconnectez-vous"), (503, "réessayez")],
)
def test_a_refusal_is_said_and_what_was_written_stays(
    open_page: Opener, watch: Watch, status: int, said: str
) -> None:
    watch.expected.append(str(status))
    page = live(open_page("/agents/messenger"))
    page.route(API, lambda route: route.fulfill(status=status, json={"error": {}}))
    edit(page)
    page.get_by_label("Persona").fill("Autre")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(page.get_by_label("Persona")).to_have_value("Autre")


def test_what_is_being_written_outlives_a_page_that_is_made_right(open_page: Opener) -> None:
    page = live(open_page("/agents/messenger"))
    edit(page)
    page.get_by_label("Persona").fill("À moitié")
    page.get_by_label("Outils").check()
    page.wait_for_url("**types=tools")
    older = page.locator("[data-feed] [data-older]")
    expect(older).to_have_attribute("href", re.compile("types=tools"))  # as it was fetched anew
    expect(page.get_by_label("Persona")).to_have_value("À moitié")
    page.get_by_label("Persona").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".edit form")).to_be_hidden()


def test_without_scripts_the_form_does_the_same(open_page: Opener) -> None:
    page = open_page("/agents/messenger", java_script_enabled=False)
    page.get_by_text("Modifier").click()
    page.get_by_label("Persona").fill("Messager sans script")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".portrait__persona")).to_have_text("Messager sans script")
    assert page.url.endswith("/agents/messenger")


def test_older_sessions_come_below_those_that_are_there(house: House, open_page: Opener) -> None:
    for _ in range(2):
        house.run_through("explorer")
    page = live(open_page("/agents/explorer"))
    runs = page.locator(".run")
    ids = runs.evaluate_all("(all) => all.map((one) => one.dataset.sessionId)")
    page.evaluate(
        """(before) => {
             const link = document.querySelector("[data-runs] [data-older]");
             link.href = `/agents/explorer?before=${before}`;
             link.hidden = false;
             for (const row of [...document.querySelectorAll(".run")].slice(1)) row.remove();
           }""",
        ids[0],
    )
    page.get_by_role("link", name="Charger les sessions plus anciennes").click()
    expect(runs).to_have_count(len(ids))
    assert runs.evaluate_all("(all) => all.map((one) => one.dataset.sessionId)") == ids


def test_on_a_phone_the_table_is_a_list(house: House, open_page: Opener) -> None:
    house.run_through("explorer")
    page = live(open_page("/agents/explorer", 390))
    assert page.locator(".run").first.evaluate("(row) => getComputedStyle(row).display") == "grid"
    frame = page.locator(".runs__frame")
    assert frame.evaluate("(node) => node.scrollWidth <= node.clientWidth")


def test_axe_finds_nothing(house: House, open_page: Opener) -> None:
    house.run_through("builder")
    page = live(open_page("/agents/builder", reduced_motion="reduce"))
    assert violations_at(page) == []
    edit(page)
    assert violations_at(page) == []
    page.goto("/activity?types=sessions,tools&agents=builder")
    live(page)
    assert violations_at(page) == []
    page.locator("[data-pop] summary").click()
    assert violations_at(page) == []
