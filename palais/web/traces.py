"""The steps of a session by the API: as a list, one by one, and whole, to take away."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from flask import Blueprint, Response
from sqlalchemy import Connection

from palais.domain.rollup import end_of, totals
from palais.domain.text import clean
from palais.domain.tree import forest, walk
from palais.errors import NotFoundError
from palais.store import queries, spans, wire
from palais.store.spans import SpanView
from palais.store.views import SessionView
from palais.web import otlp
from palais.web.answers import as_file, as_json
from palais.web.request import flag, reading

traces = Blueprint("traces", __name__, url_prefix="/api/v1/agents/<agent_id>/sessions/<session_id>")

FIELDS: Final = (
    *("id", "parent_id", "type", "name", "title", "status", "started_at", "ended_at"),
    *("duration_ms", "model", "tokens_in", "tokens_out", "cache_read", "cache_write", "cost"),
    *("input", "output", "input_clipped", "output_clipped", "error"),
    *("child_session_id", "child_agent_id"),
)
SESSION_FIELDS: Final = (
    *("id", "run_id", "agent_id", "conversation", "status", "started_at", "ended_at", "model"),
    *("tokens", "cost", "task", "summary", "error", "inferred", "confidence"),
)
_WIRE: Final = tuple((wire.camel(name), name) for name in FIELDS)


@traces.get("/spans")
def listed(agent_id: str, session_id: str) -> Response:
    """List the steps of a session, the earliest first, or with those of delegated sessions."""
    content, children = flag("content", default=True), flag("children", default=False)
    with _session(agent_id, session_id) as (conn, _):
        read = spans.with_delegated if children else spans.of_session
        found = read(conn, session_id, content=content)
    return as_json([_with_owner(one) if children else _object(one) for one in found])


@traces.get("/spans/<path:span_id>")
def whole(agent_id: str, session_id: str, span_id: str) -> Response:
    """Return one step, with all that is kept of its input and output."""
    with _session(agent_id, session_id) as (conn, _):
        found = spans.one(conn, session_id, span_id)
    if found is None:
        raise NotFoundError(f"This session has no step {clean(span_id, 60)!r}.")
    return as_json(_object(found))


@traces.get("/trace.json")
def trace(agent_id: str, session_id: str) -> Response:
    """Return the session and its tree, to take away.

    The tree is a list in its own order, with a depth: nested, a deep one could not be read back.
    """
    with _session(agent_id, session_id) as (conn, run):
        found = spans.with_delegated(conn, session_id)
        begun = spans.begun_by(conn, session_id)
    roots = forest(found)
    sums = totals(roots)
    body = {
        "session": {wire.camel(name): _value(getattr(run, name)) for name in SESSION_FIELDS},
        "begunBy": begun
        and {"agentId": begun.agent_id, "sessionId": begun.session_id, "spanId": begun.span_id},
        "spans": [
            {
                **_with_owner(node.step),
                "depth": node.depth,
                "total": _total(sums[node.step.id]),
            }
            for node in walk(roots)
        ],
    }
    return _download(body, session_id, "trace.json")


@traces.get("/otlp.json")
def otlp_trace(agent_id: str, session_id: str) -> Response:
    """Return the session, and those it delegated to, as OTLP/JSON."""
    with _session(agent_id, session_id) as (conn, run):
        found = spans.with_delegated(conn, session_id)
        begun = spans.begun_by(conn, session_id)
        root = spans.root_of(conn, session_id)
        runs = [run, *_delegated(conn, found, session_id)]
        names = {view.id: view.name for view in queries.agents(conn)}
    body = otlp.request(root, runs, found, begun, names)
    return _download(body, session_id, "otlp.json")


def _delegated(conn: Connection, found: list[SpanView], session_id: str) -> Iterator[SessionView]:
    owners = {one.session_id: one.agent_id for one in found if one.session_id != session_id}
    for owned, agent_id in owners.items():
        run = queries.session(conn, agent_id, owned)
        if run is not None:
            yield run


@contextmanager
def _session(agent_id: str, session_id: str) -> Iterator[tuple[Connection, SessionView]]:
    with reading() as conn:
        run = queries.session(conn, agent_id, session_id)
        if run is None:
            raise NotFoundError(
                f"Agent {clean(agent_id, 60)!r} has no session {clean(session_id, 60)!r}."
            )
        yield conn, run


def _object(view: SpanView) -> dict[str, Any]:
    body = {wired: getattr(view, name) for wired, name in _WIRE}
    body["startedAt"], body["endedAt"] = wire.iso(view.started_at), wire.iso(end_of(view))
    if view.duration_ms is None and view.started_at and view.ended_at:
        took = view.ended_at - view.started_at
        body["durationMs"] = max(0, round(took.total_seconds() * 1000))
    return body


def _with_owner(view: SpanView) -> dict[str, Any]:
    return {**_object(view), "sessionId": view.session_id, "agentId": view.agent_id}


def _total(total: Any) -> dict[str, Any]:
    names = ("steps", "errors", "duration_ms", "own_ms", "tokens", "uncounted", "cost", "unpriced")
    return {wire.camel(name): getattr(total, name) for name in names}


def _value(value: Any) -> object:
    return wire.iso(value) if hasattr(value, "astimezone") else value


def _download(body: object, session_id: str, kind: str) -> Response:
    name = re.sub(r"[^A-Za-z0-9._-]", "-", session_id)
    return as_file(as_json(body), f"{name}.{kind}")
