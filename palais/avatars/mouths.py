"""Mouths, below the nose."""

from collections.abc import Callable
from typing import Final

from palais.avatars.contour import AXIS, both, disc, line, side, whole
from palais.avatars.drawing import Drawing
from palais.avatars.face import Face
from palais.avatars.palette import INK, RAMPS

Mouth = Callable[[Drawing, float, float, str, str], None]


def mouth(d: Drawing, f: Face, kind: str, metal: str, glow: str = "ivory") -> None:
    """Draw the mouth; ``glow`` is what teeth and grilles are made of."""
    MOUTHS[kind](d, f.mouth, f.half * 0.34, metal, glow)


def _lips(d: Drawing, y: float, w: float, metal: str, _glow: str) -> None:
    _closed(d, y, w * 1.1, metal, droop=0, full=1)


def _stern(d: Drawing, y: float, w: float, metal: str, _glow: str) -> None:
    _closed(d, y, w * 1.18, metal, droop=5, full=0.6)


def _closed(d: Drawing, y: float, w: float, metal: str, *, droop: float, full: float) -> None:
    """Draw two lips: a bow above, turned from the light, a fuller one below that catches it."""
    end, low = y + 1 + droop, y + 3 + 19 * full
    upper = (
        f"0,{y - 9 * full} L {w * 0.2},{y - 15 * full} C {w * 0.55},{y - 12 * full} "
        f"{w * 0.8},{y - 3} {w},{end} C {w * 0.6},{y + 3} {w * 0.25},{y + 1} 0,{y + 4}"
    )
    lower = (
        f"0,{y + 4} C {w * 0.25},{y + 1} {w * 0.6},{y + 3} {w * 0.94},{end} "
        f"C {w * 0.75},{low - 4} {w * 0.36},{low} 0,{low - 1}"
    )
    d.path(disc(AXIS, low + 4, w * 0.55, 6), INK, opacity=0.4)
    d.path(whole(lower), d.metal(metal, "plate"), ink=3)
    d.path(whole(upper), d.metal(metal, "dark"), ink=3)
    d.path(both(f"0,{y + 4} Q {w * 0.6},{y + 1} {w + 4},{end}", closed=False), ink=4)
    if droop <= 0:
        shine = side(f"{w * 0.12},{low - 8} L {w * 0.5},{low - 9}", -1, closed=False)
        d.path(shine, stroke=RAMPS[metal].spec, width=3, opacity=0.65)


def _chant(d: Drawing, y: float, w: float, metal: str, _glow: str) -> None:
    """Draw it open in song, the lips a ring of metal."""
    d.path(disc(AXIS, y + 2, w * 0.62, w * 0.48), d.metal(metal, "dark"), ink=3)
    d.path(disc(AXIS, y + 3, w * 0.4, w * 0.28), INK)
    d.path(
        both(f"0,{y + 18} Q {w * 0.4},{y + 17} {w * 0.52},{y + 8}", closed=False),
        stroke=RAMPS[metal].light,
        width=3,
    )


def _spout(d: Drawing, y: float, w: float, metal: str, _glow: str) -> None:
    """Draw a box that stands out of the face, cut open in front."""
    box = f"0,{y - 16} L {w * 0.82},{y - 14} L {w * 0.94},{y + 20} L 0,{y + 23}"
    d.path(side(box, -1), d.metal(metal, "lit"), ink=4)
    d.path(side(box, 1), d.metal(metal, "dark"), ink=4)
    d.path(whole(f"0,{y - 5} L {w * 0.58},{y - 4} L {w * 0.66},{y + 11} L 0,{y + 13}"), INK)
    d.path(
        line((AXIS - w * 0.6, y + 4), (AXIS + w * 0.6, y + 4)), stroke=RAMPS[metal].light, width=3
    )


def _smile(d: Drawing, y: float, w: float, metal: str, _glow: str) -> None:
    _closed(d, y + 2, w * 1.2, metal, droop=-7, full=0.75)


def _teeth(d: Drawing, y: float, w: float, _metal: str, glow: str) -> None:
    w *= 1.25
    rows = f"0,{y - 14} L {w},{y - 12} L {w},{y + 14} L 0,{y + 16}"
    d.path(whole(rows), RAMPS[glow].light, ink=7)
    gaps = "".join(
        line((AXIS + w * k, y - 13), (AXIS + w * k, y + 15)) for k in (-0.6, -0.2, 0.2, 0.6)
    )
    d.path(gaps + line((AXIS - w, y + 1), (AXIS + w, y + 1)), ink=4)


def _grille(d: Drawing, y: float, w: float, metal: str, glow: str) -> None:
    w *= 1.15
    frame = f"0,{y - 18} L {w},{y - 18} L {w * 0.7},{y + 26} L 0,{y + 26}"
    d.path(whole(frame), INK, stroke=RAMPS[metal].light, width=4)
    rows = ((0.8, y - 6), (0.68, y + 5), (0.55, y + 16))
    bars = "".join(line((AXIS - w * k, h), (AXIS + w * k, h)) for k, h in rows)
    d.path(bars, stroke=RAMPS[glow].light, width=5)


MOUTHS: Final[dict[str, Mouth]] = {
    "lips": _lips,
    "stern": _stern,
    "chant": _chant,
    "spout": _spout,
    "smile": _smile,
    "teeth": _teeth,
    "grille": _grille,
}
