"""The JSON API: camelCase, ISO 8601 UTC with milliseconds, null for unknown. See docs/api.md."""

import time
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, request

from palais.domain.text import clean
from palais.errors import DatabaseUnavailableError, NotFoundError
from palais.store import edits, queries, wire
from palais.store.models import db
from palais.version import VERSION
from palais.web import auth
from palais.web.answers import as_json
from palais.web.edits import words_of_json
from palais.web.request import MAX_PAGE, id_set, live_hub, querying, reading, type_set, whole

api = Blueprint("api", __name__, url_prefix="/api")

MAX_ID = 2**63 - 1
SESSION_FIELDS = (
    *("id", "run_id", "conversation", "status", "started_at", "ended_at", "model", "tokens"),
    *("cost", "task", "summary", "error", "inferred", "confidence"),
)


@api.get("/health")
def health() -> Response:
    """Tell whether Palais works; to whoever is in also how it stands with gateway and stream."""
    try:
        with reading() as conn:
            link, head = queries.gateway(conn), queries.head(conn)
        known = auth.holder() is not None
    except Exception as error:
        current_app.logger.debug("health: %s", error)
        raise DatabaseUnavailableError("Postgres does not answer.") from None
    if not known:
        return as_json({"status": "ok"})
    hub = live_hub()
    return as_json(
        {
            "status": "ok",
            "version": VERSION,
            "database": "ok",
            "gateway": {
                "state": link.state,
                "since": wire.iso(link.since),
                "reason": link.reason,
                "protocol": link.protocol,
                "serverVersion": link.server_version,
            },
            "lease": {
                "host": link.holder_host,
                "pid": link.holder_pid,
                "since": wire.iso(link.holder_since),
            },
            "stream": {"epoch": head.epoch, "head": head.id, "viewers": len(hub or ())},
        }
    )


@api.get("/v1/agents")
def agents() -> Response:
    """List all agents."""
    with querying() as conn:
        views = queries.agents(conn)
    return as_json([_object(view) for view in views])


@api.get("/v1/agents/<agent_id>")
def agent(agent_id: str) -> Response:
    """Return one agent."""
    with querying() as conn:
        view = queries.agent(conn, agent_id)
    if view is None:
        raise NotFoundError(f"There is no agent {clean(agent_id, 60)!r}.")
    return as_json(_object(view))


@api.patch("/v1/agents/<agent_id>")
def edit_agent(agent_id: str) -> Response:
    """Keep the operator's own ``persona`` or ``bio`` of an agent; return the agent."""
    words = words_of_json(request)
    with db.engine.connect() as conn:
        known = edits.edit(conn, agent_id, words, time.time_ns() // 1_000_000)
    if not known:
        raise NotFoundError(f"There is no agent {clean(agent_id, 60)!r}.")
    return agent(agent_id)


@api.get("/v1/agents/<agent_id>/sessions")
def sessions(agent_id: str) -> Response:
    """List an agent's sessions, the latest first; ``before`` is the id of the last one seen."""
    limit = whole("limit", 50, 1, MAX_PAGE) or 50
    before = request.args.get("before") or None
    with reading() as conn:
        if queries.agent(conn, agent_id) is None:
            raise NotFoundError(f"There is no agent {clean(agent_id, 60)!r}.")
        if before and queries.session(conn, agent_id, before) is None:
            raise NotFoundError("before names no session of this agent.")
        views = queries.sessions(conn, agent_id, limit, before)
    return as_json([_object(view, SESSION_FIELDS) for view in views])


@api.get("/v1/activity")
def activity() -> Response:
    """List history, newest first; ``before`` is the id of the last line seen."""
    limit = whole("limit", 50, 1, MAX_PAGE) or 50
    before = whole("before", None, 0, MAX_ID)
    with reading() as conn:
        views = queries.activity(conn, limit, before, id_set("agents"), type_set("types"))
    fields = ("id", "at", "agent_id", "type", "session_id", "summary")
    return as_json([_object(view, fields) for view in views])


def _object(view: Any, names: tuple[str, ...] = ()) -> dict[str, object]:
    # Not ``asdict``, which copies: this is half of what a list of agents costs.
    return {wire.camel(name): _value(getattr(view, name)) for name in names or view.__slots__}


def _value(value: object) -> object:
    return wire.iso(value) if isinstance(value, datetime) else value
