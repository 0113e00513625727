"""How money is written, ``static/js/format.js`` alike."""

from copy import copy
from functools import lru_cache
from typing import Final

from babel.numbers import format_currency, get_currency_symbol

from palais.web.language import Language

NB: Final = "\u00a0"
DASH: Final = "—"
FINEST: Final = 0.0001
SAME: Final = 8192
"""Figures that are remembered as they were written: a table of costs has hundreds, often the same,
and each takes the CLDR's patterns some 50 µs."""


@lru_cache(SAME)
def money(language: Language, usd: float | None) -> str:
    """Return dollars, under a plain $; what is unknown is a dash, never zero."""
    if usd is None:
        return DASH
    if 0 < usd < 0.01:
        return f"<{NB}{money(language, 0.01)}"
    words = format_currency(usd, "USD", locale=language.locale)
    return words.replace(get_currency_symbol("USD", language.locale), "$")


def price(language: Language, usd: float | None) -> str:
    """Return dollars of one step: to the hundredth of a cent below a dollar."""
    if usd is None or usd >= 1 or usd == 0:
        return money(language, usd)
    if usd < FINEST:
        return f"<{NB}{price(language, FINEST)}"
    form = copy(language.locale.currency_formats["standard"])
    form.frac_prec = (4, 4)
    words = str(form.apply(usd, language.locale, "USD", currency_digits=False))
    return words.replace(get_currency_symbol("USD", language.locale), "$")
