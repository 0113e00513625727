"""The outside: pages, the JSON API, the stream."""

from typing import Final

from flask import Flask, Response

from palais.web import errors, filters, locale
from palais.web.api import api
from palais.web.pages import pages
from palais.web.stream import stream

CSP: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def register(app: Flask, *, demo: bool) -> None:
    """Give the app its routes, filters and error answers."""
    for blueprint in (pages, api, stream):
        app.register_blueprint(blueprint)
    locale.register(app)
    filters.register(app)
    errors.register(app)
    app.context_processor(lambda: {"demo": demo})
    app.after_request(_harden)


def _harden(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Content-Security-Policy", CSP)
    return response
