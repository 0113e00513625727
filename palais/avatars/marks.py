"""Scarification and circuit lines: what is carved and inlaid on a mask."""

from typing import Final

from palais.avatars.contour import AXIS, both, disc, line, polygon
from palais.avatars.drawing import Drawing
from palais.avatars.face import Face
from palais.avatars.palette import INK, RAMPS


def cheeks(d: Drawing, f: Face, kind: str, metal: str) -> None:
    """Mark both cheeks: ``bars``, ``dots``, ``tears``, ``circuit``, ``chevrons`` or ``none``."""
    x, y, colour = f.half * 0.62, f.nose - 20, RAMPS[metal].light
    if kind == "bars":
        cuts = [f"{x - 15},{y + k} L {x + 15},{y + k - 7}" for k in (0, 14, 28)]
        _inlay(d, _pairs(cuts), colour, 6)
    elif kind == "dots":
        spots = [(x - 10, y), (x + 10, y - 5), (x - 4, y + 19), (x + 14, y + 14)]
        dots = "".join(disc(AXIS + s * px, py, 5.5) for px, py in spots for s in (-1, 1))
        d.path(dots, colour, ink=3)
    elif kind == "tears":
        top, end = f.eye + 27, f.mouth - 6
        cuts = [f"{f.eye_x + k},{top} L {f.eye_x + k * 0.9},{end - abs(k)}" for k in (-11, 0, 11)]
        _inlay(d, _pairs(cuts), colour, 5)
    elif kind == "circuit":
        low, end = x - 14, f.mouth + 2
        wire = f"{x + 6},{f.eye + 28} L {x + 6},{y + 4} L {low},{y + 24} L {low},{end}"
        _inlay(d, _pairs([wire]), colour, 5)
        d.path("".join(disc(AXIS + s * low, end + 2, 6.5) for s in (-1, 1)), colour, ink=3)
    elif kind == "chevrons":
        cuts = [f"{x - 14},{y + k} L {x},{y + k + 11} L {x + 14},{y + k}" for k in (0, 16)]
        _inlay(d, _pairs(cuts), colour, 6)


def forehead(d: Drawing, f: Face, kind: str, metal: str) -> None:
    """Mark the forehead: ``lozenge``, ``bar``, ``dots``, ``circuit``, ``eye`` or ``none``."""
    y, colour = f.brow - 34, RAMPS[metal].light
    if kind == "lozenge":
        for half, fill in ((17, INK), (12, d.metal(metal, "plate"))):
            d.path(
                polygon(
                    [
                        (AXIS - half * 0.7, y),
                        (AXIS, y - half),
                        (AXIS + half * 0.7, y),
                        (AXIS, y + half),
                    ]
                ),
                fill,
            )
    elif kind == "bar":
        _inlay(d, line((AXIS, y - 26), (AXIS, y + 18)), colour, 8)
    elif kind == "dots":
        d.path(
            "".join(disc(AXIS + k * 17, y + abs(k) * 5, 6) for k in (-2, -1, 0, 1, 2)),
            colour,
            ink=3,
        )
    elif kind == "circuit":
        text = f"8,{y - 20} L 8,{y} L 30,{y + 14}"
        _inlay(d, both(text, closed=False), colour, 5)
        d.path("".join(disc(AXIS + s * 32, y + 15, 6) for s in (-1, 1)), colour, ink=3)
    elif kind == "eye":
        d.path(disc(AXIS, y, 17), INK, stroke=colour, width=5)
        d.path(disc(AXIS, y, 7), colour)


def _pairs(cuts: list[str]) -> str:
    return "".join(both(cut, closed=False) for cut in cuts)


def _inlay(d: Drawing, path: str, colour: str, width: float) -> None:
    d.path(path, ink=width + 4, opacity=0.75)
    d.path(path, stroke=colour, width=width)


CHEEKS: Final = ("bars", "dots", "tears", "circuit", "chevrons", "none")
FOREHEADS: Final = ("lozenge", "bar", "dots", "circuit", "eye", "none")
