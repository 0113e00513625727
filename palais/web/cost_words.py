"""How sums, shares and the marks of an axis are written: pure functions of a language."""

import math
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_percent
from flask import Flask

from palais.web.filters import count, unbroken
from palais.web.language import Language
from palais.web.locale import language as readers
from palais.web.money import DASH, FINE, NB, fixed, money, sign


def compact(language: Language, number: float | None) -> str:
    """Return a large number in short: ``1,2 M``."""
    if number is None:
        return DASH
    return unbroken(format_compact_decimal(number, fraction_digits=1, locale=language.locale))


def tick(language: Language, usd: float, step: float) -> str:
    """Return dollars on an axis, without cents where its steps are whole."""
    needed = -math.floor(math.log10(step) + 1e-9)
    return fixed(language, usd, max(2, needed) if needed > 0 else 0)


def share(language: Language, part: float | None) -> str:
    """Return a share of a whole in per cent; a trace of it is less than one."""
    if part is None:
        return DASH
    if 0 < part < 0.01:
        return f"<{NB}{share(language, 0.01)}"
    return unbroken(format_percent(part, locale=language.locale))


def signed(language: Language, usd: float) -> str:
    """Return a difference of dollars with its sign."""
    return f"{sign(usd)}{money(language, abs(usd))}"


def signed_share(language: Language, part: float) -> str:
    """Return a difference as a share, with its sign."""
    return f"{sign(part)}{share(language, abs(part))}"


def dollars(language: Language, usd: Decimal) -> str:
    """Return an amount to a hundredth of a cent."""
    return fixed(language, usd, FINE)


def signed_dollars(language: Language, usd: Decimal) -> str:
    """Return a difference to a hundredth of a cent, with its sign."""
    return f"{sign(usd)}{dollars(language, abs(usd))}"


def signed_count(language: Language, number: int) -> str:
    """Return a difference of whole numbers with its sign."""
    return f"{sign(number)}{count(language, abs(number))}"


def day_short(language: Language, day: date) -> str:
    """Return a day as an axis has room for it."""
    return unbroken(format_date(day, "d MMM", locale=language.locale))


def day_full(language: Language, day: date) -> str:
    """Return a day with its weekday and its year."""
    return unbroken(format_date(day, "full", locale=language.locale))


def weekday(language: Language, day: date) -> str:
    """Return the name of a day of the week."""
    return str(format_date(day, "EEEE", locale=language.locale))


SPOKEN: Final[tuple[Callable[..., Any], ...]] = (
    *(compact, tick, share, dollars, signed, signed_share, signed_dollars, signed_count),
    *(day_short, day_full, weekday),
)


def register(app: Flask) -> None:
    """Give the templates these filters under their names, in the language of the reader."""
    for function in SPOKEN:
        app.add_template_filter(_spoken(function), function.__name__)


def _spoken(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *facts: function(readers(), *facts)
