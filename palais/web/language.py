"""A language: what its phrases are, and whose conventions its dates and numbers follow. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from babel import Locale
from babel.support import NullTranslations

from palais.web.phrases import PHRASES, Phrase

Forms = str | dict[str, str]
"""A phrase; where it counts, its form for each plural category (Unicode TR 35: one, other, …)."""

NUMBERS: Final = range(101)
"""Enough whole numbers to meet every plural category that a phrase of ours can need."""


@dataclass(frozen=True, eq=False)
class Language:
    """One of the page's languages: ``code`` as in ``<html lang>``, words, and conventions."""

    code: str
    locale: Locale
    translations: NullTranslations

    @property
    def tag(self) -> str:
        """The name under which the browser's ``Intl`` knows the conventions (BCP 47)."""
        return str(self.locale).replace("_", "-")

    def say(self, key: str, **values: object) -> str:
        """Return a phrase with its blanks filled; an unknown key says nothing."""
        phrase = PHRASES.get(key)
        if phrase is None:
            return ""
        number = values.get("n")
        return self._form(phrase, number if isinstance(number, int) else 0).format(**values)

    @cached_property
    def forms(self) -> Mapping[str, Forms]:
        """All phrases by their keys, blanks open, for the scripts' own ``say``."""
        return {key: self._forms(phrase) for key, phrase in PHRASES.items()}

    def _forms(self, phrase: Phrase) -> Forms:
        if phrase.many is None:
            return self._form(phrase, 0)
        category = self.locale.plural_form
        return {category(number): self._form(phrase, number) for number in NUMBERS}

    def _form(self, phrase: Phrase, number: int) -> str:
        words = self.translations
        if phrase.many is None:
            return str(words.pgettext(phrase.key, phrase.text))
        return str(words.npgettext(phrase.key, phrase.text, phrase.many, number))
