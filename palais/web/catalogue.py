"""The catalogues in ``translations/``, read as they are written: there is nothing to compile."""

from functools import cache
from io import BytesIO
from typing import Final

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from palais.config import ROOT
from palais.web.language import Language

CATALOGUES: Final = ROOT / "translations"
CONVENTIONS: Final = {"fr": "fr_FR", "en": "en_GB"}
"""Whose dates and numbers a language follows. English is British: a day reads 22 November 2026
whichever way one's own country turns figures, and clocks have 24 hours as in logs."""


@cache
def language(code: str) -> Language:
    """Return one of ``CONVENTIONS``; raise KeyError for any other."""
    return Language(code, Locale.parse(CONVENTIONS[code]), translations(code))


@cache
def translations(code: str) -> NullTranslations:
    """Return a language's words; English, the language of the sources, has none of its own."""
    path = CATALOGUES / f"{code}.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as source:
        messages = read_po(source, locale=code)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled)
