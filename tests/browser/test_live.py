"""The page lives: cards, feed and sessions follow the court without a reload."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House, Opener

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.pwned=1"><script>window.pwned=2</script>'
RUN = 60_000  # milliseconds in which a run of the demo is surely over


def card(page: Page, agent_id: str):  # type: ignore[no-untyped-def]
    return page.locator(f'.card[data-agent-id="{agent_id}"]')


def live(page: Page) -> Page:
    expect(page.locator('[data-stream="live"]')).to_be_visible()
    page.evaluate("window.samePage = true")
    return page


def at_rest(page: Page) -> Page:
    """Wait until nobody works, so that nothing comes but what the test itself brings."""
    for status in ("busy", "waiting"):
        expect(page.locator(f'[data-count="{status}"]')).to_have_text("0", timeout=RUN)
    return page


def same(page: Page) -> bool:
    return bool(page.evaluate("window.samePage === true"))


def test_a_card_turns_busy_and_idle_again_without_a_reload(house: House, open_page: Opener) -> None:
    page = live(open_page())
    expect(card(page, "builder")).to_have_attribute("data-status", "idle")
    with house.slowly():
        house.gateway.run_now("builder", "completed", "Bâtir la salle du trône")
        expect(card(page, "builder")).to_have_attribute("data-status", "busy")
        expect(card(page, "builder")).to_contain_text("Au travail")
        expect(card(page, "builder").locator('[data-fact="task"]')).to_have_text(
            "Bâtir la salle du trône"
        )
        expect(page.locator('[data-count="busy"]')).to_have_text("1")
    expect(card(page, "builder")).to_have_attribute("data-status", "idle", timeout=RUN)
    expect(card(page, "builder")).to_contain_text("En veille")
    expect(page.locator('[data-count="busy"]')).to_have_text("0")
    assert same(page)


def test_the_busy_cards_are_those_of_the_agents_at_work(house: House, open_page: Opener) -> None:
    page = live(open_page())
    with house.slowly():
        house.gateway.run_now("writer")
        house.gateway.run_now("cfo")
        expect(card(page, "writer")).to_have_attribute("data-status", "busy")
        expect(card(page, "cfo")).to_have_attribute("data-status", "busy")
        while at_work := house.gateway.busy():
            shown = set(
                page.locator('.card[data-status="busy"]').evaluate_all(
                    "(all) => all.map((one) => one.dataset.agentId)"
                )
            )
            if shown == at_work:
                break
            page.wait_for_timeout(50)
        assert at_work
    for agent_id in ("writer", "cfo"):
        expect(card(page, agent_id)).to_have_attribute("data-status", "idle", timeout=RUN)


def test_a_failed_run_turns_the_card_to_error_with_a_word(house: House, open_page: Opener) -> None:
    page = live(open_page())
    house.gateway.run_now("explorer", "failed")
    expect(card(page, "explorer")).to_have_attribute("data-status", "error", timeout=RUN)
    expect(card(page, "explorer")).to_contain_text("En erreur")
    row = page.locator('.feed__row[data-tone="bad"]').first
    expect(row).to_contain_text("R2D2 a échoué")
    house.gateway.run_now("explorer")
    expect(card(page, "explorer")).to_have_attribute("data-status", "idle", timeout=RUN)


def test_the_cost_of_a_finished_run_is_fetched(house: House, open_page: Opener) -> None:
    page = live(open_page())
    before = card(page, "cfo").locator('[data-fact="cost"]').inner_text()
    house.run_through("cfo")
    expect(card(page, "cfo").locator('[data-fact="cost"]')).not_to_have_text(before)


def test_the_feed_grows_at_its_top_in_local_time(house: House, open_page: Opener) -> None:
    page = live(open_page())
    count = page.locator(".feed__row").count()
    house.gateway.run_now("tutor", "completed", "Expliquer les fractions")
    row = page.locator(".feed__row", has_text="Piccolo commence").first
    expect(row).to_contain_text("Expliquer les fractions")
    done = page.locator(".feed__row").first
    expect(done).to_contain_text("Piccolo a terminé", timeout=RUN)
    assert page.locator(".feed__row").count() > count
    moment = done.locator("time").first.get_attribute("datetime") or ""
    hour = (int(moment[11:13]) + 1) % 24  # Kinshasa is an hour ahead of UTC, all year
    expect(done.locator("time").first).to_have_text(re.compile(rf"^{hour:02d}:\d\d:\d\d$"))
    assert same(page)


def test_live_rows_read_as_the_servers_own(house: House, open_page: Opener) -> None:
    page = live(open_page())
    house.run_through("messenger")
    served = page.context.new_page()
    served.goto("/agents")
    newest = live(served).locator(".feed__row").first.get_attribute("data-id") or ""

    def rows(page: Page) -> list[str]:
        return page.evaluate(
            """[...document.querySelectorAll(".feed__row")].slice(0, 20).map((row) => {
                 row.style.contentVisibility = "visible"; // one that is not drawn has no innerText
                 return [row.dataset.type, row.dataset.tone, row.innerText,
                   row.querySelector('[data-fact="entity"]').getAttribute("href")].join("|");
               })"""
        )

    expect(page.locator(".feed__row").first).to_have_attribute("data-id", newest)
    assert rows(page) == rows(served)


def test_hostile_text_is_shown_as_text_and_runs_nothing(house: House, open_page: Opener) -> None:
    page = live(open_page())
    with house.slowly():
        house.gateway.run_now("marketer", "completed", HOSTILE)
        expect(card(page, "marketer").locator('[data-fact="task"]')).to_have_text(HOSTILE)
    expect(page.locator(".feed__row", has_text=HOSTILE).first).to_be_visible()
    expect(card(page, "marketer")).to_have_attribute("data-status", "idle", timeout=RUN)
    page.goto("/agents/marketer")
    expect(page.locator(".run__task", has_text=HOSTILE).first).to_be_visible()
    page.locator(".run__task", has_text=HOSTILE).first.click()
    expect(page.locator("h1")).to_have_text(HOSTILE)
    assert page.evaluate("window.pwned") is None
    assert page.locator("main img[src=x], main script").count() == 0


def test_a_session_appears_and_ends_on_its_agents_page(house: House, open_page: Opener) -> None:
    page = live(open_page("/agents/maintainer"))
    run = page.locator(".run", has_text="Réparer la fontaine").first
    with house.slowly():
        house.gateway.run_now("maintainer", "completed", "Réparer la fontaine")
        expect(run).to_have_attribute("data-status", "running")
        expect(page.locator(".portrait")).to_have_attribute("data-status", "busy")
    expect(run).to_have_attribute("data-status", "completed", timeout=RUN)
    expect(run).to_contain_text("Terminée")
    expect(run.locator('[data-fact="run-tokens"]')).not_to_have_text("—")
    expect(page.locator('.figure [data-fact="tokens"]')).not_to_have_text("—")
    assert same(page)
    run.locator("a").click()
    expect(page.locator(".trace__about")).to_have_attribute("data-status", "completed")
    expect(page.locator("h1")).to_have_text("Réparer la fontaine")


def test_a_session_ends_on_its_own_page(house: House, open_page: Opener) -> None:
    page = live(open_page("/agents/artist"))
    house.gateway.run_now("artist", "completed", "Peindre la porte")
    page.locator(".run__task", has_text="Peindre la porte").first.click()
    expect(page.locator(".trace__about")).to_be_visible()
    live(page)
    expect(page.locator(".trace__about")).to_have_attribute("data-status", "completed", timeout=RUN)
    expect(page.locator('[data-fact="run-end"] time')).to_be_visible()
    expect(page.locator('[data-fact="run-summary"]')).not_to_be_empty()
    assert same(page)


def test_an_agents_feed_holds_that_agent_only(house: House, open_page: Opener) -> None:
    page = live(open_page("/agents/tutor"))
    house.gateway.run_now("writer")
    house.gateway.run_now("tutor", "completed", "Réciter les tables")
    expect(page.locator(".feed__row", has_text="Réciter les tables").first).to_be_visible()
    expect(page.locator(".feed__row").first).to_contain_text("Piccolo a terminé", timeout=RUN)
    at_rest(page)
    assert page.locator(".feed__row", has_text="Thot").count() == 0


def test_the_feed_waits_while_the_person_reads_further_down(
    house: House, open_page: Opener
) -> None:
    page = live(open_page())
    scroll = page.locator("[data-scroll]")
    scroll.evaluate("(node) => { node.scrollTop = 240 }")
    page.wait_for_function("document.querySelector('[data-scroll]').scrollTop > 100")
    expect(page.locator("[data-held]")).to_be_attached()
    read = page.locator(".feed__row").nth(4).inner_text()
    house.gateway.run_now("concierge", "completed", "Ouvrir l’audience")
    news = page.locator("[data-news]")
    expect(news).to_be_visible()
    expect(news).to_contain_text("nouveau")
    assert page.locator(".feed__row").nth(4).inner_text() == read
    news.click()
    expect(page.locator(".feed__row", has_text="Ouvrir l’audience").first).to_be_visible()
    expect(card(page, "concierge")).to_have_attribute("data-status", "idle", timeout=RUN)
    expect(news).to_be_hidden()
