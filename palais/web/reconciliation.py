"""Our ledger beside what the gateway counts: the page, and the same in JSON."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Final

from babel.dates import format_date
from babel.numbers import format_currency, get_currency_symbol
from flask import Blueprint, Response, current_app, render_template

from palais.domain.books import NOTHING, Amount, Reason, Row
from palais.store import queries, reconciliation, wire
from palais.store.reconciliation import Balance
from palais.web.chrome import chrome
from palais.web.filters import count
from palais.web.language import Language
from palais.web.locale import language as readers
from palais.web.request import reading, whole

books = Blueprint("books", __name__)

PERIODS: Final = (1, 7, 30)
WEEK: Final = 7
LONGEST: Final = 30
MINUS: Final = "\u2212"


@books.get("/costs/reconciliation")
def page() -> str:
    """Show each agent's days in both books, and why they differ."""
    days = _days()
    with reading() as conn:
        balance = reconciliation.read(conn, days, _today())
        return render_template(
            "reconciliation.html",
            balance=balance,
            days=[(day, list(rows)) for day, rows in groupby(balance.rows, lambda row: row.day)],
            asked=days,
            periods=PERIODS,
            names={view.id: view.name for view in queries.agents(conn)},
            **chrome(conn),
        )


@books.get("/api/v1/reconciliation")
def summary() -> Response:
    """Tell the same to a program."""
    with reading() as conn:
        balance = reconciliation.read(conn, _days(), _today())
    body = wire.dumps(_told(balance))
    return Response(body, mimetype="application/json", headers={"Cache-Control": "no-store"})


@books.app_template_filter("day_of")
def day_of(day: date) -> str:
    """Return a day in full: ``lundi 23 novembre 2026``."""
    return str(format_date(day, "full", locale=readers().locale))


@books.app_template_filter("parts")
def parts(row: Row) -> list[tuple[str, Amount]]:
    """Return why the books differ, always in the same order, what only rounding explains apart."""
    told = [(reason, row.parts[reason]) for reason in Reason if reason in row.parts]
    return [
        (reason.value, amount)
        for reason, amount in told
        if reason is not Reason.OTHER or not row.explained
    ]


@books.app_template_filter("dollars")
def dollars(cost: Decimal) -> str:
    """Return an amount to a hundredth of a cent, in the language of the reader."""
    return money(readers(), cost)


@books.app_template_filter("signed_dollars")
def signed_dollars(cost: Decimal) -> str:
    """Return a difference in dollars with its sign."""
    return f"{_sign(cost)}{money(readers(), abs(cost))}"


@books.app_template_filter("signed_count")
def signed_count(number: int) -> str:
    """Return a difference in tokens with its sign."""
    return f"{_sign(number)}{count(readers(), abs(number))}"


def money(language: Language, cost: Decimal) -> str:
    """Return dollars with four decimals: calls of some hundred tokens differ by as much."""
    pattern = language.locale.currency_formats["standard"].pattern
    finer = pattern.replace("0.00", "0.0000")
    words = format_currency(cost, "USD", finer, locale=language.locale, currency_digits=False)
    return words.replace(get_currency_symbol("USD", language.locale), "$")


def _sign(number: Decimal | int) -> str:
    return "+" if number > 0 else MINUS if number < 0 else ""


def _days() -> int:
    return whole("days", WEEK, 1, LONGEST) or WEEK


def _today() -> date:
    now: datetime = current_app.extensions["palais.clock"]()
    return now.astimezone(UTC).date()


def _told(balance: Balance) -> dict[str, object]:
    return {
        "since": balance.since.isoformat(),
        "until": balance.until.isoformat(),
        "offered": balance.offered,
        "toldAt": wire.iso(balance.told_at),
        "total": _sums(balance.total) if balance.total else None,
        "rows": [
            {"day": row.day.isoformat(), "agentId": row.agent_id, **_sums(row)}
            for row in balance.rows
        ],
    }


def _sums(row: Row) -> Mapping[str, object]:
    return {
        "ours": _amount(row.ours),
        "unpricedCalls": row.unpriced_calls,
        "gateway": _amount(row.theirs),
        "difference": _amount(row.difference),
        "explained": row.explained,
        "parts": [
            {"reason": reason.value, **(_amount(row.parts[reason]) or {})}
            for reason in Reason
            if row.parts.get(reason, NOTHING)
        ],
        "deletedConversations": row.deleted,
        "archived": _amount(row.archived),
    }


def _amount(amount: Amount | None) -> dict[str, object] | None:
    return None if amount is None else {"tokens": amount.tokens, "cost": float(amount.cost)}
