"""What hostile agents say, all the way: through the listener and Postgres to whoever asks."""

import html
import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from palais.live.sse import agent_event
from palais.log import JsonFormatter, TextFormatter
from tests.database import Database
from tests.hostile import HOSTILE, NAMED_LIKE_PROPERTIES, NO_IDS, PICTURES, agent, end, life
from tests.live.reading import Reader
from tests.runtime.scripted import HELLO, Script, Until, busy, on_record

IDS = [f"h{number}" for number in range(len(HOSTILE))]
PAGES = ["/agents", "/activity", *(f"/agents/{agent_id}" for agent_id in IDS)]
ELEMENTS = re.compile(r"<(script|img|svg|base|iframe|a|link|form)\b[^>]*>", re.IGNORECASE)
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\u2028\u2029]")


def heard(script: Script, database: Database, *frames: Any) -> None:
    """Let the gateway say this, and wait until what it says last is on record."""
    script.play([HELLO, *frames, busy("all is said"), on_record(database, "all is said")])


@pytest.fixture
def court(script: Script, database: Database) -> None:
    """Put agents on record who say every hostile thing, each wherever it can."""
    said: list[Any] = []
    for agent_id, words in zip(IDS, HOSTILE, strict=True):
        said += [agent(agent_id, words), *life(agent_id, f"{agent_id}-r", words)]
        said += [end(agent_id, f"{agent_id}-r", words), *life(agent_id, f"{agent_id}-s", words)]
    heard(script, database, *said)


@pytest.mark.usefixtures("court")
def test_pages_show_it_as_text(client: FlaskClient, database: Database) -> None:
    sessions = [f"/agents/{one}/traces/{one}-r" for one in IDS]
    for path in (*PAGES, *sessions):
        page = client.get(path)
        assert page.status_code == 200, path
        assert CONTROL.search(page.text) is None, path
        assert not re.search(r">\s*49\s*<", page.text), path
        for tag in ELEMENTS.finditer(page.text):
            assert not re.search(r"\son\w+=|javascript:|evil\.example", html.unescape(tag[0])), path
        assert page.text.count("</script>") == len(re.findall(r"<script\b", page.text)), path
        assert len(page.data) < 600_000, path


@pytest.mark.usefixtures("court")
def test_every_answer_of_the_api_is_one_clean_document(client: FlaskClient) -> None:
    paths = ["/api/v1/agents", "/api/v1/activity?limit=200"]
    for one in IDS:
        of = f"/api/v1/agents/{one}"
        paths += [of, f"{of}/sessions"]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.mimetype == "application/json"
        assert CONTROL.search(json.dumps(answer.get_json(), ensure_ascii=False)) is None, path


@pytest.mark.usefixtures("court")
def test_no_event_of_the_stream_holds_another(database: Database) -> None:
    rows = database.run("SELECT id, agent_id, type, data::text FROM activity_log ORDER BY id")
    assert len(rows) > 5 * len(HOSTILE)
    for row_id, agent_id, kind, data in rows:
        told = agent_event("k3f9", row_id, agent_id, kind, data)  # type: ignore[arg-type]
        (seen,) = Reader().feed(told.data)
        assert (seen.name, seen.last_id) == ("agent", f"k3f9.{row_id}")
        assert seen.body["type"] == kind
        assert len(told.data) < 40_000


@pytest.mark.usefixtures("court")
def test_a_scrape_stays_one_sample_a_line(client: FlaskClient) -> None:
    told = client.get("/metrics")
    assert told.status_code == 200
    assert all(
        re.match(r"# |[a-z_]+(\{[^\n]*\})? [\d.e+-]+$", one) for one in told.text.splitlines()
    )


@pytest.mark.usefixtures("court")
def test_a_terminal_is_told_nothing_but_lines(app: Flask) -> None:
    told = app.test_cli_runner().invoke(args=["agents", "list"])
    assert told.exit_code == 0
    assert len(told.output.splitlines()) == len(IDS) + 1
    assert CONTROL.search(told.output) is None


