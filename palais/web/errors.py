"""Errors as answers: JSON for the API, a page for people; never a trace."""

import logging
from typing import Final

from flask import Flask, Response, render_template, request
from flask_babel import lazy_gettext as _  # type: ignore[import-untyped]
from gunicorn.http.errors import NoMoreData, ParseException  # type: ignore[import-untyped]
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response as BaseResponse

from palais.errors import BadRequestError, DatabaseUnavailableError, NotFoundError
from palais.store import wire
from palais.store.errors import unavailable
from palais.store.views import GatewayView

log = logging.getLogger(__name__)

NO_GATEWAY = GatewayView("offline", None, None, None, None, None, None, None, None)

SAID: Final = {
    400: (
        "bad_request",
        _("Not understood"),
        _("Something in this address makes no sense to Palais."),
    ),
    401: ("unauthorized", _("Login required"), _("Log in to enter the court.")),
    403: (
        "forbidden",
        _("Not allowed"),
        _("You may not do this. Load the page again, then retry."),
    ),
    404: ("not_found", _("Not found"), _("This page does not exist, or exists no longer.")),
    405: (
        "method_not_allowed",
        _("Not done this way"),
        _("This address does not accept such a request."),
    ),
    409: (
        "conflict",
        _("Changed meanwhile"),
        _("Somebody changed this while you were at it. Load the page again, then retry."),
    ),
    413: ("too_large", _("Too large"), _("This request is larger than Palais accepts.")),
    421: ("misdirected", _("Wrong address"), _("Palais does not answer to this name.")),
    429: ("too_many", _("Too many requests"), _("Wait a moment, then try again.")),
    500: ("internal", _("Internal error"), _("Palais met an error; it is in the log.")),
    503: (
        "unavailable",
        _("Database out of reach"),
        _(
            "Palais waits for PostgreSQL, and will go on by itself. Nothing that was recorded is "
            "lost."
        ),
    ),
}
"""The code for the API, and the title and the sentence for people, of each status."""


def register(app: Flask) -> None:
    """Answer every error of this app."""
    app.register_error_handler(NotFoundError, lambda error: answer(404, str(error)))
    app.register_error_handler(BadRequestError, lambda error: answer(400, str(error)))
    app.register_error_handler(DatabaseUnavailableError, lambda error: answer(503, str(error)))
    app.register_error_handler(SQLAlchemyError, _database)
    app.register_error_handler(HTTPException, _http)
    # A body that is no chunks, or breaks off: gunicorn finds out when it is read.
    for broken in (ParseException, NoMoreData):
        app.register_error_handler(broken, lambda _error: answer(400, "The body is broken."))
    app.register_error_handler(Exception, _unexpected)


def answer(status: int, message: str) -> Response:
    """Return the answer to a failed request, as its kind of caller can read it."""
    code, title, said = SAID.get(status, SAID[500])
    if request.path.startswith("/api/"):
        body = wire.dumps({"error": {"code": code, "message": message}})
        response = Response(body, status, mimetype="application/json")
    else:
        page = render_template(
            "error.html", code=status, title=title, message=said, gateway=NO_GATEWAY, cursor=""
        )
        response = Response(page, status)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def _database(error: SQLAlchemyError) -> Response:
    if unavailable(error):
        return answer(503, "Postgres does not answer; Palais tries again by itself.")
    return _unexpected(error)


def _http(error: HTTPException) -> BaseResponse:
    status = error.code or 500
    if status not in SAID and status < 500:
        return error.get_response()
    response = answer(status, error.description or error.name)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _unexpected(error: Exception) -> Response:
    log.exception("%s %s failed", request.method, request.path, exc_info=error)
    return answer(500, "Palais met an error; it is in the log.")
