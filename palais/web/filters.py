"""How facts are written: pure functions of a language, and their names in the templates.

``static/js/format.js`` writes the same facts the same way; ``tests/browser`` compares the two.
Both go by the Unicode CLDR, Babel's and the browser's. Where two editions of it might differ, in
the spaces within a date, these are all made unbreakable here and there (``unbroken``).
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask import Flask

from palais.web.clock import now
from palais.web.language import Language
from palais.web.locale import language as readers
from palais.web.money import DASH, NB, SAME, money, price
from palais.web.words import (
    action_word,
    activity_word,
    entity,
    feed,
    session_word,
    span_word,
    status_word,
    step_word,
    tone,
    unrated,
    why,
)

_AVATAR = re.compile(r"data:image/(?:png|jpeg|webp|svg\+xml)[;,][^\s\"'<>\\]*", re.ASCII)
_PATH = re.compile(r"/(?![/\\])[^\s\"'<>\\]*", re.ASCII)


def ago(language: Language, moment: datetime | None, now: datetime) -> str:
    """Return how long ago a moment was; the future, a matter of two clocks, is now."""
    if moment is None:
        return DASH
    seconds = int((now - moment).total_seconds())
    if seconds < 5:
        return language.say("ago.now")
    if 86_400 <= seconds < 172_800:
        return language.say("ago.yesterday")
    if seconds >= 30 * 86_400:
        return language.say("ago.date", day=day(language, moment))
    unit, size = _unit(seconds)
    return language.say(f"ago.{unit}", n=seconds // size)


def since(language: Language, moment: datetime | None, now: datetime) -> str:
    """Return for how long something has been so, from its start."""
    if moment is None:
        return ""
    seconds = max(0, int((now - moment).total_seconds()))
    unit, size = _unit(seconds)
    return language.say(f"since.{unit}", n=seconds // size)


def _unit(seconds: int) -> tuple[str, int]:
    if seconds < 60:
        return "seconds", 1
    if seconds < 3600:
        return "minutes", 60
    return ("hours", 3600) if seconds < 86_400 else ("days", 86_400)


def day(language: Language, moment: datetime) -> str:
    """Return the UTC date in words; the first of a month is an ordinal in French, unlike CLDR's."""
    words = format_date(moment.astimezone(UTC), "long", locale=language.locale)
    return unbroken(re.sub(r"\b1\b", language.say("date.first"), words, count=1))


def clock(language: Language, moment: datetime | None) -> str:
    """Return the time of day, marked as UTC; the script replaces it by the local one."""
    if moment is None:
        return DASH
    time = format_time(moment.astimezone(UTC), "medium", locale=language.locale)
    return f"{unbroken(time)}{NB}UTC"


def exact(language: Language, moment: datetime | None) -> str:
    """Return date and time in full, marked as UTC."""
    if moment is None:
        return ""
    return language.say("date.exact", day=day(language, moment), clock=clock(language, moment))


def unbroken(text: str) -> str:
    """Return a date or a time that no line ends in, whatever spaces its edition of CLDR has."""
    return re.sub(r"\s", NB, text)


def iso(moment: datetime | None) -> str:
    """Return ISO 8601 in UTC with milliseconds, for ``datetime`` attributes."""
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(value: str | int | None) -> datetime | None:
    """Return the moment that an event carries, in ISO 8601 or in milliseconds."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return datetime.fromtimestamp(value / 1000, UTC)


@lru_cache(SAME)
def count(language: Language, number: int | None) -> str:
    """Return a whole number, its thousands apart."""
    return DASH if number is None else format_decimal(number, locale=language.locale)


def quality(language: Language, score: float | None) -> str:
    """Return an average quality with two decimals, or that there is none."""
    if score is None:
        return language.say("quality.none")
    return format_decimal(score, "0.00", locale=language.locale)


def duration(language: Language, ms: int | None) -> str:
    """Return a duration in its two largest units, which are those of the SI everywhere."""
    if ms is None:
        return DASH
    if ms < 1000:
        return f"{ms}{NB}ms"
    if ms < 10_000:
        return f"{format_decimal(ms // 100 / 10, '0.0', locale=language.locale)}{NB}s"
    seconds = ms // 1000
    if seconds < 60:
        return f"{seconds}{NB}s"
    if seconds < 3600:
        return f"{seconds // 60}{NB}min {seconds % 60:02d}{NB}s"
    return f"{seconds // 3600}{NB}h {seconds % 3600 // 60:02d}{NB}min"


def initials(name: str) -> str:
    """Return up to two capitals that stand for a name."""
    words: list[str] = re.findall(r"[^\W_]+", name)
    if not words:
        return "?"
    letters = words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]
    return letters.upper()[:2]


def model_name(model: str | None) -> str:
    """Return a model's own name, without its provider."""
    return model.rsplit("/", 1)[-1] if model else DASH


def safe_avatar(url: str | None) -> str | None:
    """Return the portrait's address if it is a path of this host or a picture in itself."""
    if url and (_PATH.fullmatch(url) or _AVATAR.fullmatch(url)):
        return url
    return None


PLAIN: Final[tuple[Callable[..., Any], ...]] = (
    *(iso, instant, initials, model_name, safe_avatar, feed, tone),
)
SPOKEN: Final[tuple[Callable[..., Any], ...]] = (
    *(clock, exact, count, money, price, quality, duration, step_word, span_word),
    *(status_word, session_word, activity_word, action_word, entity, unrated, why),
)


def register(app: Flask) -> None:
    """Give the templates these filters under their names, in the language of the reader."""
    for function in PLAIN:
        app.add_template_filter(function, function.__name__)
    for function in SPOKEN:
        app.add_template_filter(_spoken(function), function.__name__)
    app.add_template_filter(lambda moment: ago(readers(), moment, now()), "ago")
    app.add_template_filter(lambda moment: since(readers(), moment, now()), "since")


def _spoken(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda fact: function(readers(), fact)
