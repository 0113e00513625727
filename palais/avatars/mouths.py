"""Mouths, below the nose."""

from collections.abc import Callable
from typing import Final

from palais.avatars.contour import AXIS, both, disc, line, whole
from palais.avatars.drawing import Drawing
from palais.avatars.face import Face
from palais.avatars.palette import INK, RAMPS

Mouth = Callable[[Drawing, float, float, str, str], None]


def mouth(d: Drawing, f: Face, kind: str, metal: str, glow: str = "ivory") -> None:
    """Draw the mouth; ``glow`` is what teeth and grilles are made of."""
    MOUTHS[kind](d, f.mouth, f.half * 0.34, metal, glow)


def _bar(d: Drawing, y: float, w: float, metal: str, _glow: str) -> None:
    slit = f"0,{y - 7} L {w},{y - 4} L {w},{y + 7} L 0,{y + 9}"
    d.path(whole(slit), INK, stroke=RAMPS[metal].light, width=4)


def _lips(d: Drawing, y: float, w: float, metal: str, _glow: str) -> None:
    upper = f"0,{y - 5} C 6,{y - 15} {w * 0.6},{y - 12} {w},{y} L 0,{y + 2}"
    lower = f"0,{y + 1} L {w},{y} C {w * 0.6},{y + 17} 10,{y + 18} 0,{y + 18}"
    d.path(whole(lower), d.metal(metal, "plate"), ink=3)
    d.path(whole(upper), d.metal(metal, "dark"), ink=3)


def _ring(d: Drawing, y: float, w: float, metal: str, _glow: str) -> None:
    d.path(disc(AXIS, y + 2, w * 0.72, w * 0.6), INK, stroke=RAMPS[metal].light, width=7)


def _smile(d: Drawing, y: float, w: float, metal: str, _glow: str) -> None:
    swing = both(f"0,{y + 8} Q {w * 0.7},{y + 8} {w * 1.15},{y - 8}", closed=False)
    d.path(swing, ink=10)
    d.path(swing, stroke=RAMPS[metal].light, width=3)


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
    "bar": _bar,
    "lips": _lips,
    "ring": _ring,
    "smile": _smile,
    "teeth": _teeth,
    "grille": _grille,
}
