"""The pages a person opens. Each shows one snapshot, and carries the cursor to go on from."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import format_date  # type: ignore[import-untyped]
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from palais.domain.text import clean
from palais.errors import BadRequestError, NotFoundError
from palais.store import edits, queries, rhythm, spans
from palais.store.models import db
from palais.store.views import AgentView
from palais.web import charts, court, feed, waterfall
from palais.web.chrome import chrome
from palais.web.clock import now
from palais.web.costs import of_agent
from palais.web.edits import words_of_form
from palais.web.request import choice, reading

pages = Blueprint("pages", __name__)

pages.add_app_template_filter(charts.bars, "bars")
pages.add_app_template_filter(feed.group_key, "group_key")

SESSIONS = 25


@pages.app_template_filter("day_title")
def day_title(moment: datetime | None) -> str:
    """Return a day as it stands above its lines: ``dimanche 22 novembre 2026``."""
    return "" if moment is None else str(format_date(moment, "full"))


@pages.get("/")
def home() -> Response:
    """Lead to the court."""
    return redirect(url_for("pages.agents"))


@pages.get("/agents")
def agents() -> str:
    """Show all agents, and what happened lately."""
    chosen, moment = choice(), now()
    wanted = feed.filters(request.args)
    with reading() as conn:
        views = queries.agents(conn)
        worked = rhythm.worked(conn, moment - charts.HOURS * charts.HOUR, moment)
        return render_template(
            "agents.html",
            agents=court.ordered(views),
            places={view.id: place for place, view in enumerate(views)},
            chosen=chosen,
            shown=sum(chosen.takes(view) for view in views),
            days={view.id: charts.by_hour(worked.get(view.id, ()), moment) for view in views},
            until=moment,
            tools=rhythm.last_tools(conn),
            last=rhythm.last_words(conn),
            feed=feed.read(conn, replace(wanted, before=None), feed.BESIDE),
            **_people(views),
            **chrome(conn),
        )


@pages.get("/agents/<agent_id>")
def agent(agent_id: str) -> str:
    """Show one agent with its sessions; ``before`` is the id of the last session seen."""
    return _agent_page(agent_id)


@pages.post("/agents/<agent_id>")
def edit_agent(agent_id: str) -> Response | tuple[str, int]:
    """Keep what the form says of an agent, as PATCH does, and lead back to its page."""
    try:
        words = words_of_form(request.form)
    except BadRequestError as error:
        return _agent_page(agent_id, refused=str(error), typed=request.form), 400
    with db.engine.connect() as conn:
        known = edits.edit(conn, agent_id, words, time.time_ns() // 1_000_000)
    if not known:
        raise NotFoundError(f"There is no agent {clean(agent_id, 60)!r}.")
    return redirect(url_for("pages.agent", agent_id=agent_id), 303)


def _agent_page(agent_id: str, **more: object) -> str:
    wanted = feed.filters(
        MultiDict((k, v) for k, v in request.args.items(multi=True) if k == "types")
    )
    before = request.args.get("before") or None
    with reading() as conn:
        view = _agent(conn, agent_id)
        if before and queries.session(conn, agent_id, before) is None:
            raise NotFoundError(f"{view.name} has no session {clean(before, 60)!r}.")
        runs = queries.sessions(conn, agent_id, SESSIONS + 1, before)
        return render_template(
            "agent.html",
            agent=view,
            sessions=runs[:SESSIONS],
            older_sessions=runs[SESSIONS - 1].id if len(runs) > SESSIONS else None,
            before=before,
            feed=feed.read(conn, replace(wanted, agents=frozenset({agent_id}))),
            tools=rhythm.last_tools(conn),
            limits=edits.LIMITS,
            **({} if before else of_agent(conn, agent_id)),
            **{"refused": None, "typed": None, **more},
            **_people([view]),
            **chrome(conn),
        )


@pages.get("/agents/<agent_id>/traces/<session_id>")
def session(agent_id: str, session_id: str) -> str:
    """Show one session of an agent, step by step."""
    with reading() as conn:
        view = _agent(conn, agent_id)
        found = queries.session(conn, agent_id, session_id)
        if found is None:
            raise NotFoundError(f"{view.name} has no session {clean(session_id, 60)!r}.")
        steps = spans.with_delegated(conn, session_id, content=False)
        return render_template(
            "session.html",
            agent=view,
            session=found,
            begun=spans.begun_by(conn, session_id),
            trace=waterfall.drawn(steps, found, now()),
            **_people(queries.agents(conn)),
            **chrome(conn),
        )


@pages.get("/activity")
def activity() -> str:
    """Show history, the latest first, or what was before a line of it."""
    wanted = feed.filters(request.args)
    with reading() as conn:
        return render_template(
            "activity.html",
            feed=feed.read(conn, wanted),
            **_people(queries.agents(conn)),
            **chrome(conn),
        )


def _people(views: Sequence[AgentView]) -> dict[str, object]:
    return {"people": views, "names": {view.id: view.name for view in views}}


def _agent(conn: Connection, agent_id: str) -> AgentView:
    view = queries.agent(conn, agent_id)
    if view is None:
        raise NotFoundError(f"There is no agent {clean(agent_id, 60)!r}.")
    return view
