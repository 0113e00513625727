"""A perceptual hash: what is left of a portrait when one looks at it from afar."""

import io

import resvg_py
from PIL import Image

SIDE = 16
MARGIN = 4
"""Steps of 255 that no eye sees: the night around a head is not told apart."""
BITS = 3 * 2 * SIDE * (SIDE - 1)
"""Three channels, compared with the neighbour to the right and with the one below."""


def raster(svg: str, size: int) -> Image.Image:
    data = resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size, skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(data))).convert("RGB")


def fingerprint(picture: Image.Image) -> int:
    """Return ``BITS`` bits: in each channel, whether a cell is lighter than its neighbours."""
    small = picture.convert("YCbCr").resize((SIDE, SIDE), Image.Resampling.BOX)
    bits = 0
    for band in small.split():
        cells = band.tobytes()
        for y in range(SIDE):
            for x in range(SIDE):
                here = cells[y * SIDE + x]
                if x + 1 < SIDE:
                    bits = bits << 1 | (here > cells[y * SIDE + x + 1] + MARGIN)
                if y + 1 < SIDE:
                    bits = bits << 1 | (here > cells[(y + 1) * SIDE + x] + MARGIN)
    return bits


def distance(one: int, other: int) -> int:
    return (one ^ other).bit_count()
