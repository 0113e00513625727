"""What an agent says is hostile text: it is made safe before anything else sees it."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

NAME_LIMIT: Final = 120
LINE_LIMIT: Final = 300
SUMMARY_LIMIT: Final = 600
CONTENT_LIMIT: Final = 8_000
"""Characters kept of what goes into a step, and of what comes out of it."""

MARKS_LIMIT: Final = 6
"""Marks on one letter: as many as Burmese has. More only pile up over other lines."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:+-]{0,127}")
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_MARKS = {"Mn", "Me"}
_JOINERS = {"\u200c", "\u200d", "\ufe0f"}  # they shape letters and emoji, and reorder nothing
_FILLERS = {"\u115f", "\u1160", "\u3164", "\uffa0"}  # letters by category, without a shape
_BLANKS = set("\n\r\t\v\f\u2028\u2029\u2800")
_BREAKS = re.compile(r"\r\n?|[\v\f\u2028\u2029]")
_PLAIN_BLOCK = re.compile(
    r"[\t\n -~\u00a1-\u00ac\u00ae-\u02af\u2010-\u2026\u2190-\u22ff\u2500-\u25ff]*"
)


def clean(text: str, limit: int) -> str:
    """Return one line of at most ``limit`` characters, all of them to be seen.

    Line breaks and tabs become spaces; control and direction marks go, and so do marks without a
    letter below them, or beyond ``MARKS_LIMIT``. A clipped text ends in an ellipsis. NUL and lone
    surrogates, which Postgres and UTF-8 refuse, are among what is dropped.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return " ".join(text.split())
    window = text[: limit * 4]
    shown = window if _PLAIN_BLOCK.fullmatch(window) else "".join(_shown(window))
    line = " ".join(shown.split())
    if len(line) > limit or len(text) > len(window):
        return line[: limit - 1].rstrip() + "…"
    return line


def key(text: str, limit: int) -> str:
    """Return an id as a line of at most ``limit`` characters that no other id gives.

    One that is longer ends in a digest of all of it: cut short, it could be that of another.
    """
    if len(text) <= limit:
        return clean(text, limit)
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    head = clean(text, limit - len(digest))
    return head and head + digest


def block(text: str) -> str:
    """Return a text of several lines, all of it to be seen, as ``clean`` returns one line.

    Line breaks and tabs stay. It is not clipped: a caller passes what it wants to keep.
    """
    if _PLAIN_BLOCK.fullmatch(text):
        return text.strip("\n")
    lines = _BREAKS.sub("\n", text).split("\n")
    shown = ("\t".join("".join(_shown(part)) for part in line.split("\t")) for line in lines)
    return "\n".join(shown).strip("\n")


def is_plain(text: str) -> bool:
    """Whether ``clean`` would drop nothing of a text: all of it is to be seen."""
    return (text.isascii() and text.isprintable()) or "".join(_shown(text)) == text


def is_id(text: str) -> bool:
    """Whether the text can name an agent: 1 to 128 plain characters that are safe in a path."""
    return _ID.fullmatch(text) is not None


def _shown(text: Iterable[str]) -> Iterator[str]:
    room = 0
    for char in text:
        if char.isalnum() and char not in _FILLERS:
            room = MARKS_LIMIT
            yield char
        elif char in _BLANKS or char.isspace():
            room = 0
            yield char if unicodedata.category(char) == "Zs" else " "
        elif char in _JOINERS or unicodedata.category(char) in _MARKS:
            if room > 0:
                room -= 1
                yield char
        elif char not in _FILLERS and unicodedata.category(char) not in _HIDDEN:
            room = MARKS_LIMIT
            yield char
