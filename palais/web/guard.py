"""Before every request: is it for us, from whom, and may they. Every route is closed but a few."""

from typing import Final

from flask import Flask, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from palais.config import Settings
from palais.store import wire
from palais.web import auth, csrf
from palais.web.errors import answer
from palais.web.hosts import allowance
from palais.web.places import here

OPEN: Final = frozenset({"login.form", "login.enter", "api.health", "static", "locale.choose"})
"""The endpoints that anybody may ask: the login, the language, health's open part, static files."""

LARGEST: Final = 64 * 1024
"""Bytes that a request may carry; nothing here takes more than a form."""


def register(app: Flask, settings: Settings) -> None:
    """Close the app."""
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST
    app.config["MAX_FORM_PARTS"] = 20
    allowed = allowance(settings)

    @app.before_request
    def guard() -> BaseResponse | None:
        # An HTTP/1.0 caller may name no host; no browser does that.
        if not allowed(request.environ.get("HTTP_HOST", "localhost")):
            return answer(421, "This host name is not one of PALAIS_ALLOWED_HOSTS.")
        if csrf.is_write() and csrf.is_foreign():
            return answer(403, "Another site's page may not write here.")
        return None if request.endpoint in OPEN else _admit()


def _admit() -> BaseResponse | None:
    """Return None where the caller may do what is asked, else the answer that says no."""
    holder = auth.holder()
    if holder is None:
        return _turn_away()
    # What does not exist needs no right: it is a 404 or a 405 to whoever is in.
    if not csrf.is_write() or request.routing_exception is not None:
        return None
    if not holder.write:
        return answer(
            403, "This API key may only read. Make one by: flask keys create NAME --write"
        )
    if holder.kind == "session" and holder.ticket and not csrf.is_told(holder.ticket):
        return answer(403, "The CSRF token is missing or of another session. Load the page again.")
    return None


def _turn_away() -> BaseResponse:
    if not request.path.startswith("/api/") and "text/html" in request.headers.get("Accept", ""):
        # Only what was to be read can be read again after the login.
        reading = not csrf.is_write()
        place = url_for("login.form", next=here() if reading else None)
        return redirect(place, 302 if reading else 303)
    body = {"code": "unauthorized", "message": "Log in, or send an API key as X-API-Key."}
    response = Response(wire.dumps({"error": body}), 401, mimetype="application/json")
    response.headers["WWW-Authenticate"] = 'Bearer realm="Palais"'
    return response
