"""What is out of sight is said once, calmly; what was known stays; all is right again after."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import ALONE, House, Opener, Watch
from tests.browser.line import Line
from tests.browser.test_live import RUN, card, live, same
from tests.rig.process import wait_until

pytestmark = pytest.mark.browser

STREAM = "**/api/sse*"
EVENTS = {"content-type": "text/event-stream", "cache-control": "no-store"}


def test_the_page_is_right_again_after_the_server_was_restarted(
    house: House, open_page: Opener, watch: Watch
) -> None:
    watch.expected += ["net::ERR", "503"]
    page = live(open_page())
    house.cockpit.stop()
    notice = page.locator('[data-notice="stream"]')
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("Flux interrompu depuis")
    expect(page.locator('[data-stream="lost"]')).to_be_visible()
    expect(card(page, "builder")).to_have_attribute("data-status", "idle")
    house.gateway.run_now("builder", "failed")
    house.cockpit.start()
    expect(page.locator('[data-stream="live"]')).to_be_visible(timeout=40_000)
    expect(notice).to_be_hidden()
    house.wait_connected()
    house.rest()
    with house.slowly():
        house.gateway.run_now("builder", "completed", "Relever le mur")
        expect(card(page, "builder")).to_contain_text("Relever le mur")
    expect(card(page, "builder")).to_have_attribute("data-status", "idle", timeout=RUN)
    expect(page.locator('[data-gateway="connected"]')).to_be_visible()
    expect(page.locator('.card[data-observed="false"]')).to_have_count(0)
    assert same(page)
    statuses = """Object.fromEntries([...document.querySelectorAll(".card")]
        .map((card) => [card.dataset.agentId, card.dataset.status]))"""
    wait_until(
        lambda: page.evaluate(statuses) == house.cockpit.statuses(),
        timeout=30,
        what="cards that say what the cockpit does",
    )


def test_what_the_gateway_did_while_the_page_was_being_fetched_is_kept(
    house: House, open_page: Opener, line: Line, watch: Watch
) -> None:
    watch.expected += ["net::ERR", "Failed to load"]
    page = live(open_page(before=ALONE, base_url=line.url))
    old = page.request.get("/agents").text()
    old = old.replace('data-gateway="connected"', 'data-gateway="offline"')
    old = old.replace("Architecte et ingénieur", "Comme il était")
    held: list[Route] = []
    page.route("**/agents", lambda route: held.append(route))  # noqa: PLW0108 (a method of a list takes no attribute)
    with page.expect_request("**/agents"):
        line.cut()
        line.mend()
    house.gateway.drop_connections()
    expect(page.locator('[data-gateway="offline"]')).to_be_visible()
    expect(page.locator('[data-gateway="connected"]')).to_be_visible(timeout=40_000)

    held[0].fulfill(body=old, content_type="text/html; charset=utf-8")

    expect(card(page, "builder")).to_contain_text("Comme il était")
    expect(page.locator('[data-gateway="connected"]')).to_be_visible()
    expect(page.locator('.card[data-observed="false"]')).to_have_count(0)


def test_a_lost_gateway_is_said_once_and_turns_nobody_offline(
    house: House, open_page: Opener
) -> None:
    page = live(open_page())
    before = page.locator(".card").evaluate_all("(all) => all.map((one) => one.dataset.status)")
    house.gateway.stop()
    notice = page.locator('[data-notice="gateway"]')
    expect(notice).to_be_visible(timeout=30_000)
    expect(notice).to_contain_text("Passerelle injoignable")
    expect(notice).to_contain_text("Les derniers états connus restent affichés")
    expect(page.locator(".notice:visible")).to_have_count(1)
    expect(page.locator('.card[data-observed="false"]')).to_have_count(len(before))
    expect(card(page, "builder").get_by_text("non observé")).to_be_visible()
    after = page.locator(".card").evaluate_all("(all) => all.map((one) => one.dataset.status)")
    assert after == before
    house.gateway.start()
    expect(notice).to_be_hidden(timeout=40_000)
    expect(page.locator('.card[data-observed="true"]')).to_have_count(len(before))
    expect(card(page, "builder").get_by_text("non observé")).to_be_hidden()
    assert same(page)


def test_a_void_cursor_makes_the_page_fetch_its_facts_anew(
    house: House, open_page: Opener, watch: Watch
) -> None:
    watch.expected += ["Failed to load resource", "net::ERR"]
    body = [""]

    def answer(route: Route) -> None:
        if body[0]:
            route.fulfill(status=200, headers=EVENTS, body=body[0])
        else:
            route.fulfill(status=503, body="")

    page = open_page("/activity", before=ALONE)
    page.route(STREAM, answer)
    page.reload()
    page.evaluate("window.samePage = true")
    expect(page.locator('[data-stream="lost"]')).to_be_visible()
    house.run_through("writer", "Écrire le chapitre perdu")
    assert page.locator(".feed__row", has_text="Écrire le chapitre perdu").count() == 0
    body[0] = (
        'event: connected\ndata: {"ts":1,"epoch":"new","head":1}\n\nevent: reset\ndata: {}\n\n'
    )
    row = page.locator(".feed__row", has_text="Écrire le chapitre perdu").first
    expect(row).to_be_visible(timeout=30_000)
    assert same(page)


def test_without_scripts_the_page_is_complete(house: House, open_page: Opener) -> None:
    page = open_page("/agents", java_script_enabled=False)
    expect(page.locator(".card")).to_have_count(10)
    expect(card(page, "builder")).to_contain_text("Imhotep")
    expect(card(page, "builder")).to_contain_text("Architecte et ingénieur")
    expect(card(page, "builder").locator(".status__word")).not_to_be_empty()
    expect(page.locator(".feed__row").first).to_contain_text("UTC")
    expect(page.locator(".link--gateway")).to_contain_text("connectée")
    expect(page.locator(".link--stream")).to_contain_text("page fixe")
    card(page, "builder").locator("a").click()
    expect(page.locator("h1")).to_have_text("Imhotep")
    expect(page.locator(".figure")).to_have_count(3)
    expect(page.locator("h2").first).to_have_text("Dernières sessions")
    assert house.url in page.url


def test_a_tab_forgotten_for_minutes_is_right_when_it_is_seen_again(
    house: House, open_page: Opener, watch: Watch
) -> None:
    watch.expected.append("404")
    page = open_page("/nowhere")
    page.clock.install()
    page.goto("/agents")
    live(page)

    def hide(hidden: bool) -> None:
        page.evaluate(
            """(hidden) => {
                 Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
                 document.dispatchEvent(new Event("visibilitychange"));
               }""",
            hidden,
        )

    hide(True)
    page.clock.fast_forward(6 * 60_000)
    expect(page.locator('[data-stream="lost"]')).to_have_count(1)
    house.run_through("cfo", "Compter sans témoin")
    assert page.get_by_text("Compter sans témoin").count() == 0
    hide(False)
    expect(page.locator('[data-stream="live"]')).to_have_count(1)
    expect(page.locator(".feed__row", has_text="Compter sans témoin").first).to_be_visible()
    assert same(page)
