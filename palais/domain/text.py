"""What an agent says is hostile text: it is made safe before anything else sees it."""

import re
import unicodedata
from typing import Final

NAME_LIMIT: Final = 120
LINE_LIMIT: Final = 300
SUMMARY_LIMIT: Final = 600

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:+-]{0,127}")
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d", "\ufe0f"}  # they shape letters and emoji, and reorder nothing


def clean(text: str, limit: int) -> str:
    """Return one line of at most ``limit`` characters, without control or direction marks.

    Line breaks and tabs become spaces; a clipped text ends in an ellipsis. NUL and lone
    surrogates, which Postgres and UTF-8 refuse, are among what is dropped.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return " ".join(text.split())
    window = text[: limit * 4]
    shown = "".join(_visible(char) for char in window)
    line = " ".join(shown.split())
    if len(line) > limit or len(text) > len(window):
        return line[: limit - 1].rstrip() + "…"
    return line


def is_plain(text: str) -> bool:
    """Whether all of a text is to be seen: no line break, control character or direction mark."""
    return all(_visible(char) == char for char in text)


def is_id(text: str) -> bool:
    """Whether the text can name an agent: 1 to 128 plain characters that are safe in a path."""
    return _ID.fullmatch(text) is not None


def _visible(char: str) -> str:
    if char in "\n\r\t\v\f\u2028\u2029":
        return " "
    if char in _JOINERS or unicodedata.category(char) not in _HIDDEN:
        return char
    return ""
