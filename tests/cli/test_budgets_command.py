"""``flask budgets``."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from tests.database import Database, Scribe
from tests.store.rows import registered


@pytest.fixture
def flask(app: Flask, scribe: Scribe) -> FlaskCliRunner:
    scribe.write(registered("builder"))
    return app.test_cli_runner()


def told(flask: FlaskCliRunner, *args: str) -> tuple[int, str]:
    outcome = flask.invoke(args=["budgets", *args])
    return outcome.exit_code, outcome.output


def test_a_budget_is_set_changed_and_left_as_it_is(flask: FlaskCliRunner) -> None:
    assert told(flask, "set", "builder", "--day", "10", "--month", "99.5") == (
        0,
        "builder, day: set to 10.00 USD\nbuilder, month: set to 99.50 USD\n",
    )
    assert told(flask, "set", "builder", "--day", "10.00") == (0, "builder, day: unchanged\n")
    assert told(flask, "set", "fleet", "--day", "0.0000000001") == (
        0,
        "fleet, day: set to 0.0000000001 USD\n",
    )


def test_budgets_are_listed_with_what_is_spent(flask: FlaskCliRunner) -> None:
    assert told(flask, "list") == (
        0,
        "No budgets yet. Run: flask budgets set AGENT|fleet --day USD\n",
    )
    told(flask, "set", "builder", "--month", "10")
    told(flask, "set", "fleet", "--day", "5")

    code, lines = told(flask, "list")

    assert code == 0
    fleet, builder = lines.splitlines()
    assert fleet.startswith("fleet        day   0.00 of 5.00 USD (0%) since ")
    assert builder.startswith("builder      month 0.00 of 10.00 USD (0%) since ")


def test_a_budget_is_cleared_once(flask: FlaskCliRunner, database: Database) -> None:
    told(flask, "set", "builder", "--day", "10", "--month", "99")

    assert told(flask, "clear", "builder", "--day") == (0, "builder, day: cleared\n")
    assert told(flask, "clear", "builder") == (
        0,
        "builder, day: there is no such budget\nbuilder, month: cleared\n",
    )
    assert told(flask, "clear", "builder")[0] == 1
    assert database.value("SELECT count(*) FROM budgets") == 0


@pytest.mark.parametrize("command", [["set", "--day", "1"], ["clear"]])
def test_an_agent_that_there_is_not_has_no_budget(
    flask: FlaskCliRunner, command: list[str]
) -> None:
    name, *options = command

    assert told(flask, name, "nobody", *options) == (
        1,
        "Error: There is no agent 'nobody'. To see who there is, run: flask agents list\n",
    )


@pytest.mark.parametrize("amount", ["0", "-1", "ten", "nan", "1e12", "0.00000000001"])
def test_an_amount_that_is_none_is_asked_wrongly(
    flask: FlaskCliRunner, database: Database, amount: str
) -> None:
    code, words = told(flask, "set", "builder", f"--month={amount}", "--day", "1")

    assert code == 2
    assert "amount" in words
    assert database.value("SELECT count(*) FROM budgets") == 0


def test_to_set_no_amount_is_asked_wrongly(flask: FlaskCliRunner) -> None:
    code, words = told(flask, "set", "builder")

    assert code == 2
    assert "Say how much: --day USD, --month USD, or both." in words
