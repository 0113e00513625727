"""Which language a page is in: Flask-Babel on our catalogues, for ``_()`` and ``say()``."""

from typing import Final

from babel import Locale
from babel.support import NullTranslations
from flask import Blueprint, Flask, Response, current_app, redirect, request
from flask_babel import Babel, Domain, get_locale  # type: ignore[import-untyped]
from werkzeug.wrappers import Response as BaseResponse

from palais.config import LOCALES
from palais.web import catalogue
from palais.web.language import Language
from palais.web.places import back, here

COOKIE: Final = "palais_locale"
NAMES: Final = {code: str(Locale(code).get_language_name(code)).capitalize() for code in LOCALES}
"""Each language by its own name."""

COOKIE_SECONDS: Final = 365 * 24 * 3600

locale = Blueprint("locale", __name__)


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


@locale.post(f"/language/<any({', '.join(LOCALES)}):code>")
def choose(code: str) -> BaseResponse:
    """Keep the reader's choice, and lead back to the page named by ``next``.

    By POST, since it changes something (RFC 9110, 9.2.1): no prefetch and no picture on another
    site's page may choose.
    """
    answer = redirect(back(request.values.get("next", "")), 303)
    answer.set_cookie(
        COOKIE,
        code,
        max_age=COOKIE_SECONDS,
        path=request.script_root or "/",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return answer


def register(app: Flask) -> None:
    """Let the templates say ``_("…")`` and ``say("…")`` in the reader's language."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", LOCALES[0])
    Words(app, locale_selector=chosen)
    app.register_blueprint(locale)
    app.add_template_global(get_locale, "get_locale")
    app.add_template_global(here, "here")
    app.add_template_global(NAMES, "locales")  # type: ignore[arg-type]
    app.add_template_global(lambda key, **values: language().say(key, **values), "say")
    app.context_processor(lambda: {"language": language(), "words": language().forms})
    app.after_request(_declare)


def _declare(response: Response) -> Response:
    """Say which language a page is in, and on what that depends (RFC 9110, 8.5 and 12.5.5)."""
    if response.mimetype == "text/html":
        response.headers["Content-Language"] = language().code
        response.vary.update(("Accept-Language", "Cookie"))
    return response