def test_rows_that_something_else_wrote_are_shown_as_text_too(
    app: Flask, client: FlaskClient, database: Database
) -> None:
    evil = "\x1b[2J\u202e</script><script>window.__pwned=1</script>\nforged"
    for agent_id in ("__proto__", "constructor", "a b\n\x1b[31m", 'x"} 1\n#'):
        database.run(
            "INSERT INTO agents (id, name, persona, bio, model, avatar_url, current_task, status)"
            " VALUES (:id, :evil, :evil, :evil, :evil, :url, :evil, 'busy')",
            id=agent_id,
            evil=evil,
            url=PICTURES[0],
        )
    page = client.get("/agents")
    assert page.status_code == 200
    assert "<script>window" not in page.text
    assert "javascript:" not in page.text
    listed = app.test_cli_runner().invoke(args=["agents", "list"]).output
    assert len(listed.splitlines()) == 4
    assert "\x1b" not in listed
    assert "\u202e" not in listed
    assert client.get("/api/v1/agents").status_code == 200
    told = client.get("/metrics").text
    assert all(re.match(r"# |[a-z_]+(\{[^\n]*\})? [\d.e+-]+$", one) for one in told.splitlines())


def test_an_agent_may_be_called_like_a_property_but_not_like_a_path(
    script: Script, database: Database, client: FlaskClient
) -> None:
    ids = [*NAMED_LIKE_PROPERTIES, *NO_IDS]
    heard(script, database, *(agent(agent_id, "me") for agent_id in ids))
    known = {row["id"] for row in client.get("/api/v1/agents").get_json()}
    assert known == {"builder", *NAMED_LIKE_PROPERTIES}
    for agent_id in known:
        assert client.get(f"/agents/{agent_id}").status_code == 200


def test_no_picture_leads_outside_or_runs(
    script: Script, database: Database, client: FlaskClient
) -> None:
    heard(
        script,
        database,
        *(agent(f"p{number}", "me", avatarUrl=url) for number, url in enumerate(PICTURES)),
    )
    shown = re.findall(r'<img[^>]* src="([^"]*)"', client.get("/agents").text)
    assert all(re.match(r"data:image/|/avatars/", html.unescape(one)) for one in shown)


def test_figures_without_measure_break_no_page_and_no_scrape(
    script: Script, database: Database, client: FlaskClient
) -> None:
    boasts = [
        end("builder", f"r{number}", "x", tokens=tokens, cost=cost)
        for number in range(40)
        for tokens, cost in ((10**12, 10**6), (2**53, 1e15))
    ]
    heard(script, database, *boasts)
    assert database.value("SELECT count(*) FROM agent_sessions WHERE status = 'failed'") == 40
    database.run("UPDATE agent_sessions SET tokens = 9223372036854775807, cost = 9999999999")
    for path in ("/agents", "/agents/builder", "/api/v1/agents", "/metrics"):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("reason", ["\x00\x1b[2J\u202e\r\nERROR forged", "</script><b>" * 9])
def test_the_reason_that_a_gateway_gives_is_a_clean_line(
    script: Script, database: Database, reason: str, client: FlaskClient
) -> None:
    refused = {
        "type": "res",
        "id": "connect",
        "ok": False,
        "error": {"code": reason, "message": reason, "details": {"code": reason}},
    }
    challenge = {"type": "event", "event": "connect.challenge", "payload": {"nonce": "n", "ts": 1}}
    told = Until(lambda: database.value("SELECT state FROM gateway") == "refused")
    script.play([challenge, refused], [told])
    assert CONTROL.search(json.dumps(client.get("/api/health").get_json())) is None
    page = client.get("/agents").text
    assert CONTROL.search(page) is None
    assert "</script><b>" not in page


def test_no_line_of_the_log_is_forged(
    script: Script, database: Database, palais_log: pytest.LogCaptureFixture
) -> None:
    unknown = [{"type": f"x.{words}", "agentId": "builder"} for words in HOSTILE]
    strangers = [{"type": "agent.status", "agentId": words, "status": words} for words in HOSTILE]
    heard(script, database, *unknown, *strangers)
    assert len(palais_log.records) > len(HOSTILE) / 2
    for record in palais_log.records:
        for formatter in (TextFormatter(), JsonFormatter()):
            line = formatter.format(record)
            assert CONTROL.search(line) is None
            assert len(line.splitlines()) == 1
            assert len(line) < 4_000
