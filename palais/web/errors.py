"""Errors as answers: JSON for the API, a page for people; never a trace."""

import logging

from flask import Flask, Response, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response as BaseResponse

from palais.errors import BadRequestError, DatabaseUnavailableError, NotFoundError
from palais.store import wire
from palais.store.errors import unavailable
from palais.store.views import GatewayView

log = logging.getLogger(__name__)

NO_GATEWAY = GatewayView("offline", None, None, None, None, None, None, None, None)

SAID = {
    400: ("bad_request", "Demande incomprise", "Cette adresse contient un paramètre invalide."),
    403: ("forbidden", "Refusé", "Cette demande n’est pas permise. Rechargez la page."),
    404: ("not_found", "Introuvable", "Cette page n’existe pas, ou n’existe plus."),
    405: ("method_not_allowed", "Méthode refusée", "Cette adresse n’accepte pas cette demande."),
    413: ("too_large", "Demande trop grande", "Cette demande dépasse la taille admise."),
    421: ("misdirected", "Mauvaise adresse", "Palais ne répond pas sous ce nom."),
    500: ("internal", "Erreur interne", "Palais a rencontré une erreur ; elle est consignée."),
    503: (
        "unavailable",
        "Base de données injoignable",
        "Palais attend PostgreSQL et reprendra de lui-même. Rien de ce qui était enregistré n’est "
        "perdu.",
    ),
}


def register(app: Flask) -> None:
    """Answer every error of this app."""
    app.register_error_handler(NotFoundError, lambda error: answer(404, str(error)))
    app.register_error_handler(BadRequestError, lambda error: answer(400, str(error)))
    app.register_error_handler(DatabaseUnavailableError, lambda error: answer(503, str(error)))
    app.register_error_handler(SQLAlchemyError, _database)
    app.register_error_handler(HTTPException, _http)
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
    response.headers["Cache-Control"] = "no-store"
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
