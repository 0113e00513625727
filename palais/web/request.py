"""What a request brings and needs: parameters checked, a snapshot of the database, the hub."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Request, current_app, g, has_request_context, request
from sqlalchemy import Connection, Engine

from palais.domain.text import clean, is_id
from palais.errors import BadRequestError
from palais.live.hub import Hub
from palais.store.models import db
from palais.web.court import STANDINGS, Choice

TYPES = frozenset(
    {
        *("agent.status", "agent.registered", "agent.presence"),
        *("session.started", "session.updated", "session.completed"),
        *("span.started", "span.completed", "budget.warning", "gap"),
    }
)
MAX_PAGE = 200
MAX_SEARCH = 100


@contextmanager
def reading(engine: Engine | None = None) -> Iterator[Connection]:
    """Give a connection on which every query sees one and the same snapshot.

    A stream outlives its request, and has to bring the engine along.
    """
    with (engine or db.engine).connect() as conn:
        snapshot = conn.execution_options(isolation_level="REPEATABLE READ")
        if has_request_context():
            g.snapshot = snapshot
        yield snapshot


@contextmanager
def sharing() -> Iterator[Connection]:
    """Give the page's own snapshot to a part of it that reads by itself, else one for the part."""
    page: Connection | None = g.get("snapshot")
    if page is not None and not page.closed:
        yield page
    else:
        with reading() as conn:
            yield conn


@contextmanager
def querying() -> Iterator[Connection]:
    """Give a connection for one query, which is a snapshot by itself and needs no transaction."""
    with db.engine.connect() as conn:
        yield conn.execution_options(isolation_level="AUTOCOMMIT")


def live_hub() -> Hub | None:
    """Return this process's hub; None where it was started without listening."""
    hub = current_app.extensions.get("palais.hub")
    return hub if isinstance(hub, Hub) else None


def id_set(name: str) -> frozenset[str]:
    """Return the agent ids of a comma-separated parameter; raise BadRequestError on a bad one."""
    ids = _items(name)
    for one in ids:
        if not is_id(one):
            raise BadRequestError(f"{name} holds something that is no agent id.")
    return ids


def type_set(name: str) -> frozenset[str]:
    """Return the event types of a comma-separated parameter; raise BadRequestError on others."""
    types = _items(name)
    if types - TYPES:
        raise BadRequestError(f"{name} takes only: {', '.join(sorted(TYPES))}.")
    return types


def json_object(request: Request, names: Collection[str]) -> dict[str, Any]:
    """Return a JSON body that has some of these names; raise BadRequestError on anything else."""
    if not request.is_json:
        raise BadRequestError("Send a JSON object, as Content-Type: application/json.")
    try:
        body: Any = request.get_json(silent=True)
    except RecursionError:  # brackets in brackets, thousands deep
        body = None
    if not isinstance(body, dict):
        raise BadRequestError("The body must be a JSON object.")
    if unknown := sorted(set(body) - set(names)):
        named = ", ".join(clean(name, 40) or "?" for name in unknown[:3])
        raise BadRequestError(f"Unknown field: {named}. Only {' and '.join(names)} can be changed.")
    return body


def choice() -> Choice:
    """Return which agents are asked for; raise BadRequestError on a status that there is not."""
    status = request.args.get("status", "")
    if status and status not in STANDINGS:
        raise BadRequestError(f"status must be one of: {', '.join(STANDINGS)}.")
    return Choice(status, clean(request.args.get("q", ""), MAX_SEARCH))


def whole(name: str, default: int | None, low: int, high: int) -> int | None:
    """Return a whole number between two bounds; raise BadRequestError on anything else."""
    text = request.args.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and low <= int(text) <= high):
        raise BadRequestError(f"{name} must be a whole number from {low} to {high}.")
    return int(text)


def flag(name: str, default: bool) -> bool:
    """Return a yes or no; raise BadRequestError on anything but ``true`` and ``false``."""
    text = request.args.get(name, "")
    if text not in {"", "true", "false"}:
        raise BadRequestError(f"{name} must be true or false.")
    return default if text == "" else text == "true"


def _items(name: str) -> frozenset[str]:
    return frozenset(item for item in request.args.get(name, "").split(",") if item)
