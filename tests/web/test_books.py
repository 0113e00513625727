"""Our ledger beside the gateway's own figures, as a program and as a person reads them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from palais.domain.account import ConversationUsage, UsageListed, UsageWithheld
from palais.domain.events import Blindness, RunSeen, Unobserved, Usage, UsageReported
from palais.web import catalogue
from palais.web.cost_words import dollars
from tests.database import Database, Scribe
from tests.store.rows import registered
from tests.web.conftest import Clock
from tests.web.test_openapi import valid

TODAY = date(2026, 11, 23)
NOON = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp() * 1000)
HOUR = 3_600_000
MAIN, SIDE = "agent:cfo:main", "agent:cfo:side"
NOTHING = {"tokens": 0, "cost": 0.0}
PAGE = "/costs/reconciliation"

pytestmark = pytest.mark.usefixtures("clock")


def counted(tokens: int, cost: float, name: str = MAIN) -> ConversationUsage:
    return ConversationUsage(name, "cfo", tokens, cost)


def listed(*told: ConversationUsage) -> UsageListed:
    return UsageListed(TODAY, NOON + HOUR, told)


@pytest.fixture
def books(scribe: Scribe, database: Database) -> Scribe:
    """Give a ledger with two conversations of the CFO, 70 and 20 tokens."""
    database.run("UPDATE gateway SET first_observed_at = '2026-01-01', protocol = 4")
    scribe.write(registered("cfo", at=NOON, name="CFO"))
    for name, tokens in ((MAIN, 70), (SIDE, 20)):
        usage = Usage(tokens_in=tokens, cost=tokens / 100, at=NOON)
        scribe.write(
            RunSeen(f"run {name}", "cfo", NOON, name),
            UsageReported(name, "cfo", NOON, usage, f"run {name}", name),
        )
    return scribe


def told(client: FlaskClient, query: str = "") -> dict[str, object]:
    answer = client.get(f"/api/v1/reconciliation{query}")
    assert answer.status_code == 200, answer.data
    body: dict[str, object] = answer.json  # type: ignore[assignment]
    valid("Reconciliation", body)
    return body


def test_books_that_agree_are_told_as_such(books: Scribe, client: FlaskClient) -> None:
    books.write(listed(counted(70, 0.7), counted(20, 0.2, SIDE)))

    body = told(client)

    both = {"tokens": 90, "cost": 0.9}
    sums = {
        "ours": both,
        "unpricedCalls": 0,
        "gateway": both,
        "difference": NOTHING,
        "explained": True,
        "parts": [],
        "deletedConversations": 0,
        "archived": NOTHING,
    }
    assert body == {
        "since": "2026-11-17",
        "until": "2026-11-23",
        "offered": True,
        "toldAt": "2026-11-23T13:00:00.000Z",
        "total": sums,
        "rows": [{"day": "2026-11-23", "agentId": "cfo", **sums}],
    }


def test_a_deleted_conversation_explains_the_difference(books: Scribe, client: FlaskClient) -> None:
    books.write(listed(counted(70, 0.7)))

    [row] = told(client)["rows"]  # type: ignore[misc]

    assert row["difference"] == {"tokens": 20, "cost": 0.2}
    assert row["parts"] == [{"reason": "deleted", "tokens": 20, "cost": 0.2}]
    assert (row["deletedConversations"], row["explained"]) == (1, True)


def test_a_day_that_the_gateway_has_not_told_of_is_unknown_and_not_zero(
    books: Scribe, client: FlaskClient
) -> None:
    body = told(client)

    [row] = body["rows"]  # type: ignore[misc]
    assert (row["gateway"], row["difference"], row["explained"]) == (None, None, False)
    assert (body["total"], body["toldAt"], body["offered"]) == (None, None, None)


def test_the_period_is_of_one_to_thirty_days(client: FlaskClient) -> None:
    assert told(client, "?days=1")["since"] == "2026-11-23"
    assert told(client, "?days=30")["since"] == "2026-10-25"
    for days in ("0", "31", "x", "-1"):
        assert client.get(f"/api/v1/reconciliation?days={days}").status_code == 400
        assert client.get(f"{PAGE}?days={days}").status_code == 400


def test_strangers_are_told_nothing(anonymous: FlaskClient) -> None:
    assert anonymous.get("/api/v1/reconciliation").status_code == 401
    assert anonymous.get(PAGE).status_code == 401


def page(admin: FlaskClient, query: str = "", tongue: str = "en") -> str:
    answer = admin.get(f"{PAGE}{query}", headers={"Accept-Language": tongue})
    assert answer.status_code == 200
    return answer.text


def test_the_page_has_a_seal_where_the_books_agree(books: Scribe, admin: FlaskClient) -> None:
    books.write(listed(counted(70, 0.7), counted(20, 0.2, SIDE)))

    shown = page(admin)

    assert "The books agree" in shown
    assert 'data-verdict="agree"' in shown
    assert "23\u00a0November\u00a02026" in shown


def test_the_page_explains_in_words_and_figures(books: Scribe, admin: FlaskClient) -> None:
    books.write(listed(counted(70, 0.7)))

    shown = page(admin)

    assert 'data-verdict="explained"' in shown
    assert 'data-reason="deleted"' in shown
    assert "+20" in shown
    assert 'data-reason="other"' not in shown


def test_what_nothing_explains_is_shown_in_amber(books: Scribe, admin: FlaskClient) -> None:
    books.write(listed(counted(70, 0.7), counted(50, 0.5, SIDE)))
    shown = page(admin)
    assert 'data-verdict="open"' in shown
    assert 'data-reason="other"' in shown

    books.write(Unobserved(NOON, NOON + 1, Blindness.PALAIS))
    assert 'data-reason="unobserved"' in page(admin)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (None, "No figures of the gateway yet"),
        (UsageWithheld(NOON), "This gateway tells no figures of its own"),
    ],
)
def test_the_page_says_why_there_is_nothing_to_compare(
    books: Scribe, admin: FlaskClient, said: UsageWithheld | None, words: str
) -> None:
    if said:
        books.write(said)

    assert words in page(admin)


def test_the_page_says_when_no_gateway_was_ever_seen(admin: FlaskClient) -> None:
    assert "No gateway has been seen yet" in page(admin)


def test_a_hostile_name_is_only_text(books: Scribe, admin: FlaskClient) -> None:
    books.write(registered("cfo", at=NOON + 1, name="<script>alert(1)</script>"))

    assert "<script>alert(1)" not in page(admin)


def test_french_is_french(books: Scribe, admin: FlaskClient) -> None:
    books.write(listed(counted(70, 0.7), counted(20, 0.2, SIDE)))

    shown = page(admin, tongue="fr")

    assert "Les comptes concordent" in shown
    assert "lundi\u00a023\u00a0novembre\u00a02026" in shown


def test_dollars_have_four_decimals() -> None:
    french, english = catalogue.language("fr"), catalogue.language("en")

    assert dollars(english, Decimal("0.0106908")) == "$0.0107"
    assert dollars(english, Decimal("1234.5")) == "$1,234.5000"
    assert dollars(french, Decimal("0.0106908")).replace("\u00a0", " ") == "0,0107 $"


def test_the_clock_decides_which_day_is_today(client: FlaskClient, clock: Clock) -> None:
    clock.forward(hours=12)

    assert told(client)["until"] == "2026-11-24"
