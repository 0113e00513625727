"""A budget's warning on the stream and in the feed: the fleet's is everybody's."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from palais.domain.budgets import Period
from palais.store import budgets
from tests.database import Scribe
from tests.store.rows import registered
from tests.store.spent import spend
from tests.web.conftest import Stream
from tests.web.test_openapi import valid


@pytest.fixture(autouse=True)
def warned(engine: Engine, scribe: Scribe) -> None:
    """Let the builder, and with it the fleet, spend too much."""
    now = datetime.now(UTC)
    scribe.write(registered("writer"))
    spend(scribe, 12.04, now)
    with engine.connect() as conn:
        budgets.put(conn, "*", Period.DAY, Decimal(10), now)
        budgets.put(conn, "builder", Period.MONTH, Decimal(15), now)


def warnings(client: FlaskClient, query: str) -> list[str]:
    answer = client.get(f"/activity{query}", headers={"Accept-Language": "en"})
    rows = answer.text.split('data-type="budget.warning"')[1:]
    return [row.split('data-tone="')[1].split('"')[0] for row in rows]


@pytest.mark.parametrize(
    ("query", "tones"),
    [
        ("", ["warn", "bad"]),
        ("?types=budgets", ["warn", "bad"]),
        ("?types=gaps", []),
        ("?types=budgets&agents=writer", ["bad"]),
        ("?agents=builder", ["warn", "bad"]),
    ],
)
def test_the_feed_has_an_agent_s_warnings_and_the_fleet_s(
    client: FlaskClient, query: str, tones: list[str]
) -> None:
    assert warnings(client, query) == tones


@pytest.mark.parametrize(
    ("query", "scopes"),
    [("?types=budget.warning", ["*", "builder"]), ("?types=budget.warning&agents=writer", ["*"])],
)
def test_the_stream_tells_them_as_it_is_described(
    watch: Callable[..., Stream], query: str, scopes: list[str]
) -> None:
    stream = watch(query, Last_Event_ID="k3f9.0")

    seen = [one.body for one in [*stream.chunk(), *stream.chunk()] if one.name == "agent"]

    assert [body["scope"] for body in seen] == scopes
    for body in seen:
        valid("AgentEvent", body)


def test_the_api_lists_them(client: FlaskClient) -> None:
    lines = client.get("/api/v1/activity?types=budget.warning").json

    assert [(line["agentId"], line["summary"]) for line in lines] == [
        ("builder", "12.04 of 15.00 USD"),
        (None, "12.04 of 10.00 USD"),
    ]
