"""``/login`` and ``/logout``: the one password, the link that works once, and the way out."""

from typing import Any, Final

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as BaseResponse

from palais.addresses import subscriber
from palais.store import passes, password, throttle
from palais.store.models import db
from palais.store.password import Admin
from palais.web import auth
from palais.web.clock import now
from palais.web.places import local

login = Blueprint("login", __name__)

TRUTHFUL: Final = "strict-origin"
"""The page of a link tells nobody its address. Not ``no-referrer``: by that, a browser would send
``Origin: null`` with the form, and be taken for another site's page."""


@login.get("/login")
def form() -> BaseResponse:
    """Show the form; whoever is logged in goes on at once."""
    place = local(request.args.get("next", ""))
    if auth.holder() is not None:
        return redirect(place)
    token = request.args.get("token", "")
    # The cookie is not sent when another site leads here, though it may well be there: the page
    # then asks for itself once more, which is a request of our own.
    again = request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"} and not token
    response = _page(200, place, token=token, again=again)
    if token:
        response.headers["Referrer-Policy"] = TRUTHFUL
    return response


@login.post("/login")
def enter() -> BaseResponse:
    """Let in whoever knows the password, or brings a link that was not used yet."""
    place = local(request.form.get("next", ""))
    token = request.form.get("token", "")
    if token:
        with db.engine.begin() as conn:
            password.held(conn)
            session = _session(conn) if passes.use_link(conn, token, now()) else None
        return _welcome(place, session) if session else _page(403, place, wrong="link")
    address = subscriber(request.remote_addr or "")
    with db.engine.begin() as conn:
        wait = throttle.attempt(conn, address, now())
        stored = password.admin(conn)
    if wait:
        return _slowed(place, wait)
    right = password.matches(stored, request.form.get("password", ""))
    session = _session_by(stored, address) if right else None
    return _welcome(place, session) if session else _page(403, place, wrong="password")


@login.post("/logout")
def leave() -> BaseResponse:
    """End the session, here and in the database."""
    holder = auth.holder()
    if holder is not None and holder.kind == "session" and holder.ticket:
        with db.engine.begin() as conn:
            passes.end_session(conn, holder.ticket)
    response = make_response(redirect(url_for("login.form"), 303))
    auth.delete_cookie(response)
    return response


def _session_by(stored: Admin | None, address: str) -> str | None:
    """Return a new session by this password; None where it has changed while it was looked at."""
    with db.engine.begin() as conn:
        if password.held(conn) != stored:
            return None
        throttle.forget(conn, address)
        return _session(conn)


def _session(conn: Connection) -> str:
    """Return a new session; the browser's last one ends."""
    last = auth.ticket_of(request.cookies.get(auth.COOKIE, ""))
    if last is not None:
        passes.end_session(conn, last)
    agent = request.headers.get("User-Agent", "")
    return passes.open_session(conn, request.remote_addr or "", agent, now())


def _welcome(place: str, session: str) -> Response:
    """Return the way on, with the session."""
    response = make_response(redirect(place, 303))
    auth.set_cookie(response, session)
    return response


def _slowed(place: str, wait: int) -> Response:
    response = _page(429, place, wrong="slowed", wait=wait)
    response.headers["Retry-After"] = str(wait)
    return response


def _page(status: int, place: str, **facts: Any) -> Response:
    return make_response(render_template("login.html", place=place, **facts), status)
