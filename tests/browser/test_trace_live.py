"""The page of a session: what it misses nothing of, and what its sums have in them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import Engine, create_engine, update

from palais.store import embedded
from palais.store.models import SessionRow
from tests.browser.conftest import House, Opener
from tests.browser.test_trace import ready
from tests.store.rows import NOW
from tests.web import traced
from tests.web.traced import at, session, step, steps, tell

pytestmark = pytest.mark.browser

MADE_RIGHT = """async () => {
  const base = document.querySelector("script[type=module]").src;
  const { resync } = await import(new URL("resync.js", base));
  const { tellRenewed } = await import(new URL("heard.js", base));
  if (await resync()) tellRenewed();
}"""
"""What main.js does once the stream is back: events that came meanwhile are not told again."""


@pytest.fixture(scope="module")
def records(house: House) -> Iterator[Engine]:
    with embedded.join(house.cockpit.folder / "instance") as postgres:
        engine = create_engine(postgres.url)
        yield engine
        traced.end_all(engine)
        engine.dispose()


def test_a_session_that_ended_while_the_stream_was_away_stands_still(
    records: Engine, open_page: Opener
) -> None:
    session(records, "left", status="running", ended_at=None)
    page = ready(open_page("/agents/builder/traces/left"))
    ghost = page.locator("[data-ghost]")
    expect(ghost).to_be_visible()
    with records.begin() as conn:
        ended = {"status": "completed", "ended_at": at(60)}
        conn.execute(update(SessionRow).where(SessionRow.id == "left").values(ended))
    page.evaluate(MADE_RIGHT)
    expect(page.locator('[data-fact="run-word"]')).to_have_text("Terminée")
    expect(ghost).to_be_hidden()


def test_what_is_with_and_what_without_the_sub_agents_is_told_apart(
    records: Engine, open_page: Opener
) -> None:
    session(records, "whole", tokens=1000, cost=0.0042)
    session(records, "part", "writer")
    child = {"child_session_id": "part", "child_agent_id": "writer"}
    call = {"type": "llm_call", "ended_at": at(2)}
    steps(
        records,
        "whole",
        step("m1", **call, tokens_in=1000, cost=0.0042),
        step("d1", type="delegation", name="sessions_spawn", **child),
    )
    steps(records, "part", step("m1", **call, tokens_in=200), step("t1", title="Exec: make"))
    path = "/agents/builder/traces/whole"
    served = open_page(path, java_script_enabled=False)
    for page in (served, ready(open_page(path))):
        told = page.locator('[data-sum] [data-fact="together"]')
        expect(told).to_have_text(
            "avec les sous-agents\u00a0: 1\u202f200\u00a0jetons, ≥\u00a00,0042\u00a0$"
        )
        expect(page.locator('[data-fact="run-cost"]')).to_have_text("0,0042\u00a0$")
        expect(page.locator("[data-alone]").first).to_be_visible()
        titled = page.locator('.step[data-span="part/t1"]')
        expect(titled.locator('[data-fact="name"]')).to_have_text("Exec: make")
        expect(titled.locator('[data-fact="title"]')).to_be_empty()


HEAR = """async () => {
  const base = document.querySelector("script[type=module]").src;
  const { listen, tellRenewed } = await import(new URL("heard.js", base));
  listen({ event: ({ span }) => (window.heard = span?.id), renewed() {} });
  tellRenewed();
}"""


def test_a_step_that_is_told_while_the_steps_are_being_fetched_is_kept(
    records: Engine, open_page: Opener
) -> None:
    session(records, "late", status="running", ended_at=None)
    steps(records, "late", step("t1", status="running"))
    page = ready(open_page("/agents/builder/traces/late"))
    address = page.locator("[data-steps]").get_attribute("data-spans") or ""
    before = page.request.get(address).text()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/spans?*", hold)
    with page.expect_request("**/spans?*"):
        page.evaluate(HEAR)
    tell(records, "span.completed", "late", id="t1", status="ok", started_at=NOW, ended_at=NOW + 9)
    tell(records, "span.started", "late", id="t2", status="running", started_at=NOW)
    page.wait_for_function("window.heard === 't2'")
    held[0].fulfill(body=before, content_type="application/json")
    expect(page.locator('.step[data-span="t1"]')).to_have_attribute("data-state", "ok")
    expect(page.locator('.step[data-span="t2"]')).to_have_attribute("data-state", "running")
