"""Which language a page is in, and its words: Flask-Babel on the catalogues in ``translations/``.

A catalogue is read as it is written (``.po``); there is nothing to compile.
"""

from functools import cache
from io import BytesIO
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, request
from flask_babel import Babel, Domain, get_locale  # type: ignore[import-untyped]

from palais.config import ROOT

LOCALES: Final = ("fr", "en")
CATALOGUES: Final = ROOT / "translations"
COOKIE: Final = "palais_locale"


class Catalogues(Domain):  # type: ignore[misc]
    """The words of every language, from the ``.po`` files."""

    def get_translations(self) -> NullTranslations:
        """Return the words of the language of this request."""
        return catalogue(str(get_locale()))


class Words(Babel):  # type: ignore[misc]
    """Flask-Babel, with those catalogues."""

    domain_instance = Catalogues()


@cache
def catalogue(locale: str) -> NullTranslations:
    """Return a language's words; English, the language of the sources, has none of its own."""
    path = CATALOGUES / f"{locale}.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as source:
        messages = read_po(source, locale=locale)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled)


def chosen() -> str:
    """Return the language that the reader chose here, else the browser's, else French."""
    cookie = request.cookies.get(COOKIE, "")
    return cookie if cookie in LOCALES else request.accept_languages.best_match(LOCALES) or "fr"


def register(app: Flask) -> None:
    """Let the templates say ``_("…")`` in the reader's language."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "fr")
    Words(app, locale_selector=chosen)
    app.add_template_global(get_locale, "get_locale")
