"""What the pages say, taken from the sources, and the catalogues that follow it (GNU gettext)."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from palais.config import ROOT

Said = tuple[str, str | tuple[str, ...]]
"""A message as the sources have it: its context, or nothing; its text, or one and many."""

HOLE: Final = re.compile(r"\{\w+\}|%\(\w+\)[sd]")
"""What is filled in."""

KEYWORDS: Final = {**DEFAULT_KEYWORDS, "phrase": ((1, "c"), 2), "plural": ((1, "c"), 2, 3)}
SOURCES: Final = (("palais", "**.py", "python"), ("templates", "**.html", "jinja2"))


def said() -> set[Said]:
    """Return all that the pages say, in English, as the sources have it."""
    return {
        (context or "", message)
        for folder, files, method in SOURCES
        for _, _, message, _, context in extract_from_dir(
            ROOT / folder,
            method_map=[(files, method)],
            options_map={files: {"silent": "false"}},
            keywords=KEYWORDS,
        )
    }


def messages(text: str) -> Iterator[Message]:
    """Yield the messages of a catalogue, without its header."""
    return (message for message in read_po(BytesIO(text.encode())) if message.id)


def translated(message: Message) -> bool:
    """Return whether a message has all the forms that its language asks for."""
    return bool(message.string) if isinstance(message.string, str) else all(message.string or [""])


def updated(path: Path) -> str:
    """Return a catalogue with all that is said now and nothing else, in one order for ever.

    Who translated what is kept; what is new has no translation yet, and none is guessed.
    """
    text = path.read_text(encoding="utf-8")
    header = text.partition("\n\n")[0]
    known = {(one.context or "", one.id): one for one in messages(text)}
    fresh = Catalog()
    for context, message in sorted(said(), key=str):
        old = known.get((context, message))
        fresh.add(
            message,
            old.string if old else None,
            context=context or None,
            user_comments=old.user_comments if old else (),
            flags=old.flags & {"fuzzy"} if old else (),
        )
    body = BytesIO()
    write_po(body, fresh, width=0, no_location=True, omit_header=True)
    return f"{header}\n\n{body.getvalue().decode().strip()}\n"
