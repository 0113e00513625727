"""Budgets by the API and on the page of costs."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from palais.store.models import db
from tests.database import Database, Scribe
from tests.store.rows import registered
from tests.store.spent import spend
from tests.web.conftest import Clock, csrf_token
from tests.web.test_openapi import valid

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SET = "SELECT scope, period, amount::float FROM budgets ORDER BY scope, period"


@pytest.fixture(autouse=True)
def spent(scribe: Scribe, clock: Clock) -> None:
    assert clock.now == NOW
    scribe.write(registered("writer", name="Thot"))
    spend(scribe, 8.5, NOW, "builder")
    spend(scribe, None, NOW, "builder")


def put(client: FlaskClient, place: str, body: Any) -> Any:
    return client.put(f"/api/v1/budgets/{place}", json=body)


def test_a_budget_is_set_listed_and_cleared_by_the_api(
    writer: FlaskClient, client: FlaskClient, database: Database
) -> None:
    answer = put(writer, "builder/day", {"amount": 10})

    assert answer.status_code == 200
    assert answer.json == {
        "scope": "builder",
        "agentId": "builder",
        "period": "day",
        "amount": 10.0,
        "spent": 8.5,
        "left": 1.5,
        "share": 0.85,
        "threshold": 80,
        "unpricedCalls": 1,
        "startedAt": "2026-11-23T00:00:00.000Z",
        "endsAt": "2026-11-24T00:00:00.000Z",
    }
    put(writer, "*/month", {"amount": 99.5})
    listed = client.get("/api/v1/budgets").json
    assert [(one["scope"], one["agentId"], one["amount"]) for one in listed] == [
        ("*", None, 99.5),
        ("builder", "builder", 10.0),
    ]
    for one in listed:
        valid("Budget", one)

    assert writer.delete("/api/v1/budgets/builder/day").status_code == 204
    assert writer.delete("/api/v1/budgets/builder/day").status_code == 404
    assert database.run(SET) == [("*", "month", 99.5)]


@pytest.mark.parametrize(
    "body",
    [
        *({}, [], None, {"amount": "10"}, {"amount": None}, {"amount": True}, {"amount": [1]}),
        *({"amount": 0}, {"amount": -1}, {"amount": 1e10}, {"amount": 10**400}),
        *({"amount": float("inf")}, {"amount": float("nan")}, {"amount": 1e-12}),
        {"amount": 10, "currency": "EUR"},
    ],
)
def test_a_body_that_is_no_amount_changes_nothing(
    writer: FlaskClient, database: Database, body: Any
) -> None:
    answer = put(writer, "builder/day", body)

    assert answer.status_code == 400
    assert answer.json["error"]["message"]
    assert database.run(SET) == []


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ("nobody/day", 404),
        ("builder/week", 400),
        ("a%00b/day", 404),
        ("builder/DAY", 400),
        ("fleet/day", 404),
    ],
)
def test_a_budget_is_an_agent_s_or_the_fleet_s_a_day_or_a_month(
    writer: FlaskClient, database: Database, place: str, status: int
) -> None:
    assert put(writer, place, {"amount": 10}).status_code == status
    assert writer.delete(f"/api/v1/budgets/{place}").status_code == status
    assert database.run(SET) == []


def test_who_may_only_read_sets_nothing(client: FlaskClient, database: Database) -> None:
    assert put(client, "builder/day", {"amount": 10}).status_code == 403
    assert client.delete("/api/v1/budgets/builder/day").status_code == 403
    answer = client.post("/costs/budgets", data={"scope": "*", "period": "day", "amount": "1"})
    assert answer.status_code == 403
    assert database.run(SET) == []


def form(admin: FlaskClient, **fields: str) -> Any:
    return admin.post("/costs/budgets", data={"csrf_token": csrf_token(admin), **fields})


@pytest.mark.parametrize("amount", ["10,50", "10.50", " 10.5 "])
def test_the_form_sets_and_clears_and_leads_back(
    admin: FlaskClient, database: Database, amount: str
) -> None:
    answer = form(admin, scope="builder", period="day", amount=amount, act="set")

    assert (answer.status_code, answer.location) == (303, "/costs#budgets")
    assert database.run(SET) == [("builder", "day", 10.5)]

    assert form(admin, scope="builder", period="day", act="clear").status_code == 303
    assert form(admin, scope="builder", period="day", act="clear").status_code == 303
    assert database.run(SET) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"scope": "builder", "period": "day", "amount": "<b>ten</b>"},
        {"scope": "builder", "period": "day", "amount": "1,500"},
        {"scope": "builder", "period": "week", "amount": "10"},
        {"scope": "nobody", "period": "day", "amount": "10"},
        {},
    ],
)
def test_a_form_that_makes_no_sense_is_shown_again_with_the_reason(
    admin: FlaskClient, database: Database, fields: dict[str, str]
) -> None:
    answer = form(admin, **fields)

    assert answer.status_code == 400
    assert re.search(r'role="alert">[^<]*dix décimales', answer.text)
    assert '<details class="budgets__new" data-keep="budget" open>' in answer.text
    assert "<b>ten" not in answer.text
    assert admin.get("/costs/budgets").status_code == 200
    assert database.run(SET) == []


def test_without_its_session_s_token_a_form_is_refused(
    admin: FlaskClient, database: Database
) -> None:
    answer = admin.post("/costs/budgets", data={"scope": "*", "period": "day", "amount": "1"})

    assert answer.status_code == 403
    assert database.run(SET) == []


def board(client: FlaskClient) -> str:
    page = client.get("/costs", headers={"Accept-Language": "fr"})
    assert page.status_code == 200
    return page.text.partition('<section class="budgets"')[2].partition("</section>")[0]


def test_the_page_shows_how_each_budget_stands_in_words_and_as_a_bar(
    admin: FlaskClient, writer: FlaskClient
) -> None:
    for place, amount in (("*/month", 100), ("builder/day", 10), ("builder/month", 8)):
        put(writer, place, {"amount": amount})

    shown = board(admin)
    tones = re.findall(r'data-tone="(\w+)"', shown)
    words = " ".join(re.sub(r"<[^>]+>", " ", shown).split())

    assert tones == ["good", "warn", "bad"]
    assert "85 % 8,50 $ sur 10,00 $ reste 1,50 $ sans compter 1 appel sans prix connu" in words
    assert "106 % 8,50 $ sur 8,00 $ dépassé de 0,50 $" in words
    assert 'width="85.0"' in shown
    assert 'width="100.0"' in shown


def test_who_may_only_read_sees_the_budgets_and_no_form(
    client: FlaskClient, writer: FlaskClient
) -> None:
    put(writer, "builder/day", {"amount": 10})

    assert "8,50" in board(client)
    assert "<form" not in board(client)


def test_an_empty_page_says_how_to_set_one(client: FlaskClient, admin: FlaskClient) -> None:
    assert "flask budgets set" in board(client)
    assert 'name="amount"' in board(admin)


def test_a_page_takes_one_connection_for_all_that_it_shows(
    app: Flask, admin: FlaskClient, writer: FlaskClient
) -> None:
    put(writer, "builder/day", {"amount": 10})
    with app.app_context():
        pool: Any = db.engine.pool
    most: list[int] = []
    event.listen(pool, "checkout", lambda *_: most.append(pool.checkedout()))

    board(admin)

    assert max(most) == 1
