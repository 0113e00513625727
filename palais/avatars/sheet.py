"""The contact sheet: all portraits of a court on one picture."""

import io
from collections.abc import Sequence
from typing import Final

import resvg_py
from PIL import Image

from palais.avatars.portrait import portrait
from palais.store.portraits import Sitter

COLUMNS: Final = 5
EDGE: Final = 400
GAP: Final = 12
GROUND: Final = "#0A0A0F"


def contact_sheet(people: Sequence[Sitter]) -> bytes:
    """Return a PNG with the studio's portraits of these agents, five a row."""
    rows = -(-len(people) // COLUMNS)
    size = (COLUMNS * (EDGE + GAP) + GAP, rows * (EDGE + GAP) + GAP)
    sheet = Image.new("RGB", size, GROUND)
    for index, one in enumerate(people):
        svg = portrait(one.id, one.name, one.persona)
        png = resvg_py.svg_to_bytes(svg_string=svg, width=EDGE, height=EDGE, skip_system_fonts=True)
        row, column = divmod(index, COLUMNS)
        place = (GAP + column * (EDGE + GAP), GAP + row * (EDGE + GAP))
        sheet.paste(Image.open(io.BytesIO(bytes(png))).convert("RGB"), place)
    out = io.BytesIO()
    sheet.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(out, "PNG", optimize=True)
    return out.getvalue()
