"""Imhotep, architect and engineer: the nemes, with a builder's level for a serpent."""

from palais.avatars.bust import broad_collar, shoulders
from palais.avatars.contour import both, disc, line, polygon, side, whole
from palais.avatars.drawing import Drawing
from palais.avatars.eyes import eyes
from palais.avatars.face import brow, face, nose, planes, sockets
from palais.avatars.garments import garment
from palais.avatars.ground import ground, halo
from palais.avatars.mouths import mouth
from palais.avatars.palette import RAMPS

CLOTH = "0,84 C 62,82 112,106 124,166 L 186,392 Q 150,412 108,408 L 100,512 L 0,512"
LAPPET = "56,396 L 102,404 L 92,486 L 46,480"


def draw(d: Drawing) -> None:
    """Draw the portrait."""
    ground(d, "indigo", "strip")
    halo(d, "ring")
    shoulders(d, "ebony")
    garment(d, "cloak", "ivory", "gold")
    _nemes(d)
    broad_collar(d, ["gold", "indigo", "gold", "verdigris"], 392, 48)
    _lappets(d)
    f = face("long", 1.16, 0.98, brow=250, eye=272, eye_x=42, nose=336, mouth=368)
    planes(d, f, "gold", "indigo")
    sockets(d, f, "gold", 16)
    eyes(d, f, "open", "ivory", "indigo")
    nose(d, f, "gold", 8)
    brow(d, f, "indigo", 14, 9)
    mouth(d, f, "lips", "bronze")
    _kohl(d)
    _beard(d)
    _brow_band(d)
    _level(d)


def _nemes(d: Drawing) -> None:
    outline = whole(CLOTH)
    inside = d.clip(outline)
    d.path(outline, d.metal("indigo", "round"), ink=7)
    for y in range(196, 420, 36):
        stripe = f"60,{y - 8} L 196,{y + 12} L 196,{y + 30} L 60,{y + 10}"
        d.path(side(stripe, -1), d.metal("gold", "plate"), clip=inside)
        d.path(side(stripe, 1), d.metal("gold", "dark"), clip=inside)
    for x in (22, 62, 100):
        fan = (
            f"{x - 9},60 C {x + 6},110 {x * 0.9},170 {x * 0.72},216 L "
            f"{x * 0.72 + 14},216 C {x + 14},170 {x + 32},110 {x + 14},60"
        )
        d.path(side(fan, -1), d.metal("gold", "lit"), clip=inside)
        d.path(side(fan, 1), d.metal("gold", "dark"), clip=inside)


def _lappets(d: Drawing) -> None:
    for sign, kind in ((-1, "plate"), (1, "dark")):
        data = side(LAPPET, sign)
        inside = d.clip(data)
        d.path(data, d.metal("indigo", kind), ink=5)
        for y in (414, 440, 466):
            d.path(
                side(f"40,{y} L 110,{y + 4} L 110,{y + 16} L 40,{y + 12}", sign),
                d.metal("gold", kind),
                clip=inside,
            )


def _kohl(d: Drawing) -> None:
    d.path(both("66,274 L 92,270", closed=False), ink=8)


def _beard(d: Drawing) -> None:
    d.path(
        whole("0,420 L 18,418 L 25,488 Q 14,500 0,500"),
        d.metal("indigo", "round"),
        ink=4,
    )
    for y in (438, 456, 474):
        d.path(
            both(f"0,{y + 8} L {17 + (y - 420) / 9},{y}", closed=False),
            stroke=RAMPS["gold"].light,
            width=5,
        )


def _brow_band(d: Drawing) -> None:
    d.path(
        whole("0,202 C 50,204 90,212 112,232 L 108,254 C 84,234 48,226 0,224"),
        d.metal("gold", "band"),
        ink=4,
    )


def _level(d: Drawing) -> None:
    d.path(both("0,66 L 14,66 L 68,200 L 46,208 L 0,92"), d.metal("gold", "lit"), ink=5)
    d.path(whole("0,148 L 34,148 L 41,166 L 0,166"), d.metal("gold", "band"), ink=4)
    d.path(line((256, 92), (256, 184)), stroke=RAMPS["cyan"].light, width=4)
    d.path(
        polygon([(256, 214), (244, 184), (256, 178), (268, 184)]),
        d.metal("cyan", "plate"),
        ink=3,
    )
    d.path(disc(256, 72, 12), d.metal("cyan", "plate"), ink=4)
