"""The outside: pages, the JSON API, the stream."""

from typing import Final

from flask import Flask, Response
from flask_compress import Compress

from palais.web import assets, errors, filters, locale
from palais.web.api import api
from palais.web.pages import pages
from palais.web.stream import stream

CSP: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)

COMPRESSED: Final = ("text/html", "application/json", "text/plain")
"""What is compressed as it goes out: never ``text/event-stream``, where nothing may wait."""


def register(app: Flask, *, demo: bool) -> None:
    """Give the app its routes, filters and error answers."""
    for blueprint in (pages, api, stream):
        app.register_blueprint(blueprint)
    assets.register(app)
    locale.register(app)
    filters.register(app)
    errors.register(app)
    app.context_processor(lambda: {"demo": demo})
    app.after_request(_harden)
    app.config.update(COMPRESS_MIMETYPES=COMPRESSED, COMPRESS_ALGORITHM=("br", "gzip"))
    Compress(app)


def _harden(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Content-Security-Policy", CSP)
    return response
