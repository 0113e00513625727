"""How money is written, ``static/js/format.js`` alike."""

from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel.numbers import format_currency, get_currency_symbol

from palais.web.language import Language

NB: Final = "\u00a0"
DASH: Final = "—"
MINUS: Final = "\u2212"
FINE: Final = 4
"""Decimals where cents are too coarse: a call of some hundred tokens costs less than one."""

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
    return fixed(language, usd, 2)


@lru_cache(SAME)
def fixed(language: Language, usd: float | Decimal, decimals: int) -> str:
    """Return dollars with so many decimals."""
    pattern = language.locale.currency_formats["standard"].pattern
    places = f".{'0' * decimals}" if decimals else ""
    form = pattern.replace(".00", places)
    words = format_currency(usd, "USD", form, locale=language.locale, currency_digits=False)
    return words.replace(get_currency_symbol("USD", language.locale), "$")


def sign(number: float | Decimal) -> str:
    """Return the sign that a difference begins with; none where there is no difference."""
    return "+" if number > 0 else MINUS if number < 0 else ""


def price(language: Language, usd: float | None) -> str:
    """Return dollars of one step: to the hundredth of a cent below a dollar."""
    if usd is None or usd >= 1 or usd == 0:
        return money(language, usd)
    if usd < FINEST:
        return f"<{NB}{price(language, FINEST)}"
    return fixed(language, usd, FINE)
