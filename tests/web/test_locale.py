"""Which language a page is in, and how a reader changes it."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from palais import create_app
from tests.database import settings

ONE_YEAR = 365 * 24 * 3600


def spoken(client: FlaskClient, accepted: str = "", path: str = "/nowhere") -> str:
    answer = client.get(path, headers={"Accept-Language": accepted} if accepted else {})
    language = answer.headers["Content-Language"]
    assert f'<html lang="{language}">' in answer.text
    return language


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "fr"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("fr-CD,fr;q=0.9,en;q=0.8", "fr"),
        ("de,en;q=0.5", "en"),
        ("de", "fr"),
        ("*", "fr"),
        ("en;q=0,fr;q=0.1", "fr"),
        ("\u00e9trange;;q=,", "fr"),
    ],
)
def test_a_page_speaks_what_the_browser_asks_for_else_french(
    client: FlaskClient, accepted: str, language: str
) -> None:
    assert spoken(client, accepted) == language


def test_the_operator_s_language_goes_before_the_browser_s(
    database_url: str, tmp_path: Path
) -> None:
    app = create_app(settings(database_url, tmp_path, locale="en"))

    assert spoken(app.test_client(), "fr", "/login") == "en"


def test_the_reader_s_own_choice_goes_before_all_others(database_url: str, tmp_path: Path) -> None:
    client = create_app(settings(database_url, tmp_path, locale="en")).test_client()

    client.post("/language/fr")
    assert spoken(client, "en", "/login") == "fr"
    client.post("/language/en")
    assert spoken(client, "fr", "/login") == "en"


def test_a_choice_that_is_no_language_of_ours_is_none(client: FlaskClient) -> None:
    client.set_cookie("palais_locale", "../en")

    assert spoken(client, "fr") == "fr"
    assert client.post("/language/de").status_code == 404


def test_a_choice_is_kept_for_a_year_where_no_script_reads_it(client: FlaskClient) -> None:
    client.post("/language/en", base_url="https://localhost")

    cookie = client.get_cookie("palais_locale")
    assert cookie is not None
    assert (cookie.value, cookie.max_age, cookie.path) == ("en", ONE_YEAR, "/")
    assert (cookie.http_only, cookie.same_site, cookie.secure) == (True, "Lax", True)


def test_no_address_that_is_merely_looked_at_changes_the_language(client: FlaskClient) -> None:
    answer = client.get("/language/en")

    assert answer.status_code == 405
    assert client.get_cookie("palais_locale") is None


@pytest.mark.parametrize(
    "place", ["/agents/builder", "/activity?types=gap&agents=a,b", "/", "/login?next=/costs"]
)
def test_whoever_chooses_is_led_back_to_the_page(client: FlaskClient, place: str) -> None:
    answer = client.post("/language/en", data={"next": place})

    assert (answer.status_code, answer.location) == (303, place)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "place",
    [
        *("", "agents", "https://evil.example/", "//evil.example", "/\\evil.example"),
        *("/\t/evil.example", "/a\r\nSet-Cookie: x=1", "javascript:alert(1)", "/\u00a0/evil"),
    ],
)
def test_nobody_is_led_to_another_host(client: FlaskClient, place: str) -> None:
    assert client.post("/language/en", data={"next": place}).location == "/agents"


def test_the_switch_names_each_language_in_itself_and_the_place_to_come_back_to(
    client: FlaskClient,
) -> None:
    page = client.get("/activity?agents=builder").text
    lost = client.get("/agents/né w\u20442?a=é&b=%26").text

    assert 'name="next" value="/agents/n%C3%A9%20w%E2%81%842?a=%C3%A9&amp;b=%26"' in lost
    assert 'name="next" value="/activity?agents=builder"' in page
    assert 'lang="fr" aria-current="true"' in page
    assert 'formaction="/language/en" lang="en"><' in page
    assert "English" in page


def test_caches_are_told_on_what_the_language_depends(client: FlaskClient) -> None:
    answer = client.get("/agents")

    assert {"Accept-Language", "Cookie"} <= set(answer.vary)


def test_the_api_speaks_english_to_everybody(client: FlaskClient) -> None:
    answers = [
        client.get("/api/v1/agents/nobody", headers={"Accept-Language": one})
        for one in ("fr", "en")
    ]

    assert answers[0].data == answers[1].data
    assert "Content-Language" not in answers[0].headers
    assert b"There is no agent" in answers[0].data


def test_outside_of_a_request_the_language_is_french(app: Flask) -> None:
    with app.test_request_context():
        assert app.jinja_env.from_string("{{ say('status.busy') }}").render() == "Au travail"
