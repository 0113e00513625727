"""``flask agents``."""

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import Engine

from palais import create_app
from palais.domain.events import Status, StatusReported
from palais.store.link import LinkFacts, LinkState, record
from tests.database import Database, Scribe, settings
from tests.store.rows import NOW, registered

NOBODY = "postgresql+psycopg2://palais:hush@127.0.0.1:9/palais"


@pytest.fixture
def flask(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_seeding_makes_the_ten_of_the_court_and_then_leaves_them(flask: FlaskCliRunner) -> None:
    first = flask.invoke(args=["agents", "seed"])
    second = flask.invoke(args=["agents", "seed"])

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout.splitlines()[:2] == ["concierge: created", "builder: created"]
    assert len(first.stdout.splitlines()) == 10
    assert second.stdout == first.stdout.replace("created", "unchanged")


def test_a_file_can_name_other_agents(
    flask: FlaskCliRunner, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "agents.json"
    file.write_text(json.dumps([{"id": "scout", "name": "Éclaireur"}]), encoding="utf-8")

    told = flask.invoke(args=["agents", "seed", str(file)])

    assert (told.exit_code, told.stdout) == (0, "scout: created\n")
    assert database.run("SELECT id, name FROM agents") == [("scout", "Éclaireur")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[{"id": "scout"}]', "agent 1: the name is missing."),
        ("{", "is not JSON"),
        (None, "cannot be read: No such file or directory."),
    ],
)
def test_a_bad_file_is_one_sentence_and_exit_code_2(
    flask: FlaskCliRunner, database: Database, tmp_path: Path, content: str | None, said: str
) -> None:
    file = tmp_path / "agents.json"
    if content is not None:
        file.write_text(content)

    told = flask.invoke(args=["agents", "seed", str(file)])

    assert (told.exit_code, told.stdout) == (2, "")
    [sentence] = told.stderr.splitlines()
    assert sentence.startswith(f"Error: {file}")
    assert said in sentence
    assert database.value("SELECT count(*) FROM agents") == 0


def test_agents_are_listed_with_what_they_do(
    flask: FlaskCliRunner, scribe: Scribe, engine: Engine
) -> None:
    scribe.write(
        registered("builder", name="Imhotep"),
        registered("writer", name="Thot"),
        StatusReported("builder", Status.BUSY, NOW, task="Draw the plan"),
    )
    with engine.connect() as conn:
        record(conn, LinkFacts(LinkState.CONNECTED))

    told = flask.invoke(args=["agents", "list"])

    assert told.exit_code == 0
    assert told.stdout.splitlines() == [
        "builder      Imhotep        busy: Draw the plan",
        "writer       Thot           idle",
    ]


def test_a_status_that_is_not_observed_now_is_listed_as_such(
    flask: FlaskCliRunner, scribe: Scribe
) -> None:
    scribe.write(registered("writer", name="Thot"))

    told = flask.invoke(args=["agents", "list"])

    assert told.stdout == "writer       Thot           idle (not observed now)\n"


def test_an_empty_court_says_what_to_run(flask: FlaskCliRunner) -> None:
    told = flask.invoke(args=["agents", "list"])

    assert (told.exit_code, told.stdout) == (0, "No agents yet. Run: flask agents seed\n")


def test_a_database_without_tables_says_what_to_run(
    flask: FlaskCliRunner, database: Database
) -> None:
    database.run("ALTER TABLE agents RENAME TO elsewhere")
    try:
        told = flask.invoke(args=["agents", "list"])
    finally:
        database.run("ALTER TABLE elsewhere RENAME TO agents")

    assert told.exit_code == 1
    assert told.stderr == "Error: The database has no tables yet. Run: flask db upgrade\n"


@pytest.mark.parametrize("command", [["agents", "list"], ["agents", "seed"]])
def test_a_database_that_is_away_is_one_sentence_without_its_password(
    tmp_path: Path, command: list[str]
) -> None:
    lost = create_app(settings(NOBODY, tmp_path)).test_cli_runner()

    told = lost.invoke(args=command)

    assert told.exit_code == 1
    [sentence] = told.stderr.splitlines()
    assert sentence.startswith("Error: Postgres does not answer")
    assert "DATABASE_URL" in sentence
    assert "hush" not in sentence


def test_a_command_neither_listens_nor_takes_the_lease(
    app: Flask, flask: FlaskCliRunner, database: Database
) -> None:
    flask.invoke(args=["agents", "seed"])
    flask.invoke(args=["agents", "list"])

    assert "palais.runtime" not in app.extensions
    assert database.value("SELECT holder_since FROM gateway") is None
