"""R2D2, explorer: a domed droid with one lens, woven bands and a dish."""

from palais.avatars.contour import AXIS, disc, line, polar, polygon, side, whole
from palais.avatars.drawing import Drawing
from palais.avatars.ground import ground, halo
from palais.avatars.palette import INK, RAMPS

DOME = "0,92 C 96,92 158,152 162,238 L 0,238"
BODY = "0,268 L 156,268 C 158,330 140,386 108,416 L 0,416"


def draw(d: Drawing) -> None:
    """Draw the portrait."""
    ground(d, "cyan", "hexagon")
    halo(d, "notched", "steel", 190)
    _dish(d)
    _base(d)
    _ears(d)
    d.path(whole(BODY), d.metal("ebony", "round"), ink=7)
    d.path(side(BODY, 1), INK, opacity=0.25)
    _vents(d)
    _dome(d)
    _band(d)
    _lens(d)


def _dish(d: Drawing) -> None:
    d.path(line((380, 216), (430, 150)), ink=20)
    d.path(line((380, 216), (430, 150)), stroke=RAMPS["gold"].body, width=11)
    bowl = "M396 118C388 170 422 192 474 172C458 138 428 118 396 118Z"
    d.path(bowl, d.metal("gold", "plate"), ink=5)
    rim = "M396 118C430 114 464 136 474 172C444 168 410 148 396 118Z"
    d.path(rim, d.metal("gold", "dark"), ink=4)
    d.path(line((436, 144), (450, 126)), stroke=RAMPS["gold"].light, width=5)
    d.path(disc(451, 124, 26), d.glow(RAMPS["cyan"].light, 0.85))
    d.path(disc(451, 124, 9), RAMPS["cyan"].spec)


def _base(d: Drawing) -> None:
    d.path(
        whole("0,400 L 110,404 C 160,420 196,460 206,512 L 0,512"),
        d.metal("ebony", "plate"),
        ink=6,
    )
    for y, half, metal in ((472, 190, "steel"), (440, 164, "gold"), (408, 128, "steel")):
        ring = (
            f"0,{y + 8} Q {half * 0.6},{y + 8} {half - 8},{y - 6} C {half + 10},{y} "
            f"{half + 10},{y + 22} {half - 4},{y + 26} Q {half * 0.6},{y + 42} 0,{y + 42}"
        )
        d.path(whole(ring), d.metal(metal, "round"), ink=5)


def _ears(d: Drawing) -> None:
    for sign in (-1, 1):
        x = AXIS + sign * 166
        d.path(
            disc(x, 270, 22, 44),
            d.metal("gold", "plate" if sign < 0 else "dark"),
            ink=5,
        )
        d.path(disc(x, 270, 9, 22), INK)


def _vents(d: Drawing) -> None:
    d.path(whole("0,356 L 62,352 L 48,402 L 0,402"), INK, stroke=RAMPS["gold"].light, width=4)
    for k, y in enumerate((368, 380, 392)):
        half = 46 - k * 5
        d.path(line((AXIS - half, y), (AXIS + half, y)), stroke=RAMPS["cyan"].body, width=5)
    for sign in (-1, 1):
        for y in (330, 352):
            d.path(
                disc(AXIS + sign * (126 - (y - 330) * 0.4), y, 8),
                d.metal("gold", "plate"),
                ink=3,
            )


def _dome(d: Drawing) -> None:
    d.path(whole(DOME), d.metal("gold", "round"), ink=7)
    d.path(side(DOME, 1), INK, opacity=0.2)
    panel = "30,112 C 78,120 118,156 132,208 L 74,208 C 66,168 52,136 30,112"
    d.path(side(panel, -1), d.metal("ebony", "plate"), ink=4)
    d.path(side(panel, 1), d.metal("ebony", "dark"), ink=4)
    for sign in (-1, 1):
        d.path(side("56,132 L 86,196", sign, closed=False), stroke=RAMPS["gold"].light, width=5)
        d.path(side("84,152 L 108,196", sign, closed=False), stroke=RAMPS["gold"].light, width=5)
    d.path(whole("0,92 L 13,92 L 22,214 L 0,214"), d.metal("cyan", "band"), ink=4)


def _band(d: Drawing) -> None:
    d.path(whole("0,222 L 168,222 L 172,274 L 0,274"), d.metal("ebony", "band"), ink=5)
    for y in (226, 270):
        d.path(line((88, y), (424, y)), stroke=RAMPS["gold"].light, width=5)
    for k in range(-4, 5):
        if abs(k) > 1:
            x = AXIS + k * 36
            d.path(
                polygon([(x - 15, 248), (x, 234), (x + 15, 248), (x, 262)]),
                d.metal("gold", "plate"),
            )


def _lens(d: Drawing) -> None:
    x, y = AXIS, 268
    d.path(disc(x, y, 74), d.metal("gold", "plate"), ink=7)
    d.path(disc(x, y, 60), INK)
    d.path(disc(x, y, 52), d.metal("steel", "dark"))
    d.path(disc(x, y, 42), INK)
    d.path(
        disc(x, y, 38),
        d.fade(
            [
                (0, RAMPS["cyan"].spec, 1),
                (0.35, RAMPS["cyan"].light, 1),
                (0.75, RAMPS["cyan"].deep, 1),
                (1, INK, 1),
            ],
            (0.42, 0.4, 0.62),
        ),
    )
    d.path(disc(x - 15, y - 16, 11, 9), "#FFFFFF", opacity=0.9)
    marks = "".join(line(polar(x, y, 62, a), polar(x, y, 70, a)) for a in range(0, 360, 30))
    d.path(marks, ink=4)
