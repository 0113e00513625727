"""The pages, as a browser without scripts gets them."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from palais import create_app
from palais.domain.changes import RunChanged
from palais.domain.events import RunEnded, RunStatus, Usage, UsageReported
from palais.store import journal
from palais.store.link import LinkFacts, LinkState, record
from tests.database import Scribe, keyed, settings
from tests.store.rows import NOW, court, entries, line, named, registered, run, seen
from tests.store.spending import call, spend

EVIL = "</script><script>alert('1')</script>\"'><img src=x onerror=alert(2)>"
CALL = Usage(1000, 234, cost=1.5, model="opus", at=NOW)
EVERY_PAGE = ["/agents", "/agents/builder", "/agents/builder/traces/run-1", "/activity"]


class Page(HTMLParser):
    """What a browser makes of a page: its elements, its words, and what would run."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._words: list[str] = []
        self.feed(answer.get_data(as_text=True))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is None:  # not a script's data
            self._words.append(data)

    @property
    def words(self) -> str:
        """What is to be read, each white space of whatever kind as one space."""
        return " ".join(" ".join(self._words).split())

    def having(self, attribute: str) -> list[dict[str, str | None]]:
        return [attrs for _, attrs in self.elements if attribute in attrs]

    def tags(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.elements if tag == name]


def page(client: FlaskClient, path: str) -> Page:
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert answer.mimetype == "text/html"
    return Page(answer)


def gateway(engine: Engine, facts: LinkFacts) -> None:
    with engine.connect() as conn:
        record(conn, facts)


@pytest.fixture
def at_work(scribe: Scribe) -> None:
    """Let Imhotep finish one run and begin another, and Thot be idle."""
    scribe.write(
        registered("builder", name="Imhotep", persona="Architecte", model="anthropic/opus"),
        registered("writer", name="Thot"),
        seen("run-1", task="Draw the plan"),
        UsageReported(
            "c1", "builder", NOW, Usage(1000, 234, cost=1.5, model="opus", at=NOW), "run-1"
        ),
        RunEnded("builder", RunStatus.COMPLETED, NOW, "run-1", summary="The plan is drawn."),
        seen("run-2", at=NOW + 1, task="Lay the stones", activity="typing"),
    )


@pytest.fixture
def evil(engine: Engine) -> None:
    """Let everything that a gateway can name be hostile."""
    agent = named(name=EVIL, persona=EVIL, bio=EVIL, emoji=EVIL, model=EVIL, task=EVIL)
    hostile = run(
        status=RunStatus.FAILED,
        conversation=EVIL,
        ended_at=NOW,
        **dict.fromkeys(("model", "task", "summary", "error"), EVIL),
    )
    told = line(EVIL, session_id="run-1", fields={"task": EVIL, "status": "error", "error": EVIL})
    with engine.connect() as conn:
        journal.commit(conn, entries(*court(agent=agent), RunChanged(hostile), told))
        record(conn, LinkFacts(LinkState.OFFLINE, reason=EVIL, server_version=EVIL))


def test_the_house_leads_to_the_court(client: FlaskClient) -> None:
    answer = client.get("/")

    assert (answer.status_code, answer.location) == (302, "/agents")


@pytest.mark.usefixtures("at_work")
def test_every_agent_has_a_card_with_what_it_is_and_does(client: FlaskClient) -> None:
    court = page(client, "/agents")

    cards = [(card["data-agent-id"], card["data-status"]) for card in court.having("data-activity")]
    assert cards[:2] == [("builder", "busy"), ("writer", "idle")]
    for told in ("Imhotep", "Architecte", "Au travail", "Lay the stones", "opus", "1,50"):
        assert told in court.words


@pytest.mark.usefixtures("at_work")
def test_an_agent_s_page_shows_its_figures_and_leads_to_its_sessions(client: FlaskClient) -> None:
    builder = page(client, "/agents/builder")

    links = {attrs.get("href") for attrs in builder.tags("a")}
    assert {f"/agents/builder/traces/{name}" for name in ("run-1", "run-2")} <= links
    for told in ("Imhotep", "1 234", "1,50 $", "Draw the plan", "Terminée", "En cours"):
        assert told in builder.words


@pytest.mark.usefixtures("at_work")
def test_a_session_s_page_shows_its_own_facts(client: FlaskClient) -> None:
    session = page(client, "/agents/builder/traces/run-1")

    for told in ("Draw the plan", "Terminée", "opus", "The plan is drawn.", "run-1"):
        assert told in session.words


@pytest.mark.usefixtures("at_work")
def test_history_is_shown_newest_first_and_links_to_its_agents(client: FlaskClient) -> None:
    history = page(client, "/activity")

    rows = [int(row["data-id"] or 0) for row in history.having("data-tone") if row["data-id"]]
    assert rows == sorted(rows, reverse=True)
    assert len(rows) >= 3
    assert {"/agents/builder", "/agents/writer"} <= {a.get("href") for a in history.tags("a")}


def test_an_empty_court_says_what_to_do_next(client: FlaskClient) -> None:
    court = page(client, "/agents")

    assert "flask agents seed" in court.words
    assert "Aucune activité récente" in court.words


def test_an_agent_without_a_session_says_so(client: FlaskClient, two_agents: None) -> None:
    assert "Aucune session pour l’instant" in page(client, "/agents/builder").words


