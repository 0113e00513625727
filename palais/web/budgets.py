"""Budgets on the page of costs and in JSON: shown to all, set and cleared by who may write."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from palais.domain.agent import DECIMALS
from palais.domain.budgets import WARNING, Period, Standing, amount_of
from palais.domain.text import clean
from palais.errors import BadRequestError, NotFoundError
from palais.store import budgets as store
from palais.store import wire
from palais.store.models import db
from palais.web import auth, costs
from palais.web.answers import as_json
from palais.web.clock import now
from palais.web.request import json_object, reading, sharing

budgets = Blueprint("budgets", __name__)

# 1,500 is a thousand and a half to one reader, one and a half to another.
_GROUPED: Final = re.compile(r"\d,\d{3}(?!\d)")


@dataclass(frozen=True, slots=True)
class Board:
    """What the page shows: the budgets, and the form for who may write.

    ``refused`` is why a form was not taken, ``typed`` what stood in it.
    """

    standings: list[Standing]
    writable: bool
    refused: str | None
    typed: Mapping[str, str]


@budgets.app_template_global("budgets")
def board() -> Board:
    """Return what a template shows of budgets; only one that asks pays for it."""
    holder = auth.holder()
    with sharing() as conn:
        found = store.current(conn, now())
    refused, typed = g.get("budget_refused", (None, {}))
    return Board(found, bool(holder and holder.write), refused, typed)


@budgets.app_template_filter("budget_tone")
def tone(standing: Standing) -> str:
    """Return a budget's weight on the eye: good, warn or bad."""
    if standing.reached >= 100:
        return "bad"
    return "warn" if standing.reached >= WARNING else "good"


@budgets.get("/costs/budgets")
def shown() -> str:
    """Show the page of costs: a refused form leaves this address, and it may be loaded again."""
    return costs.page()


@budgets.post("/costs/budgets")
def keep() -> BaseResponse | tuple[str, int]:
    """Set or clear what the form says, and lead back; show the page with the reason if not."""
    try:
        _take(request.form)
    except (BadRequestError, NotFoundError) as error:
        g.budget_refused = (str(error), request.form)
        return costs.page(), 400
    return redirect(url_for("costs.page", _anchor="budgets"), 303)


@budgets.get("/api/v1/budgets")
def listed() -> Response:
    """List all budgets with what is spent of each."""
    with reading() as conn:
        found = store.current(conn, now())
    return as_json([told(one) for one in found])


@budgets.put("/api/v1/budgets/<scope>/<period>")
def put(scope: str, period: str) -> Response:
    """Set a budget; return it as it stands then."""
    body = json_object(request, ["amount"])
    amount = body.get("amount")
    # A bool is a number to Python, and to nobody else.
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise BadRequestError("amount must be a number of USD.")
    exact = str(amount) if isinstance(amount, int) else f"{amount:.{DECIMALS}f}"
    return _set(scope, _period(period), amount_of(exact))


@budgets.delete("/api/v1/budgets/<scope>/<period>")
def delete(scope: str, period: str) -> Response:
    """Forget a budget."""
    with db.engine.connect() as conn:
        if not store.clear(conn, scope, _period(period)):
            raise NotFoundError("There is no such budget.")
    return Response(status=204)


def told(standing: Standing) -> dict[str, object]:
    """Return a budget as the API tells it."""
    return {
        "scope": standing.scope,
        "agentId": standing.agent_id,
        "period": standing.window.period.value,
        "amount": float(standing.amount),
        "spent": float(standing.spent),
        "left": float(standing.left),
        "share": standing.share,
        "threshold": standing.reached,
        "unpricedCalls": standing.unpriced,
        "startedAt": wire.iso(standing.window.start),
        "endsAt": wire.iso(standing.window.until),
    }


def _set(scope: str, period: Period, amount: Decimal) -> Response:
    with db.engine.connect() as conn:
        store.put(conn, scope, period, amount, now())
        found = store.current(conn, now())
    for one in found:
        if (one.scope, one.window.period) == (scope, period):
            return as_json(told(one))
    raise NotFoundError("There is no such budget: it was cleared just now.")


def _take(form: Mapping[str, str]) -> None:
    scope, period = form.get("scope", ""), _period(form.get("period", ""))
    with db.engine.connect() as conn:
        if form.get("act") == "clear":
            store.clear(conn, scope, period)
        else:
            store.put(conn, scope, period, _typed(form.get("amount", "")), now())


def _typed(said: str) -> Decimal:
    """Return an amount with a point or, as in French, a comma; raise BadRequestError on others."""
    if _GROUPED.search(said):
        raise BadRequestError(
            f"{said.strip()[:40]!r} may mean thousands. Write it as 1500 or 1.50."
        )
    return amount_of(said.replace(",", ".", 1))


def _period(said: str) -> Period:
    if said not in set(Period):
        raise BadRequestError(f"There is no period {clean(said, 20)!r}: say day or month.")
    return Period(said)
