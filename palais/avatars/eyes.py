"""Eyes: each kind its own look, drawn to the left and to the right of the nose."""

from collections.abc import Callable
from typing import Final

from palais.avatars.contour import AXIS, disc, pair, polygon, whole
from palais.avatars.drawing import Drawing
from palais.avatars.face import Face
from palais.avatars.palette import INK, RAMPS

Eye = Callable[[Drawing, float, float, str, str], None]


def eyes(d: Drawing, f: Face, kind: str, metal: str, glow: str) -> None:
    """Draw both eyes; ``metal`` is that of the lids, ``glow`` of what looks out."""
    if kind == "visor":
        _visor(d, f, metal, glow)
        return
    for sign in (-1, 1):
        EYES[kind](d, AXIS + sign * f.eye_x, f.eye, metal, glow)


def _light(d: Drawing, x: float, y: float, radius: float, glow: str) -> None:
    d.path(disc(x, y, radius), d.glow(RAMPS[glow].light, 0.75))


def _bean(d: Drawing, x: float, y: float, metal: str, glow: str) -> None:
    d.path(_almond(x, y, 27, 15), d.metal(metal, "plate"), ink=3)
    d.path(_almond(x, y + 1, 24, 5.5), INK)
    d.path(_almond(x, y + 1, 17, 2.8), RAMPS[glow].light)


def _round(d: Drawing, x: float, y: float, metal: str, glow: str) -> None:
    d.path(disc(x, y, 25), d.metal(metal, "plate"), ink=3)
    d.path(disc(x, y, 17), INK)
    _light(d, x, y, 22, glow)
    d.path(disc(x, y, 8.5), RAMPS[glow].light)
    d.path(disc(x - 3, y - 3, 3), "#FFFFFF")


def _lowered(d: Drawing, x: float, y: float, metal: str, glow: str) -> None:
    d.path(f"M{pair((x - 27, y - 4))}Q{pair((x, y + 26))} {pair((x + 27, y - 4))}Z", INK)
    d.path(f"M{pair((x - 20, y))}Q{pair((x, y + 18))} {pair((x + 20, y))}Z", RAMPS[glow].light)
    lid = (
        f"M{pair((x - 29, y + 2))}Q{pair((x, y - 30))} "
        f"{pair((x + 29, y + 2))}Q{pair((x, y + 8))} {pair((x - 29, y + 2))}Z"
    )
    d.path(lid, d.metal(metal, "plate"), ink=3)


def _open(d: Drawing, x: float, y: float, metal: str, glow: str) -> None:
    d.path(_almond(x, y, 31, 19), RAMPS[metal].light, ink=3)
    d.path(_almond(x, y, 26, 13), INK)
    d.path(disc(x, y, 11), RAMPS[glow].light)
    d.path(disc(x, y, 4.5), INK)


def _fierce(d: Drawing, x: float, y: float, metal: str, glow: str) -> None:
    sign = -1 if x < AXIS else 1
    inner, outer = x - sign * 27, x + sign * 29
    d.path(
        polygon([(inner, y + 8), (outer, y - 18), (outer - sign * 6, y + 8), (x, y + 17)]),
        INK,
        stroke=RAMPS[metal].light,
        width=4,
    )
    d.path(
        polygon(
            [
                (inner + sign * 9, y + 7),
                (outer - sign * 7, y - 9),
                (outer - sign * 11, y + 4),
                (x, y + 11),
            ]
        ),
        RAMPS[glow].light,
    )


def _square(d: Drawing, x: float, y: float, metal: str, glow: str) -> None:
    d.path(_box(x, y, 27, 21), d.metal(metal, "plate"), ink=3)
    d.path(_box(x, y, 19, 13), INK)
    d.path(_box(x, y, 13, 5), RAMPS[glow].light)


def _tube(d: Drawing, x: float, y: float, metal: str, glow: str) -> None:
    d.path(disc(x + 4, y + 7, 24), INK, opacity=0.6)
    d.path(disc(x, y, 24), d.metal(metal, "plate"), ink=3)
    d.path(disc(x - 2, y - 2, 16), d.metal(metal, "dark"))
    d.path(disc(x - 2, y - 2, 9), RAMPS[glow].light)


def _lozenge(d: Drawing, x: float, y: float, metal: str, glow: str) -> None:
    d.path(
        polygon([(x - 29, y), (x, y - 22), (x + 29, y), (x, y + 22)]),
        INK,
        stroke=RAMPS[metal].light,
        width=4,
    )
    d.path(polygon([(x - 14, y), (x, y - 11), (x + 14, y), (x, y + 11)]), RAMPS[glow].light)


def _tear(d: Drawing, x: float, y: float, metal: str, glow: str) -> None:
    top, tip = pair((x, y - 22)), pair((x, y + 34))
    right = f"C{pair((x + 26, y - 18))} {pair((x + 20, y + 8))} {tip}"
    left = f"C{pair((x - 20, y + 8))} {pair((x - 26, y - 18))} {top}"
    d.path(f"M{top}{right}{left}Z", INK, stroke=RAMPS[metal].light, width=4)
    d.path(disc(x, y - 3, 8), RAMPS[glow].light)


def _visor(d: Drawing, f: Face, metal: str, glow: str) -> None:
    y, w = f.eye, f.half + 6
    frame = f"0,{y - 22} L {w},{y - 18} L {w - 8},{y + 14} L 14,{y + 20} L 0,{y + 12}"
    d.path(whole(frame), d.metal(metal, "band"), ink=4)
    d.path(
        whole(f"0,{y - 9} L {w - 14},{y - 6} L {w - 18},{y + 5} L 0,{y + 4}"),
        INK,
    )
    d.path(
        whole(f"0,{y - 4} L {w - 22},{y - 2} L {w - 24},{y + 2} L 0,{y + 1}"),
        RAMPS[glow].light,
    )


def _almond(x: float, y: float, rx: float, ry: float) -> str:
    top, bottom = y - 1.6 * ry, y + 1.6 * ry
    left, right = pair((x - rx, y)), pair((x + rx, y))
    return f"M{left}Q{pair((x, top))} {right}Q{pair((x, bottom))} {left}Z"


def _box(x: float, y: float, rx: float, ry: float) -> str:
    return polygon([(x - rx, y - ry), (x + rx, y - ry), (x + rx, y + ry), (x - rx, y + ry)])


EYES: Final[dict[str, Eye]] = {
    "bean": _bean,
    "round": _round,
    "lowered": _lowered,
    "open": _open,
    "fierce": _fierce,
    "square": _square,
    "tube": _tube,
    "lozenge": _lozenge,
    "tear": _tear,
}
