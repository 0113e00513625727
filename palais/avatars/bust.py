"""Neck, shoulders and collars."""

from typing import Final

from palais.avatars.contour import (
    AXIS,
    Point,
    both,
    disc,
    number,
    pair,
    polar,
    polygon,
    side,
    whole,
)
from palais.avatars.drawing import Drawing
from palais.avatars.palette import INK, RAMPS

SHOULDERS: Final = "0,404 L 60,408 C 70,440 172,442 206,512 L 0,520"

BED: Final = "0,388 L 66,388 C 76,430 172,434 209,508 L 0,560"
"""What a collar lies on: the shoulders, as much higher as it is thick."""


def shoulders(d: Drawing, cloth: str, rim: str = "gold") -> None:
    """Draw the neck and shoulders in a dark cloth, with light on the left and a rim."""
    d.path(whole("0,370 L 54,370 L 58,450 L 0,470"), d.metal(cloth, "dark"))
    d.path(whole(SHOULDERS), d.metal(cloth, "dark"), ink=6)
    inside = d.clip(whole(SHOULDERS))
    d.path(
        side("60,404 C 70,440 172,442 206,512 L 150,512 C 120,470 90,456 60,446", -1),
        RAMPS[cloth].light,
        opacity=0.3,
        clip=inside,
    )
    rest = "60,408 C 70,440 172,442 206,512"
    d.path(side(rest, -1, closed=False), stroke=RAMPS["gold"].light, width=4)
    d.path(side(rest, 1, closed=False), stroke=RAMPS[rim].light, width=4, opacity=0.8)
    d.path(
        both("70,462 C 104,468 140,484 160,512 L 178,512", closed=False),
        stroke=RAMPS["gold"].body,
        width=2.5,
        opacity=0.8,
    )
    d.path(
        both("98,452 L 98,480 L 124,500 L 124,512 L 122,512", closed=False),
        stroke=RAMPS[rim].light,
        width=4,
        opacity=0.9,
    )
    d.path("".join(disc(AXIS + s * 98, 452, 6) for s in (-1, 1)), RAMPS[rim].light)


def broad_collar(d: Drawing, metals: list[str], cy: float = 396, start: float = 72) -> None:
    """Draw a collar of rings, each of its own material, widest first."""
    step, bed = 25, d.clip(whole(BED))
    for index, metal in enumerate(reversed(metals)):
        radius = start + step * (len(metals) - index)
        d.path(_arc(cy, radius), d.metal(metal, "plate"), ink=4, clip=bed)
        row = _arc(cy, radius - 12)
        d.path(row, stroke=RAMPS[metal].edge, width=7, dash="2 13", opacity=0.9, clip=bed)


def beads(
    d: Drawing, metals: list[str], cy: float = 390, radius: float = 118, size: float = 13
) -> None:
    """Put beads along a collar, their materials in turn from left to right."""
    count = len(metals)
    left, right = (pair(polar(AXIS, cy, radius, 180 + (count - 1) * k)) for k in (8, -8))
    cord = f"M{left}A{number(radius)} {number(radius)} 0 0 0 {right}"
    d.path(cord, ink=9)
    d.path(cord, stroke=RAMPS["gold"].body, width=4)
    for index, metal in enumerate(metals):
        angle = 180 + (count - 1) / 2 * 15 - index * 15
        x, y = polar(AXIS, cy, radius, angle)
        d.path(disc(x, y, size), d.metal(metal, "plate"), ink=3)


def neck_rings(d: Drawing, metal: str, count: int = 4, top: float = 398) -> None:
    """Stack rings about the neck."""
    for index in reversed(range(count)):
        y, half = top + index * 23, 58 + index * 17
        ring = (
            f"0,{y + 8} Q {half * 0.6},{y + 8} {half - 8},{y - 4} C {half + 8},{y} "
            f"{half + 8},{y + 17} {half - 4},{y + 20} Q {half * 0.6},{y + 33} 0,{y + 33}"
        )
        d.path(whole(ring), d.metal(metal, "round"), ink=4)


