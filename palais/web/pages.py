"""The pages a person opens. Each shows one snapshot, and carries the cursor to go on from."""

from datetime import UTC, datetime

from flask import Blueprint, current_app, redirect, render_template, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from palais.domain.text import clean
from palais.errors import NotFoundError
from palais.store import queries, rhythm
from palais.store.views import AgentView
from palais.web import charts, court
from palais.web.request import choice, reading

pages = Blueprint("pages", __name__)

pages.add_app_template_filter(charts.bars, "bars")

FEED = 100
SESSIONS = 50


@pages.get("/")
def home() -> Response:
    """Lead to the court."""
    return redirect(url_for("pages.agents"))


@pages.get("/agents")
def agents() -> str:
    """Show all agents, and what happened lately."""
    chosen, now = choice(), datetime.now(UTC)
    with reading() as conn:
        views = queries.agents(conn)
        worked = rhythm.worked(conn, now - charts.HOURS * charts.HOUR, now)
        return render_template(
            "agents.html",
            agents=court.ordered(views),
            places={view.id: place for place, view in enumerate(views)},
            chosen=chosen,
            shown=sum(chosen.takes(view) for view in views),
            days={view.id: charts.by_hour(worked.get(view.id, ()), now) for view in views},
            tools=rhythm.last_tools(conn),
            activity=queries.activity(conn, FEED),
            names={view.id: view.name for view in views},
            **_chrome(conn),
        )


@pages.get("/agents/<agent_id>")
def agent(agent_id: str) -> str:
    """Show one agent with its sessions."""
    with reading() as conn:
        view = _agent(conn, agent_id)
        return render_template(
            "agent.html",
            agent=view,
            sessions=queries.sessions(conn, agent_id, SESSIONS),
            activity=queries.activity(conn, FEED, agent_ids=frozenset({agent_id})),
            names={view.id: view.name},
            **_chrome(conn),
        )


@pages.get("/agents/<agent_id>/traces/<session_id>")
def session(agent_id: str, session_id: str) -> str:
    """Show one session of an agent."""
    with reading() as conn:
        view = _agent(conn, agent_id)
        found = queries.session(conn, agent_id, session_id)
        if found is None:
            raise NotFoundError(f"{view.name} has no session {clean(session_id, 60)!r}.")
        return render_template("session.html", agent=view, session=found, **_chrome(conn))


@pages.get("/activity")
def activity() -> str:
    """Show what happened lately."""
    with reading() as conn:
        return render_template(
            "activity.html",
            activity=queries.activity(conn, FEED),
            names={view.id: view.name for view in queries.agents(conn)},
            **_chrome(conn),
        )


def _agent(conn: Connection, agent_id: str) -> AgentView:
    view = queries.agent(conn, agent_id)
    if view is None:
        raise NotFoundError(f"There is no agent {clean(agent_id, 60)!r}.")
    return view


def _chrome(conn: Connection) -> dict[str, object]:
    gateway = queries.gateway(conn)
    return {
        "gateway": gateway,
        "standings": {one.id: court.standing(one) for one in rhythm.standings(conn)},
        "cursor": queries.head(conn).cursor,
        "demo": gateway.demo or current_app.extensions["palais.settings"].demo,
    }