@pytest.mark.parametrize("path", ["/agents/nobody", "/agents/builder/traces/nothing", "/nowhere"])
def test_a_page_that_does_not_exist_leads_back_to_the_court(
    client: FlaskClient, two_agents: None, path: str
) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    missing = Page(answer)
    assert "Introuvable" in missing.words
    assert "/agents" in {attrs.get("href") for attrs in missing.tags("a")}


def test_a_page_that_does_not_exist_says_nothing_of_a_gateway_it_did_not_ask_after(
    client: FlaskClient, engine: Engine
) -> None:
    gateway(engine, LinkFacts(LinkState.CONNECTED))

    missing = Page(client.get("/nowhere"))

    assert "Passerelle injoignable" not in missing.words


@pytest.mark.usefixtures("evil")
@pytest.mark.parametrize("path", EVERY_PAGE)
def test_nothing_that_a_gateway_says_becomes_an_element_or_a_script(
    client: FlaskClient, path: str
) -> None:
    hostile = page(client, path)

    assert EVIL in hostile.words
    assert [attrs for attrs in hostile.tags("img") if attrs.get("src") == "x"] == []
    assert not hostile.having("onerror")
    assert {attrs.get("type") for attrs in hostile.tags("script")} <= {"module", "application/json"}


@pytest.mark.usefixtures("at_work")
@pytest.mark.parametrize("path", [*EVERY_PAGE, "/nowhere"])
def test_a_page_runs_and_styles_nothing_but_files_of_its_own(
    client: FlaskClient, path: str
) -> None:
    answer = client.get(path)
    shown = Page(answer)

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert not shown.having("style")
    assert shown.tags("style") == []
    loaded = [attrs.get("src") or "" for attrs in shown.tags("script") if "src" in attrs]
    loaded += [attrs["href"] or "" for attrs in shown.tags("link")]
    assert loaded
    assert all(re.match(r"/static/", address) for address in loaded)


@pytest.mark.usefixtures("at_work")
@pytest.mark.parametrize("path", [*EVERY_PAGE, "/nowhere"])
def test_every_file_that_a_page_asks_for_is_there(client: FlaskClient, path: str) -> None:
    shown = Page(client.get(path))
    asked = {attrs.get(name) for name in ("src", "href") for _, attrs in shown.elements}

    for address in (one.partition("#")[0] for one in asked if one and one.startswith("/static/")):
        with client.get(address) as answer:
            assert answer.status_code == 200, address


@pytest.mark.usefixtures("at_work")
@pytest.mark.parametrize("path", EVERY_PAGE)
def test_a_page_carries_the_cursor_of_what_it_shows(
    client: FlaskClient, path: str, append: Callable[..., None]
) -> None:
    head = client.get("/api/health").json["stream"]["head"]

    text = client.get(path).text

    [data] = re.findall(r'id="palais-data"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert json.loads(data)["cursor"] == f"k3f9.{head}"


@pytest.mark.parametrize(
    ("url", "version", "shown"),
    [(None, None, True), ("ws://gateway:1", "2026.9.6", False), ("ws://gateway:1", "demo-1", True)],
)
def test_a_simulated_gateway_is_called_a_demo_on_every_page(
    database_url: str,
    tmp_path: Path,
    engine: Engine,
    at_work: None,
    url: str | None,
    version: str | None,
    shown: bool,
) -> None:
    gateway(engine, LinkFacts(LinkState.CONNECTED, server_version=version))
    client = keyed(create_app(settings(database_url, tmp_path, gateway_url=url)))

    told = {path: "DEMO" in page(client, path).words for path in EVERY_PAGE}

    assert told == dict.fromkeys(EVERY_PAGE, shown)


@pytest.mark.usefixtures("at_work")
@pytest.mark.parametrize(
    ("facts", "word", "said"),
    [
        (LinkFacts(LinkState.CONNECTED), "connectée", None),
        (LinkFacts(LinkState.OFFLINE, "It was stopped."), "injoignable", "Passerelle injoignable"),
        (LinkFacts(LinkState.REFUSED, "Wrong token."), "refusée", "Wrong token."),
    ],
)
def test_a_lost_gateway_is_said_once_and_nobody_is_painted_offline_for_it(
    client: FlaskClient, engine: Engine, facts: LinkFacts, word: str, said: str | None
) -> None:
    gateway(engine, facts)

    court = page(client, "/agents")

    [link] = court.having("data-gateway")
    assert link["data-gateway"] == facts.state.value
    assert word in court.words
    [banner] = [attrs for attrs in court.having("data-notice") if attrs["data-notice"] == "gateway"]
    assert ("hidden" in banner) is (said is None)
    assert (said or "") in court.words
    cards = court.having("data-observed")[:2]
    assert [card["data-status"] for card in cards] == ["busy", "idle"]
    assert {card["data-observed"] for card in cards} == {str(said is None).lower()}


@pytest.mark.parametrize("path", ["/agents", "/agents/builder"])
def test_a_cost_says_how_many_calls_it_lacks(
    client: FlaskClient, engine: Engine, path: str
) -> None:
    with engine.begin() as conn:
        spend(conn, *(call(datetime.now(UTC), cost) for cost in (1.0, None, None)))

    costs = [tag for tag in page(client, path).having("data-fact") if tag["data-fact"] == "cost"]

    assert "+ 2\u00a0appels sans prix connu" in {tag["title"] for tag in costs}
