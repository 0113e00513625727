"""Which language a page is in: Flask-Babel on our catalogues, for ``_()`` and ``say()``."""

from babel.support import NullTranslations
from flask import Flask, Response, current_app, request
from flask_babel import Babel, Domain, get_locale  # type: ignore[import-untyped]

from palais.config import LOCALES
from palais.web import catalogue
from palais.web.language import Language

COOKIE = "palais_locale"


class Catalogues(Domain):  # type: ignore[misc]
    """The words of every language, from the ``.po`` files."""

    def get_translations(self) -> NullTranslations:
        """Return the words of the language of this request."""
        return language().translations


class Words(Babel):  # type: ignore[misc]
    """Flask-Babel, with those catalogues."""

    domain_instance = Catalogues()


def language() -> Language:
    """Return the language of this request; outside of one, French."""
    return catalogue.language(str(get_locale() or LOCALES[0]))


def chosen() -> str:
    """Return the reader's own choice, else the operator's, else the browser's, else French."""
    own = request.cookies.get(COOKIE, "")
    if own in LOCALES:
        return own
    operators: str | None = current_app.extensions["palais.settings"].locale
    return operators or request.accept_languages.best_match(LOCALES) or LOCALES[0]


def register(app: Flask) -> None:
    """Let the templates say ``_("…")`` and ``say("…")`` in the reader's language."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", LOCALES[0])
    Words(app, locale_selector=chosen)
    app.add_template_global(get_locale, "get_locale")
    app.add_template_global(lambda key, **values: language().say(key, **values), "say")
    app.context_processor(lambda: {"language": language(), "words": language().forms})
    app.after_request(_declare)


def _declare(response: Response) -> Response:
    """Say which language a page is in, and on what that depends (RFC 9110, 8.5 and 12.5.5)."""
    if response.mimetype == "text/html":
        response.headers["Content-Language"] = language().code
        response.vary.update(("Accept-Language", "Cookie"))
    return response
