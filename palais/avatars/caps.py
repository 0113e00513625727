"""What holds a headdress: a cap of metal, its edge in the light, lines engraved in it."""

from typing import Final

from palais.avatars.contour import Contour, both, side
from palais.avatars.drawing import Drawing
from palais.avatars.palette import INK, RAMPS

_EDGES: Final = {
    "dome": "110,232 C 84,212 48,206 0,206",
    "peak": "112,240 C 92,214 40,204 0,246",
    "band": "106,256 C 84,226 48,216 0,214",
    "helm": "100,346 L 102,262 C 80,224 44,214 0,214",
}
_CROWNS: Final = {
    "dome": "0,136 C 66,138 104,172 ",
    "peak": "0,140 C 66,142 106,176 ",
    "band": "0,150 C 66,152 108,178 112,236 L ",
    "helm": "0,132 C 70,134 112,172 118,240 L 120,322 L ",
}
CAPS: Final = tuple(_EDGES)


def cap(d: Drawing, kind: str, main: str, second: str) -> None:
    """Draw what holds the headdress: ``dome``, ``peak``, ``band`` or ``helm``."""
    shape = Contour.of(_CROWNS[kind] + _EDGES[kind])
    inside = d.clip(shape.whole())
    d.path(shape.whole(), d.metal(main), ink=5)
    engraved(d, main, inside)
    d.path(shape.side(1), INK, opacity=0.2)
    edge = _EDGES[kind]
    d.path(both(edge, closed=False), stroke=INK, width=30, clip=inside)
    d.path(side(edge, -1, closed=False), stroke=RAMPS[second].light, width=22, clip=inside)
    d.path(side(edge, 1, closed=False), stroke=RAMPS[second].body, width=22, clip=inside)
    d.path(both(edge, closed=False), stroke=RAMPS[second].edge, width=7, dash="0.1 14", clip=inside)
    d.path(both(edge, closed=False), ink=5)
    if kind != "band":
        ridge = "0,130 L 13,136 L 11,190 L 0,202"
        d.path(side(ridge, -1), d.metal(second, "lit"), ink=4)
        d.path(side(ridge, 1), d.metal(second, "dark"), ink=4)


def engraved(d: Drawing, metal: str, inside: str) -> None:
    """Engrave lines that run over the crown of the head, kept inside a clip."""
    lines = "".join(
        both(f"{x},128 C {x * 1.5},150 {x * 2.1},180 {x * 2.3},230", closed=False) for x in (22, 41)
    )
    d.path(lines, stroke=RAMPS[metal].edge, width=4, opacity=0.7, clip=inside)
