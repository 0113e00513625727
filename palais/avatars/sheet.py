"""The contact sheet: all portraits of a court on one picture, framed."""

import io
from collections.abc import Sequence
from typing import Final

import resvg_py
from PIL import Image

from palais.avatars.frame import MARGIN, frame
from palais.avatars.portrait import portrait
from palais.store.portraits import Sitter

COLUMNS: Final = 5
EDGE: Final = 376
GAP: Final = 28


def contact_sheet(people: Sequence[Sitter]) -> bytes:
    """Return a PNG with the studio's portraits of these agents, five a row."""
    places = [_place(index) for index in range(len(people))]
    right, bottom = (max(axis) + EDGE + GAP + MARGIN for axis in zip(*places, strict=True))
    windows = [(x, y, EDGE, EDGE) for x, y in places]
    sheet = _painted(frame(right, bottom, windows))
    for one, place in zip(people, places, strict=True):
        sheet.paste(_painted(portrait(one.id, one.name, one.persona), EDGE), place)
    out = io.BytesIO()
    # Colours that are seldom keep their place in this palette: one emerald among much gold.
    palette = sheet.quantize(256, method=Image.Quantize.MAXCOVERAGE)
    sheet.quantize(palette=palette).save(out, "PNG", optimize=True)
    return out.getvalue()


def _place(index: int) -> tuple[int, int]:
    row, column = divmod(index, COLUMNS)
    return MARGIN + GAP + column * (EDGE + GAP), MARGIN + GAP + row * (EDGE + GAP)


def _painted(svg: str, edge: int | None = None) -> Image.Image:
    png = resvg_py.svg_to_bytes(svg_string=svg, width=edge, height=edge, skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(png))).convert("RGB")
