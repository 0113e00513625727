"""What is behind a portrait: a woven or hexagonal field, the light of the accent, a halo."""

from palais.avatars.contour import AXIS, Point, disc, line, number, polar, polygon
from palais.avatars.drawing import Drawing
from palais.avatars.palette import RAMPS, blend

NIGHT = "#0A0A0F"
FULL = "M0 0H512V512H0Z"
CENTRE: Point = (AXIS, 236)


def ground(d: Drawing, accent: str, field: str = "hexagon") -> None:
    """Fill the canvas: night, the accent's light behind the head, a quiet gold field."""
    ramp = RAMPS[accent]
    d.path(FULL, NIGHT)
    warm = blend(ramp.deep, ramp.body, 0.35)
    d.path(
        FULL,
        d.fade([(0, warm, 0.95), (0.45, ramp.deep, 0.75), (1, NIGHT, 0)], (0.46, 0.42, 0.56)),
    )
    weave = {"hexagon": _hexagons, "kuba": _kuba, "strip": _strips}[field]
    d.path(FULL, weave(d), opacity=0.3)
    d.path(FULL, d.fade([(0.5, NIGHT, 0), (1, "#040407", 0.95)], (0.48, 0.44, 0.62)))


def halo(d: Drawing, kind: str, metal: str = "gold", radius: float = 176) -> None:
    """Draw the ring behind the head: ``ring``, ``double``, ``beads``, ``notched`` or ``none``."""
    if kind == "none":
        return
    light = RAMPS[metal].light
    cx, cy = CENTRE
    d.path(disc(cx, cy, radius), stroke=RAMPS[metal].body, width=5, opacity=0.85)
    if kind == "ring":
        d.path(disc(cx, cy, radius - 15), stroke=light, width=6, opacity=0.5, dash="0.1 15")
    elif kind == "double":
        d.path(disc(cx, cy, radius - 16), stroke=light, width=2, opacity=0.6)
    elif kind == "beads":
        beads = "".join(disc(*polar(cx, cy, radius, a), 7) for a in range(-120, 121, 20))
        d.path(beads, d.metal(metal, "plate"))
    elif kind == "notched":
        marks = "".join(
            line(polar(cx, cy, radius - 12, a), polar(cx, cy, radius + 2, a))
            for a in range(-130, 131, 10)
        )
        d.path(marks, stroke=light, width=3, opacity=0.6)


def rays(
    d: Drawing, metal: str, angles: list[float], inner: float, outer: list[float], *, half: float
) -> None:
    """Draw pointed rays about the head's centre, each as long as told, ``half`` degrees wide."""
    cx, cy = CENTRE
    for angle, reach in zip(angles, outer, strict=True):
        tip = polar(cx, cy, reach, angle)
        left, right = polar(cx, cy, inner, angle - half), polar(cx, cy, inner, angle + half)
        foot = polar(cx, cy, inner, angle)
        d.path(polygon([left, tip, foot]), d.metal(metal, "lit"))
        d.path(polygon([foot, tip, right]), d.metal(metal, "plate"))


def _hexagons(d: Drawing) -> str:
    side = 26.0
    w, h = side * 3**0.5, side * 3
    m, q = w / 2, side / 2
    top = f"M0 {number(q)}L{number(m)} 0L{number(w)} {number(q)}V{number(q + side)}"
    rest = f"L{number(m)} {number(2 * side)}L0 {number(q + side)}ZM{number(m)} {number(2 * side)}"
    path = f"{top}{rest}V{number(h)}"
    return d.pattern(w, h, _stroke(path, 1.6))


def _kuba(d: Drawing) -> str:
    path = "M0 28 28 0 56 28 28 56ZM10 28 28 10 46 28 28 46ZM20 28 28 20 36 28 28 36Z"
    corners = "M0 0 8 8M56 0 48 8M0 56 8 48M56 56 48 48"
    return d.pattern(56, 56, _stroke(path + corners, 1.8))


def _strips(d: Drawing) -> str:
    path = "M0 0V64M32 0V64M0 0H32M0 32H32M8 8H24V24H8ZM0 40 16 56 32 40M0 48 16 64 32 48"
    return d.pattern(32, 64, _stroke(path, 1.6))


def _stroke(path: str, width: float) -> str:
    return f'<path d="{path}" fill="none" stroke="#D4A843" stroke-width="{width}"/>'
