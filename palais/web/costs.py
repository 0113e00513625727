"""What it costs: the page, the same as CSV, and in JSON."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from typing import Final
from urllib.parse import unquote

from flask import Blueprint, Response, render_template, request
from sqlalchemy import Connection, Engine

from palais.domain.spending import Spent
from palais.errors import BadRequestError
from palais.store import queries, spending
from palais.store.models import db
from palais.store.spending import DAY, Line, Scope
from palais.web import account_json
from palais.web.answers import as_file, as_json
from palais.web.chrome import chrome
from palais.web.clock import now
from palais.web.course import course
from palais.web.request import id_set, reading, whole
from palais.web.spending import MONTH, Asked, period, read
from palais.web.spreadsheet import Cell, as_csv
from palais.web.stacks import in_dollars, in_tokens, of_agents, of_models, stacks

costs = Blueprint("costs", __name__)

PERIODS: Final = (7, 30, 90)
LONGEST: Final = 366
UNNAMED: Final = "-"
"""Stands for the model that nobody named, where models are asked for."""

COLUMNS: Final = (
    *("day", "agent", "agent_name", "model", "provider", "calls", "tokens", "tokens_in"),
    *("tokens_out", "cache_read", "cache_write", "cost_usd", "unpriced_calls", "unpriced_tokens"),
)
HEADER: Final = as_csv(COLUMNS, ())


@costs.get("/costs")
def page() -> str:
    """Show what it costs."""
    asked = wanted()
    with reading() as conn:
        account = read(conn, asked, now())
        told, people = account.today.forecast, queries.agents(conn)
        return render_template(
            "costs.html",
            account=account,
            by_agent=stacks(account.days, of_agents, in_dollars, told.cost if told else None),
            by_model=stacks(account.days, of_models, in_tokens),
            course=course(account.today),
            used_models=(used := spending.models(conn, account.days[0].day)),
            offered=set(map(in_address, used)),
            periods=PERIODS,
            people=people,
            names={view.id: view.name for view in people},
            query=query(asked),
            **chrome(conn),
        )


@costs.get("/costs.csv")
def table() -> Response:
    """Return each day's sums by agent and model, with the filters of the page."""
    asked = wanted()
    since, until = period(asked, now())
    with reading() as conn:
        names = {view.id: view.name for view in queries.agents(conn)}
        first = spending.lines(conn, since, since, asked.scope)
    later = _days_after(db.engine, since, until, asked.scope)
    response = Response(_written(chain([first], later), names), mimetype="text/csv")
    return as_file(response, f"palais-costs-{since}-{until}.csv")


@costs.get("/api/v1/costs")
def summary() -> Response:
    """Tell what a period cost, by agent or by model."""
    asked, by = wanted(), request.args.get("by", "agent")
    if by not in account_json.GROUPS:
        raise BadRequestError("by must be one of: agent, model.")
    with reading() as conn:
        account = read(conn, asked, now())
    return as_json(account_json.told(account, by))


def of_agent(conn: Connection, agent_id: str) -> dict[str, object]:
    """Return what an agent's own page shows of its last thirty days."""
    account = read(conn, Asked(scope=Scope(frozenset({agent_id}))), now())
    told = account.today.forecast
    by_cost = stacks(account.days, of_models, in_dollars, told.cost if told else None)
    by_tokens = stacks(account.days, of_models, in_tokens, beside=by_cost)
    return {"account": account, "by_cost": by_cost, "by_tokens": by_tokens}


def wanted() -> Asked:
    """Return what this request asks for; raise BadRequestError on what means nothing."""
    days = whole("days", MONTH, 1, LONGEST) or MONTH
    return Asked(days, Scope(id_set("agents"), _models()))


def query(asked: Asked) -> dict[str, str]:
    """Return what is asked for as it stands in an address."""
    told = {
        "days": str(asked.days) if asked.days != MONTH else "",
        "agents": ",".join(sorted(asked.scope.agents)),
        "models": ",".join(sorted(map(in_address, asked.scope.models))),
    }
    return {name: text for name, text in told.items() if text}


@costs.app_template_filter("in_address")
def in_address(model: str) -> str:
    """Return a model as ``models`` names it: commas are between names, and in them ``%2C``."""
    return model.replace("%", "%25").replace(",", "%2C") or UNNAMED


def _days_after(engine: Engine, since: date, until: date, scope: Scope) -> Iterator[list[Line]]:
    """Yield the lines of the days after one, a day in memory at a time: models may be very many."""
    for day in (since + DAY * n for n in range(1, (until - since).days + 1)):
        with reading(engine) as conn:
            found = spending.lines(conn, day, day, scope)
        yield found


def _written(days: Iterable[list[Line]], names: Mapping[str, str]) -> Iterator[str]:
    yield HEADER
    for found in days:
        if found:
            yield as_csv(COLUMNS, (_row(one, names) for one in found)).removeprefix(HEADER)


def _models() -> frozenset[str]:
    names = [unquote(one) for one in request.args.get("models", "").split(",") if one]
    if any("\x00" in one for one in names):
        raise BadRequestError("models holds something that is no model's name.")
    return frozenset("" if one == UNNAMED else one for one in names)


def _row(line: Line, names: Mapping[str, str]) -> list[Cell]:
    spent: Spent = line.spent
    return [
        *(line.day.isoformat(), line.agent_id, names.get(line.agent_id), line.model, line.provider),
        *(spent.calls, spent.tokens, spent.tokens_in, spent.tokens_out, spent.cache_read),
        *(spent.cache_write, spent.cost, spent.unpriced_calls, spent.unpriced_tokens),
    ]
