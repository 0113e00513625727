"""Our ledger beside what the gateway counts: the page, and the same in JSON."""

from collections.abc import Mapping
from datetime import UTC, date
from itertools import groupby
from typing import Final

from flask import Blueprint, Response, render_template

from palais.domain.books import NOTHING, Amount, Reason, Row
from palais.store import queries, reconciliation, wire
from palais.store.reconciliation import Balance
from palais.web.answers import as_json
from palais.web.chrome import chrome
from palais.web.clock import now
from palais.web.request import reading, whole

books = Blueprint("books", __name__)

PERIODS: Final = (1, 7, 30)
WEEK: Final = 7
LONGEST: Final = 30


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
    return as_json(_told(balance))


@books.app_template_filter("parts")
def parts(row: Row) -> list[tuple[str, Amount]]:
    """Return why the books differ, always in the same order, what only rounding explains apart."""
    told = [(reason, row.parts[reason]) for reason in Reason if reason in row.parts]
    return [
        (reason.value, amount)
        for reason, amount in told
        if reason is not Reason.OTHER or not row.explained
    ]


def _days() -> int:
    return whole("days", WEEK, 1, LONGEST) or WEEK


def _today() -> date:
    return now().astimezone(UTC).date()


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
