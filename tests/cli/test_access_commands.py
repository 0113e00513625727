"""``flask keys``, ``flask password`` and ``flask login-link``."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from palais import create_app
from palais.store import password
from palais.store.models import db
from tests.database import Database, keyed, settings


@pytest.fixture
def flask(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_a_key_is_shown_once_and_only_its_hash_is_kept(
    flask: FlaskCliRunner, app: Flask, database: Database
) -> None:
    told = flask.invoke(args=["keys", "create", "laptop"])

    key = told.stdout.strip()
    assert told.exit_code == 0
    assert re.fullmatch(r"palais_[\w-]{43}", key)
    assert keyed(app, key).get("/api/v1/agents").status_code == 200
    assert key not in str(database.run("SELECT * FROM api_keys"))


def test_a_key_may_write_only_where_it_was_made_so(flask: FlaskCliRunner, app: Flask) -> None:
    reading = flask.invoke(args=["keys", "create", "one"]).stdout.strip()
    writing = flask.invoke(args=["keys", "create", "two", "--write"]).stdout.strip()

    assert keyed(app, reading).post("/logout").status_code == 403
    assert keyed(app, writing).post("/logout").status_code == 303


def test_keys_are_listed_with_what_they_may_and_when_they_were_used(
    flask: FlaskCliRunner, app: Flask
) -> None:
    assert flask.invoke(args=["keys", "list"]).stdout == (
        "No keys yet. Run: flask keys create NAME\n"
    )
    flask.invoke(args=["keys", "create", "two", "--write"])
    key = flask.invoke(args=["keys", "create", "one"]).stdout.strip()
    keyed(app, key).get("/api/v1/agents")

    told = flask.invoke(args=["keys", "list"]).stdout.splitlines()

    assert re.fullmatch(r"one +read  created \d{4}-\d\d-\d\d, used [\d-]+ \d\d:\d\d UTC", told[0])
    assert re.fullmatch(r"two +write created \d{4}-\d\d-\d\d, used never", told[1])


def test_a_name_is_taken_once(flask: FlaskCliRunner) -> None:
    flask.invoke(args=["keys", "create", "laptop"])

    again = flask.invoke(args=["keys", "create", "laptop", "--write"])

    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr.startswith("Error: There is a key laptop already.")


@pytest.mark.parametrize("name", ["", "a b", "-x", "é", "x" * 61, "a/b"])
def test_a_bad_name_is_exit_code_2(flask: FlaskCliRunner, name: str) -> None:
    assert flask.invoke(args=["keys", "create", "--", name]).exit_code == 2


def test_a_revoked_key_is_gone_and_one_that_never_was_is_said(
    flask: FlaskCliRunner, app: Flask
) -> None:
    key = flask.invoke(args=["keys", "create", "laptop"]).stdout.strip()

    told = flask.invoke(args=["keys", "revoke", "laptop"])
    again = flask.invoke(args=["keys", "revoke", "laptop"])

    assert (told.exit_code, told.stdout) == (0, "laptop: revoked\n")
    assert (again.exit_code, again.stdout) == (1, "laptop: there is no such key\n")
    assert keyed(app, key).get("/api/v1/agents").status_code == 401


def test_a_link_logs_in_once(flask: FlaskCliRunner, anonymous: FlaskClient) -> None:
    link = flask.invoke(args=["login-link"]).stdout.strip()

    token = re.fullmatch(r"http://127\.0\.0\.1:3300/login\?token=([\w-]{43})", link)
    assert token
    assert anonymous.post("/login", data={"token": token[1]}).status_code == 303


def matches(app: Flask, word: str) -> bool:
    with app.app_context(), db.engine.connect() as conn:
        return password.matches(password.admin(conn), word)


def test_a_password_is_read_from_standard_input(flask: FlaskCliRunner, app: Flask) -> None:
    told = flask.invoke(args=["password", "set"], input="sésame ouvre-toi\nmore\n")

    assert told.exit_code == 0
    assert "ouvre" not in told.output
    assert matches(app, "sésame ouvre-toi")


@pytest.mark.parametrize("given", ["", "\n", "eleven char\n"])
def test_a_password_that_is_none_changes_nothing(
    flask: FlaskCliRunner, app: Flask, given: str
) -> None:
    flask.invoke(args=["password", "set"], input="sésame ouvre-toi\n")

    told = flask.invoke(args=["password", "set"], input=given)

    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr == "Error: A password has at least 12 characters. Nothing was changed.\n"
    assert matches(app, "sésame ouvre-toi")


def test_the_environment_s_password_cannot_be_set_here(database_url: str, tmp_path: Path) -> None:
    app = create_app(settings(database_url, tmp_path, admin_password="hush hush"))

    told = app.test_cli_runner().invoke(args=["password", "set"], input="another one\n")

    assert told.exit_code == 2
    assert told.stderr.startswith("Error: PALAIS_ADMIN_PASSWORD is set, and wins.")
    assert "hush" not in told.output
