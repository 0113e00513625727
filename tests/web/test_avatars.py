"""Portraits as the page gets them: for ever where they are what their name says."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from palais.avatars.files import Folder
from palais.avatars.studio import Studio
from palais.domain.events import AgentRegistered, Profile
from palais.store import portraits
from tests.database import Database, Scribe
from tests.store.rows import NOW

URL = "SELECT '/avatars/' || file FROM portraits WHERE agent_id = :id"


@pytest.fixture(autouse=True)
def court(scribe: Scribe) -> None:
    scribe.write(AgentRegistered(Profile("scout", "Scout", "Finds paths"), NOW))


def test_an_agent_that_was_never_drawn_is_drawn_when_it_is_first_shown(
    client: FlaskClient, database: Database
) -> None:
    [agent] = client.get("/api/v1/agents").json
    assert agent["avatarUrl"] == "/avatars/agents/scout"

    led = client.get(agent["avatarUrl"])

    assert (led.status_code, led.headers["Cache-Control"]) == (302, "no-store")
    assert led.location == database.value(URL, id="scout")
    assert client.get("/api/v1/agents/scout").json["avatarUrl"] == led.location


def test_a_portrait_is_for_ever_of_its_own_type_and_runs_nothing(client: FlaskClient) -> None:
    url = client.get("/avatars/agents/scout").location

    answer = client.get(url)

    assert answer.data.startswith(b"<svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("kind", "start"),
    [("png", b"\x89PNG"), ("webp", b"RIFF"), ("-512.png", b"\x89PNG")],
)
def test_it_is_there_as_a_picture_of_pixels_too(
    client: FlaskClient, kind: str, start: bytes
) -> None:
    stem = client.get("/avatars/agents/scout").location.removesuffix(".svg")

    answer = client.get(f"{stem}{kind if kind.startswith('-') else '.' + kind}")

    assert (answer.status_code, answer.data[:4]) == (200, start)


@pytest.mark.parametrize(
    "name",
    ["x.svg", "0" * 32 + ".svg", "0" * 32 + ".html", "..%2fsecret_key", "0" * 32, ".draft-a"],
)
def test_no_other_name_leads_to_a_file(client: FlaskClient, name: str) -> None:
    assert client.get(f"/avatars/{name}").status_code == 404


def test_a_host_that_lacks_the_file_draws_it_again(
    client: FlaskClient, tmp_path: Path, app: Flask
) -> None:
    url = client.get("/avatars/agents/scout").location
    before = client.get(url).data
    folder = app.extensions["palais.settings"].data_dir / "avatars"
    for path in folder.iterdir():
        path.unlink()

    again = client.get(url)

    assert again.data == before
    assert "immutable" in again.headers["Cache-Control"]
    assert (folder / url.rpartition("/")[2]).is_file()


def test_a_picture_of_another_host_is_stood_in_for_and_not_remembered(
    client: FlaskClient, engine: Engine, database: Database
) -> None:
    [sitter] = _sitters(engine)
    with engine.begin() as conn:
        portraits.keep(conn, sitter, "a" * 32 + ".webp", "image", "x")

    answer = client.get(f"/avatars/{'a' * 32}.webp")

    assert answer.data[:4] == b"RIFF"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_button_makes_it_anew_and_tells_every_page(
    writer: FlaskClient, database: Database
) -> None:
    answer = writer.post("/api/v1/agents/scout/avatar")

    url = database.value(URL, id="scout")
    assert answer.json == {"id": "scout", "avatarUrl": url}
    told = database.value(
        "SELECT data->>'avatarUrl' FROM activity_log"
        " WHERE type = 'agent.registered' ORDER BY id DESC LIMIT 1"
    )
    assert told == url


def test_whoever_may_only_read_makes_nothing_anew(client: FlaskClient) -> None:
    assert client.post("/api/v1/agents/scout/avatar").status_code == 403


def test_a_form_is_led_back_to_the_agent(writer: FlaskClient) -> None:
    answer = writer.post("/api/v1/agents/scout/avatar", headers={"Accept": "text/html,*/*;q=0.8"})

    assert (answer.status_code, answer.location) == (303, "/agents/scout")


def test_nobody_is_nobody(client: FlaskClient, writer: FlaskClient) -> None:
    assert client.get("/avatars/agents/nobody").status_code == 404
    assert writer.post("/api/v1/agents/nobody/avatar").status_code == 404


def test_what_a_gateway_wishes_is_never_shown_as_it_came(
    client: FlaskClient, scribe: Scribe, database: Database
) -> None:
    client.get("/avatars/agents/scout")
    wish = "https://gateway.example/scout.png"
    scribe.write(AgentRegistered(Profile("scout", "Scout", avatar_url=wish), NOW + 1))

    assert client.get("/api/v1/agents/scout").json["avatarUrl"] == "/avatars/agents/scout"
    told = "SELECT data->>'avatarUrl' FROM activity_log ORDER BY id DESC LIMIT 1"
    assert database.value(told) == "/avatars/agents/scout"


def test_a_wish_that_cannot_be_had_leaves_the_studio_s_portrait(
    engine: Engine, scribe: Scribe, tmp_path: Path, database: Database
) -> None:
    wish = "https://10.0.0.1/scout.png"
    scribe.write(AgentRegistered(Profile("scout", "Scout", avatar_url=wish), NOW + 1))
    [sitter] = _sitters(engine)

    assert Studio(engine, Folder(tmp_path)).make(sitter) == "studio"
    assert database.value("SELECT asked IS NOT NULL FROM portraits") is True


def _sitters(engine: Engine) -> list[portraits.Sitter]:
    with engine.connect() as conn:
        return portraits.sitters(conn)
