"""The outside: pages, the JSON API, the stream."""

from typing import Final

from flask import Flask
from flask_compress import Compress

from palais.config import Settings
from palais.web import (
    assets,
    auth,
    clock,
    cost_words,
    csrf,
    errors,
    filters,
    guard,
    headers,
    locale,
)
from palais.web.api import api
from palais.web.avatars import avatars
from palais.web.budgets import budgets
from palais.web.costs import costs
from palais.web.ledger import ledger
from palais.web.login import login
from palais.web.metrics import metrics
from palais.web.openapi import openapi
from palais.web.pages import pages
from palais.web.places import here
from palais.web.proxies import Proxies
from palais.web.reconciliation import books
from palais.web.stream import stream
from palais.web.traces import traces

BLUEPRINTS: Final = (
    *(login, pages, traces, costs, budgets, books),
    *(api, ledger, avatars, stream, metrics, openapi),
)

COMPRESSED: Final = ("text/html", "application/json", "text/plain", "image/svg+xml")
"""What is compressed as it goes out: never ``text/event-stream``, where nothing may wait."""

BR_LEVEL: Final = 5
"""The last one that costs a page about a millisecond; the default one makes it 6 % larger."""


def register(app: Flask, settings: Settings) -> None:
    """Give the app its routes, filters and error answers, and close it to strangers."""
    clock.register(app)
    auth.register(app, settings)
    # First of all that runs before a request.
    guard.register(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    assets.register(app)
    locale.register(app)
    filters.register(app)
    cost_words.register(app)
    errors.register(app)
    headers.register(app)
    app.add_template_global(csrf.token, "csrf_token")
    app.add_template_global(here, "here")
    app.context_processor(lambda: {"demo": settings.demo})
    # A page has a secret (the CSRF token) beside what a caller wrote into its address; but no
    # other site can ask for it with the admin's cookie: its length tells nobody anything (BREACH).
    app.config.update(
        COMPRESS_MIMETYPES=COMPRESSED,
        COMPRESS_ALGORITHM=("br", "gzip"),
        COMPRESS_BR_LEVEL=BR_LEVEL,
    )
    Compress(app)
    if settings.trusted_proxies:
        app.wsgi_app = Proxies(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]
