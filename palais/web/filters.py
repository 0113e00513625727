"""How facts are written in French: pure functions, and their names in the templates.

``static/js/format.js`` writes the same facts the same way; ``tests/browser`` compares the two.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from flask import Flask

from palais.web.words import (
    NB,
    WORDS,
    action_word,
    activity_word,
    entity,
    feed,
    say,
    session_word,
    status_word,
    tone,
)

NARROW: Final = "\u202f"
DASH: Final = "—"

MONTHS: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)

_AVATAR = re.compile(r"data:image/(?:png|jpeg|webp|svg\+xml)[;,][^\s\"'<>\\]*", re.ASCII)
_PATH = re.compile(r"/(?![/\\])[^\s\"'<>\\]*", re.ASCII)


def ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago a moment was; the future, a matter of two clocks, is now."""
    if moment is None:
        return DASH
    seconds = int((now - moment).total_seconds())
    if seconds < 5:
        return say("ago.now")
    if 86_400 <= seconds < 172_800:
        return say("ago.yesterday")
    if seconds >= 30 * 86_400:
        return f"le{NB}{day(moment)}"
    unit, size = _unit(seconds)
    return say(f"ago.{unit}", n=seconds // size)


def since(moment: datetime | None, now: datetime) -> str:
    """Return for how long something has been so, from its start."""
    if moment is None:
        return ""
    seconds = max(0, int((now - moment).total_seconds()))
    unit, size = _unit(seconds)
    return say(f"since.{unit}", n=seconds // size)


def _unit(seconds: int) -> tuple[str, int]:
    if seconds < 60:
        return "seconds", 1
    if seconds < 3600:
        return "minutes", 60
    return ("hours", 3600) if seconds < 86_400 else ("days", 86_400)


def day(moment: datetime) -> str:
    """Return the UTC date in words."""
    at = moment.astimezone(UTC)
    ordinal = "1er" if at.day == 1 else str(at.day)
    return f"{ordinal}{NB}{MONTHS[at.month - 1]}{NB}{at.year}"


def clock(moment: datetime | None) -> str:
    """Return the time of day, marked as UTC; the script replaces it by the local one."""
    return DASH if moment is None else f"{moment.astimezone(UTC):%H:%M:%S}{NB}UTC"


def exact(moment: datetime | None) -> str:
    """Return date and time in full, marked as UTC."""
    return "" if moment is None else f"{day(moment)} à {clock(moment)}"


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


def count(number: int | None) -> str:
    """Return a whole number with narrow spaces between the thousands."""
    return DASH if number is None else f"{number:,}".replace(",", NARROW)


def money(usd: float | None) -> str:
    """Return dollars the French way; what is unknown is a dash, never zero."""
    if usd is None:
        return DASH
    if 0 < usd < 0.01:
        return f"<{NB}0,01{NB}$"
    return f"{usd:,.2f}".replace(",", NARROW).replace(".", ",") + f"{NB}$"


def quality(score: float | None) -> str:
    """Return an average quality with two decimals, or that there is none."""
    return f"n.{NB}d." if score is None else f"{score:.2f}".replace(".", ",")


def duration(ms: int | None) -> str:
    """Return a duration in its two largest units."""
    if ms is None:
        return DASH
    if ms < 1000:
        return f"{ms}{NB}ms"
    if ms < 10_000:
        return f"{ms // 100 / 10:.1f}".replace(".", ",") + f"{NB}s"
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


def register(app: Flask) -> None:
    """Give the templates these words, each filter under its function's name."""
    filters: tuple[Callable[..., Any], ...] = (
        *(clock, exact, iso, instant, count, money, quality, duration, initials, model_name),
        *(status_word, session_word, activity_word, safe_avatar, feed, action_word, entity, tone),
    )
    for function in filters:
        app.add_template_filter(function, function.__name__)
    app.add_template_filter(lambda moment: ago(moment, datetime.now(UTC)), "ago")
    app.add_template_filter(lambda moment: since(moment, datetime.now(UTC)), "since")
    app.add_template_global(WORDS, "words")  # type: ignore[arg-type]
    app.add_template_global(say, "say")
