"""What it costs: the page, the CSV and the API, on the same ledger."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests.database import Database
from tests.store.spending import call, gap, spend
from tests.web.conftest import Clock
from tests.web.test_openapi import valid
from tests.web.test_pages import EVIL, Page, page

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon(clock: Clock) -> Clock:
    """Let it be noon on a Monday."""
    return clock


def ledger(engine: Engine, *calls: dict[str, Any]) -> None:
    with engine.begin() as conn:
        spend(conn, *calls)


@pytest.fixture
def a_month(engine: Engine) -> None:
    """Let Imhotep spend a dollar each hour for a month, and Thot two at ten, on a model unnamed."""
    hours = [NOON - timedelta(minutes=30, hours=number) for number in range(24 * 40)]
    told = [call(at) for at in hours]
    told += [call(at, 2.0, agent="writer", model=None) for at in hours if at.hour == 10]
    ledger(engine, *told)


def json(client: FlaskClient, query: str = "") -> Any:
    answer = client.get(f"/api/v1/costs{query}")
    assert answer.status_code == 200, answer.text
    valid("Costs", answer.json)
    return answer.json


def table(client: FlaskClient, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/costs.csv{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_an_empty_ledger_says_what_fills_it(client: FlaskClient) -> None:
    shown = page(client, "/costs")

    assert "Le livre de comptes est vide" in shown.words
    assert "premier appel de modèle" in shown.words
    assert not shown.having("data-plot")
    told = json(client)
    assert (told["weekBefore"], told["forecast"], told["groups"]) == (None, None, [])
    assert {one["observed"] for one in told["days"]} == {None}
    assert {one["total"] is None for one in told["days"]} == {True}


@pytest.mark.usefixtures("a_month")
def test_the_figures_on_top_are_those_of_the_ledger(client: FlaskClient) -> None:
    words = page(client, "/costs").words

    # 12 hours of a dollar and Thot's two; as a week ago; as much again until midnight.
    assert "Aujourd’hui 14,00 $" in words
    assert "Par rapport à lundi dernier à cette heure 0,00 $" in words
    assert "Prévision à minuit UTC 26,00 $" in words
    assert "entre 26,00 $ et 26,00 $" in words
    assert "Ce mois-ci 586,00 $" in words  # 22 days of 26, and today
    assert "30 jours 768,00 $" in words


@pytest.mark.usefixtures("a_month")
def test_each_plot_has_a_name_a_description_and_the_same_figures_as_a_table(
    client: FlaskClient,
) -> None:
    shown = page(client, "/costs?days=7")

    images = [attrs for attrs in shown.tags("svg") if attrs.get("role") == "img"]
    ids = {attrs["id"] for attrs in shown.having("id")}
    assert len(images) == len(shown.tags("table")) - 2 == 3
    for image in images:
        names = (image["aria-labelledby"] or "").split()
        assert len(names) == 2
        assert set(names) <= ids
    assert not shown.having("style")
    assert "dimanche 22 novembre 2026 · 26,00 $ · Builder 24,00 $ · Writer 2,00 $" in shown.words


@pytest.mark.usefixtures("a_month")
@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("", 768.0),
        ("?days=7", 170.0),
        ("?days=7&agents=writer", 14.0),
        ("?days=7&models=opus", 156.0),
        ("?days=7&models=-", 14.0),
        ("?days=7&models=-&agents=builder", 0.0),
        ("?agents=builder,writer", 768.0),
    ],
)
def test_page_csv_and_api_filter_alike(client: FlaskClient, query: str, cost: float) -> None:
    shown = page(client, f"/costs{query}")
    told = json(client, query)

    assert told["total"]["cost"] == pytest.approx(cost)
    assert sum(one["total"]["cost"] for one in told["days"]) == pytest.approx(cost)
    assert sum(float(one["cost_usd"]) for one in table(client, query)) == pytest.approx(cost)
    [export] = [str(attrs["href"]) for attrs in shown.tags("a") if "download" in attrs]
    assert json(client, export.removeprefix("/costs.csv"))["total"] == told["total"]


@pytest.mark.usefixtures("a_month")
def test_the_api_tells_the_same_by_agent_and_by_model(client: FlaskClient) -> None:
    by_agent, by_model = json(client, "?days=7"), json(client, "?days=7&by=model")

    assert [(one["id"], one["cost"]) for one in by_agent["groups"]] == [
        ("builder", 156.0),
        ("writer", 14.0),
    ]
    assert [(one["id"], one["cost"]) for one in by_model["groups"]] == [
        ("opus", 156.0),
        (None, 14.0),
    ]
    assert by_agent["total"] == by_model["total"]
    assert (by_agent["since"], by_agent["until"]) == ("2026-11-17", "2026-11-23")
    assert by_agent["forecast"] == pytest.approx(
        {"cost": 26.0, "low": 26.0, "high": 26.0, "days": 7}
    )


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("days=0", "days"),
        ("days=367", "days"),
        ("days=x", "days"),
        ("agents=..%2F", "agents"),
        ("models=%00", "models"),
        ("models=%2500", "models"),
    ],
)
@pytest.mark.parametrize("path", ["/costs", "/costs.csv", "/api/v1/costs"])
def test_what_means_nothing_is_refused(
    client: FlaskClient, path: str, query: str, named: str
) -> None:
    answer = client.get(f"{path}?{query}", headers={"Accept": "application/json"})

    assert answer.status_code == 400
    assert named in answer.text


def test_by_takes_only_what_there_is(client: FlaskClient) -> None:
    assert client.get("/api/v1/costs?by=provider").status_code == 400


def test_what_has_no_price_is_unknown_everywhere_and_never_nothing(
    client: FlaskClient, engine: Engine
) -> None:
    ledger(engine, call(NOON - DAY, None), call(NOON - DAY, 3.0, agent="writer"))

    shown = page(client, "/costs")
    told = json(client)

    assert "inconnu" in shown.words
    assert "1 appel sans prix connu" in shown.words
    assert {one["id"]: one["cost"] for one in told["groups"]} == {"builder": None, "writer": 3.0}
    assert told["total"]["unpricedCalls"] == 1
    assert [one["cost_usd"] for one in table(client)] == ["", "3"]


def test_a_day_that_was_hardly_observed_says_so(
    client: FlaskClient, engine: Engine, database: Database
) -> None:
    ledger(engine, call(NOON - 10 * DAY), call(NOON - 2 * DAY))
    gap(database, NOON - 5.4 * DAY, NOON - 3.4 * DAY)
    gap(database, NOON - 2.2 * DAY, NOON - 1.6 * DAY)

    words = page(client, "/costs").words
    days = {one["day"][8:]: one for one in json(client)["days"]}

    assert "jeudi 19 novembre 2026 · non observé" in words
    assert "samedi 21 novembre 2026 · 1,00 $ · Builder 1,00 $ · peu observé" in words
    assert "mercredi 11 novembre 2026 · avant le début du livre de comptes" in words
    assert (days["19"]["total"], days["19"]["observed"]) == (None, 0.0)
    assert days["21"]["total"]["cost"] == 1.0
    assert days["22"]["total"]["cost"] == 0.0
    assert (days["11"]["total"], days["11"]["observed"]) == (None, None)


def test_a_young_ledger_compares_and_foretells_nothing(client: FlaskClient, engine: Engine) -> None:
    ledger(engine, call(NOON - 2 * DAY), call(NOON - timedelta(hours=1)))

    words = page(client, "/costs").words
    told = json(client)

    assert "le livre de comptes a moins d’une semaine" in words
    assert "après trois jours entiers" in words
    assert (told["weekBefore"], told["forecast"]) == (None, None)


def test_days_whose_cost_nobody_knows_foretell_nothing(client: FlaskClient, engine: Engine) -> None:
    unpriced = [call(NOON - DAY * ago, None) for ago in range(1, 10)]
    ledger(engine, call(NOON - timedelta(hours=1), 3.0), *unpriced)
    assert json(client)["forecast"] is None

    ledger(engine, *(call(NOON - DAY * ago, 2.0) for ago in range(1, 4)))
    assert json(client)["forecast"]["days"] == 3


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(client: FlaskClient, engine: Engine, sign: str) -> None:
    ledger(engine, call(NOON, model=f"{sign}1+1", provider=f"{sign}cmd|' /C calc'!A0"))

    [row] = table(client)

    assert row["model"] == f"'{sign}1+1"
    assert row["provider"].startswith(f"'{sign}")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("opus;=1+1", "opus;'=1+1"),
        ('x",=1+1', "x\",'=1+1"),
        ("a;b,c", "a;b,c"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("anthropic/claude-opus-5", "anthropic/claude-opus-5"),
    ],
)
def test_no_cell_becomes_a_formula_where_a_semicolon_parts_cells(
    client: FlaskClient, engine: Engine, said: str, told: str
) -> None:
    ledger(engine, call(NOON, model=said))

    assert [row["model"] for row in table(client)] == [told]


@pytest.mark.parametrize("name", ["a,b", "100%2C", "é&models=x", "-,"])
def test_a_model_is_found_by_the_address_that_the_page_gives_it(
    client: FlaskClient, engine: Engine, name: str
) -> None:
    ledger(engine, call(NOON, 1.0, model=name), call(NOON, 2.0, model="a"))

    shown = page(client, "/costs")
    places = [str(tag["href"]) for tag in shown.tags("a") if "models=" in str(tag.get("href"))]

    assert {json(client, one.removeprefix("/costs"))["total"]["cost"] for one in places} == {1, 2}


def test_the_csv_has_a_header_names_its_period_and_writes_small_sums_in_full(
    client: FlaskClient, engine: Engine
) -> None:
    ledger(engine, call(NOON, 0.0000031))

    answer = client.get("/costs.csv?days=7")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "palais-costs-2026-11-17-2026-11-23.csv" in answer.headers["Content-Disposition"]
    header, row, end = answer.text.split("\r\n")
    assert header.startswith("day,agent,agent_name,model,provider,calls,tokens,")
    assert row == "2026-11-23,builder,Builder,opus,anthropic,1,100,100,0,0,0,0.0000031,0,0"
    assert end == ""


def test_what_an_agent_says_is_only_text(client: FlaskClient, engine: Engine) -> None:
    ledger(engine, call(NOON, model=EVIL, provider=EVIL), call(NOON - DAY, model="a/" + EVIL))

    answer = client.get("/costs")

    assert answer.status_code == 200
    shown = Page(answer)
    assert [attrs for attrs in shown.tags("img") if attrs.get("src") == "x"] == []
    assert not shown.having("onerror")
    assert {attrs.get("type") for attrs in shown.tags("script")} <= {"module", "application/json"}


@pytest.mark.usefixtures("a_month")
def test_the_rail_and_the_keys_lead_to_the_costs(client: FlaskClient) -> None:
    shown = page(client, "/costs")

    here = [attrs for attrs in shown.tags("a") if attrs.get("aria-current") == "page"]
    assert [(one["href"], one["data-go"]) for one in here] == [("/costs", "g c")]


def test_a_ledger_that_begins_in_an_hour_to_come_breaks_nothing(
    client: FlaskClient, engine: Engine
) -> None:
    ledger(engine, call(NOON + timedelta(hours=1), 2.0))

    assert "Aujourd’hui 2,00 $" in page(client, "/costs").words
