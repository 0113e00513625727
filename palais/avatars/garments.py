"""What is worn on the shoulders: each garment kept inside their outline, lit from the left."""

from collections.abc import Callable
from typing import Final

from palais.avatars.bust import SHOULDERS
from palais.avatars.contour import AXIS, both, disc, number, pair, polar, polygon, side, whole
from palais.avatars.drawing import Drawing
from palais.avatars.palette import INK, RAMPS

Garment = Callable[[Drawing, str, str, str], None]
NAPE: Final = (AXIS, 392.0)
"""About which mantles and plates are laid."""


def garment(d: Drawing, kind: str, cloth: str, trim: str) -> None:
    """Lay one of GARMENTS over shoulders that are drawn already, and the edge of light again."""
    inside = d.clip(whole(SHOULDERS))
    d.path(whole(SHOULDERS), d.metal(cloth, "dark"))
    GARMENTS[kind](d, cloth, trim, inside)
    d.path(side(SHOULDERS, 1), INK, opacity=0.32)
    rest = "60,408 C 70,440 172,442 206,512"
    d.path(side(rest, -1, closed=False), stroke=RAMPS[trim].light, width=6)
    d.path(side(rest, 1, closed=False), stroke=RAMPS[trim].body, width=4)


def _scales(d: Drawing, cloth: str, trim: str, _inside: str) -> None:
    ramp = RAMPS[cloth]
    rows = [(y, shift) for y, shift in ((26, 0.0), (13, 18.0), (0, 0.0), (-13, 18.0))]
    cell = "".join(
        f'<path d="{_scale(x + shift, y)}" fill="{ramp.body}" stroke="{ramp.edge}" '
        f'stroke-width="3"/><path d="M{number(x + shift - 11)} {y + 8}q2 12 11 12" fill="none" '
        f'stroke="{RAMPS[trim].light}" stroke-width="2.5"/>'
        for y, shift in rows
        for x in (0, 36)
    )
    d.path(whole(SHOULDERS), d.pattern(36, 26, cell))


def _scale(x: float, y: float) -> str:
    return f"M{number(x - 18)} {number(y - 6)}v8q2 22 18 22q16 0 18-22v-8Z"


def _feathers(d: Drawing, cloth: str, trim: str, inside: str) -> None:
    for radius, length, metal in ((108, 110, cloth), (50, 96, trim)):
        for angle in range(100, 261, 16):
            root, tip = polar(*NAPE, radius, angle), polar(*NAPE, radius + length, angle)
            sides = [polar(*NAPE, radius + length * 0.6, angle + k) for k in (-15, 15)]
            quill = f"M{pair(root)}Q{pair(sides[0])} {pair(tip)}Q{pair(sides[1])} {pair(root)}Z"
            kind = "lit" if angle > 180 else "plate"
            d.path(quill, d.metal(metal, kind), ink=4, clip=inside)


def _kente(d: Drawing, _cloth: str, trim: str, inside: str) -> None:
    colours = RAMPS[trim], RAMPS["gold"], RAMPS["oxblood"]
    for sign in (-1, 1):
        for k in range(6):
            x, y = 42 + k * 7, 414 + k * 18
            block = f"{x},{y} L {x + 52},{y - 10} L {x + 61},{y + 6} L {x + 10},{y + 16}"
            tone = colours[k % 3].light if sign < 0 else colours[k % 3].body
            d.path(side(block, sign), tone, ink=3, clip=inside)
            steps = f"{x + 24},{y - 2} L {x + 40},{y - 5} L {x + 43},{y + 5} L {x + 29},{y + 8}"
            d.path(side(steps, sign), colours[(k + 2) % 3].deep, clip=inside)


def _plates(d: Drawing, cloth: str, trim: str, inside: str) -> None:
    for radius in (190, 152, 118):
        for sign, kind in ((-1, "plate"), (1, "dark")):
            edge = [polar(*NAPE, radius, 180 - sign * a) for a in range(0, 100, 12)]
            d.path(polygon([NAPE, *edge]), d.metal(cloth, kind), ink=5, clip=inside)
        studs = [polar(*NAPE, radius - 14, a) for a in range(104, 257, 19)]
        d.path("".join(disc(x, y, 5.5) for x, y in studs), RAMPS[trim].light, ink=3, clip=inside)


def _cloak(d: Drawing, cloth: str, trim: str, inside: str) -> None:
    ramp = RAMPS[cloth]
    for x, reach in ((52, 46), (60, 96), (66, 150)):
        fold = (
            f"{x},412 C {x + 4},450 {reach + 6},470 {reach + 20},520 "
            f"L {reach + 46},520 C {reach + 30},470 {x + 22},446 {x + 8},414"
        )
        d.path(side(fold, -1), ramp.light, opacity=0.75, clip=inside)
        d.path(side(fold, 1), ramp.body, opacity=0.8, clip=inside)
        shade = (
            f"{reach + 46},520 C {reach + 30},470 {x + 22},446 {x + 8},414 "
            f"C {x + 26},440 {reach + 50},470 {reach + 66},520"
        )
        d.path(both(shade), ramp.edge, opacity=0.75, clip=inside)
    hem = "40,410 C 46,450 30,480 26,520"
    d.path(both(hem, closed=False), stroke=INK, width=14, clip=inside)
    d.path(both(hem, closed=False), stroke=RAMPS[trim].light, width=8, clip=inside)


GARMENTS: Final[dict[str, Garment]] = {
    "scales": _scales,
    "feathers": _feathers,
    "kente": _kente,
    "plates": _plates,
    "cloak": _cloak,
}