def high_collar(d: Drawing, cloth: str, rim: str) -> None:
    """Draw two stiff lapels that stand up beside the jaw, lined and hemmed in metal."""
    lapel = "0,512 L 34,452 L 100,372 L 132,420 L 196,512"
    for sign, kind in ((-1, "plate"), (1, "dark")):
        inside = d.clip(side(lapel, sign))
        d.path(side(lapel, sign), d.metal(cloth, kind), ink=5)
        tone = RAMPS[rim].light if sign < 0 else RAMPS[rim].body
        weave = _weave(sign)
        d.path(weave, stroke=tone, width=4, opacity=0.55, clip=inside)
        hem = side("24,500 L 44,456 L 101,376 L 132,420 L 196,512", sign, closed=False)
        d.path(hem, stroke=INK, width=20, clip=inside)
        d.path(hem, stroke=tone, width=12, clip=inside)


def _weave(sign: int) -> str:
    """Return slanting lines, woven into a lapel."""
    return "".join(side(f"{x},512 L {x + 60},404", sign, closed=False) for x in range(20, 180, 20))


def pauldrons(d: Drawing, metal: str, rim: str, spikes: int = 0) -> None:
    """Arm the shoulders with two layers of plates, with spikes on top where asked."""
    for index in range(spikes):
        x = 92 + index * 36
        d.path(
            both(f"{x},446 L {x + 22 + index * 10},{382 + index * 22} L {x + 32},458"),
            d.metal(rim, "lit"),
            ink=3,
        )
    for index in (1, 0):
        dx, dy = index * 30, index * 30
        plate = (
            f"{56 + dx},{520} C {44 + dx},{440 + dy} {86 + dx},{414 + dy} "
            f"{124 + dx},{434 + dy} C {164 + dx},{452 + dy} {176 + dx},490 {178 + dx},520"
        )
        for sign, kind in ((-1, "plate"), (1, "dark")):
            d.path(side(plate, sign), d.metal(metal, kind), ink=4)
            _lames(d, side(plate, sign), (AXIS + sign * (120 + dx), 520 + dy), rim)
        d.path(both(plate, closed=False), stroke=RAMPS[rim].light, width=4, opacity=0.85)


def _lames(d: Drawing, plate: str, foot: Point, rim: str) -> None:
    """Split a plate of armour into laced strips."""
    inside = d.clip(plate)
    for radius in (30, 54):
        strip = disc(*foot, radius * 1.1, radius)
        d.path(strip, ink=5, clip=inside)
        d.path(strip, stroke=RAMPS[rim].body, width=3, dash="3 11", clip=inside)


def torque(d: Drawing, metal: str, y: float = 424, half: float = 84) -> None:
    """Lay a heavy open ring about the neck."""
    ring = (
        f"0,{y + 14} C {half * 0.6},{y + 12} {half},{y - 6} {half},{y - 34} L "
        f"{half + 26},{y - 34} C {half + 28},{y + 16} {half * 0.7},{y + 46} 0,{y + 48}"
    )
    d.path(whole(ring), d.metal(metal, "round"), ink=5)


def pendant(d: Drawing, metal: str, glow: str, y: float = 470) -> None:
    """Hang a lozenge with a light in it on the chest."""
    for half, fill in ((30, d.metal(metal, "plate")), (15, RAMPS[glow].light)):
        d.path(
            polygon(
                [
                    (AXIS - half * 0.75, y),
                    (AXIS, y - half),
                    (AXIS + half * 0.75, y),
                    (AXIS, y + half),
                ]
            ),
            fill,
            ink=4,
        )


def _arc(cy: float, radius: float) -> str:
    left, right, r = pair((AXIS - radius, cy)), pair((AXIS + radius, cy)), number(radius)
    return f"M{left}A{r} {r} 0 0 0 {right}"
