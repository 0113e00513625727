"""The portrait of an agent, as SVG: the ten of the seed by hand, any other composed."""

import hashlib
from collections.abc import Callable
from typing import Final

from palais.avatars import composed
from palais.avatars.drawing import Drawing
from palais.avatars.personas import (
    artist,
    builder,
    cfo,
    concierge,
    explorer,
    maintainer,
    marketer,
    messenger,
    tutor,
    writer,
)

VERSION: Final = 2
"""Raised with every change of the art: a portrait that was made by an older one is made anew."""

PERSONAS: Final[dict[tuple[str, str], Callable[[Drawing], None]]] = {
    ("concierge", "mobutoo"): concierge.draw,
    ("builder", "imhotep"): builder.draw,
    ("writer", "thot"): writer.draw,
    ("artist", "basquiat"): artist.draw,
    ("tutor", "piccolo"): tutor.draw,
    ("explorer", "r2d2"): explorer.draw,
    ("marketer", "marketer"): marketer.draw,
    ("cfo", "cfo"): cfo.draw,
    ("maintainer", "maintainer"): maintainer.draw,
    ("messenger", "hermes"): messenger.draw,
}
"""By id and, in lower case, name: a ``builder`` that is not Imhotep gets a face of its own."""


def portrait(agent_id: str, name: str, persona: str = "") -> str:
    """Return the agent's portrait: an SVG document of 512 × 512, the same for the same words.

    Two of them can stand in one page: every id inside starts with a digest of those words.
    """
    words = "\x1f".join((agent_id, name, persona))
    digest = hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()
    drawing = Drawing(f"p{digest[:10]}-")
    by_hand = PERSONAS.get((agent_id, name.casefold()))
    if by_hand:
        by_hand(drawing)
    else:
        composed.draw(drawing, words)
    return drawing.svg(name)
