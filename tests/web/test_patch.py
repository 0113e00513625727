"""PATCH /api/v1/agents/<id> and its form: what is refused, and that nothing is lost by it."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.database import Database

pytestmark = pytest.mark.usefixtures("two_agents")

BUILDER = "/api/v1/agents/builder"


def words(writer: FlaskClient) -> tuple[str, str]:
    told = writer.get(BUILDER).json
    return told["persona"], told["bio"]


def test_a_patch_changes_what_it_names_and_answers_with_the_agent(writer: FlaskClient) -> None:
    answer = writer.patch(BUILDER, json={"bio": "Bâtit des ponts."})

    assert answer.status_code == 200
    assert answer.json == writer.get(BUILDER).json
    assert answer.json["bio"] == "Bâtit des ponts."
    assert writer.patch(BUILDER, json={"persona": "Maçon"}).json["bio"] == "Bâtit des ponts."
    assert words(writer) == ("Maçon", "Bâtit des ponts.")


def test_an_empty_text_is_a_text_and_blanks_around_one_are_not(writer: FlaskClient) -> None:
    writer.patch(BUILDER, json={"persona": "  Maçon ", "bio": "x"})
    writer.patch(BUILDER, json={"bio": ""})

    assert words(writer) == ("Maçon", "")


def test_a_text_may_be_as_long_as_its_limit_in_any_script(writer: FlaskClient) -> None:
    longest = {"persona": "é" * 300, "bio": "日" * 599 + "👩‍🚀"[0]}

    assert writer.patch(BUILDER, json=longest).status_code == 200
    assert words(writer) == (longest["persona"], longest["bio"])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "Nothing to change"),
        ([], "must be a JSON object"),
        ("persona", "must be a JSON object"),
        ({"name": "Imhotep"}, "Unknown field: name"),
        ({"persona": "ok", "Bio": "x"}, "Unknown field: Bio"),
        ({"persona": None}, "persona must be a text"),
        ({"persona": 7}, "persona must be a text"),
        ({"bio": ["x"]}, "bio must be a text"),
        ({"bio": {"x": 1}}, "bio must be a text"),
        ({"bio": True}, "bio must be a text"),
        ({"persona": "x" * 301}, "persona has more than 300"),
        ({"bio": "x" * 601}, "bio has more than 600"),
        ({"persona": "a\0b"}, "persona holds a line break, control"),
        ({"persona": "a\nb"}, "persona holds a line break, control"),
        ({"persona": "a\u202eb"}, "persona holds a line break, control"),
        ({"bio": "a\x1b[31mb"}, "bio holds a line break, control"),
        ({"bio": "\ud800"}, "bio holds a line break, control"),
        ({"bio": "Z" + "\u0301" * 99}, "bio holds a line break, control"),
        ({"persona": "\u3164"}, "persona holds a line break, control"),
        ({"persona": "fine", "bio": "a\0b"}, "bio holds a line break, control"),
    ],
)
def test_a_bad_body_is_refused_with_a_sentence_and_changes_nothing(
    writer: FlaskClient, database: Database, body: Any, said: str
) -> None:
    before = words(writer)

    answer = writer.patch(BUILDER, json=body)

    assert answer.status_code == 400
    assert answer.json["error"]["code"] == "bad_request"
    assert said in answer.json["error"]["message"]
    assert words(writer) == before
    assert database.value("SELECT count(*) FROM agent_edits") == 0


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"null", "application/json"),
        (b"{", "application/json"),
        (b"\xff", "application/json"),
        (b'{"bio":"x"}', "text/plain"),
    ],
)
def test_what_is_no_json_is_refused(writer: FlaskClient, data: bytes, kind: str) -> None:
    answer = writer.patch(BUILDER, data=data, content_type=kind)

    assert answer.status_code == 400
    assert "JSON" in answer.json["error"]["message"]


@pytest.mark.parametrize("agent_id", ["nobody", "-", "a b", "x" * 200])
def test_nobody_cannot_be_edited(writer: FlaskClient, agent_id: str) -> None:
    answer = writer.patch(f"/api/v1/agents/{agent_id}", json={"bio": "x"})

    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")


def test_the_form_does_the_same_and_leads_back_to_the_page(writer: FlaskClient) -> None:
    answer = writer.post("/agents/builder", data={"persona": "Maçon", "bio": "Bâtit\r\ndes ponts."})

    assert (answer.status_code, answer.location) == (303, "/agents/builder")
    assert words(writer) == ("Maçon", "Bâtit des ponts.")


def test_a_form_that_is_refused_says_why_and_keeps_what_was_written(writer: FlaskClient) -> None:
    typed = "x" * 601

    answer = writer.post("/agents/builder", data={"persona": "Maçon", "bio": typed})

    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert f">{typed}</textarea>" in answer.text
    assert 'value="Maçon"' in answer.text
    assert "Rien n’est enregistré" in answer.text
    assert words(writer) == ("", "")


def test_a_form_for_nobody_leads_back_to_the_court(writer: FlaskClient) -> None:
    assert writer.post("/agents/nobody", data={"bio": "x"}).status_code == 404
    assert writer.post("/agents/builder", data={}).status_code == 400


@pytest.mark.parametrize("depth", [500, 1_000, 20_000])
def test_a_body_that_is_nested_without_end_is_refused(writer: FlaskClient, depth: int) -> None:
    nested = '{"bio":' + "[" * depth + "]" * depth + "}"
    answer = writer.patch(BUILDER, data=nested, content_type="application/json")
    assert answer.status_code == 400
