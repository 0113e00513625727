"""Maintainer, DevOps: a gear for a diadem, spanner and hammer at the shoulders."""

from palais.avatars.bust import neck_rings, shoulders
from palais.avatars.contour import AXIS, disc, polar, polygon, ribbon, whole
from palais.avatars.drawing import Drawing
from palais.avatars.eyes import eyes
from palais.avatars.face import face, nose, planes
from palais.avatars.garments import garment
from palais.avatars.ground import ground
from palais.avatars.marks import cheeks
from palais.avatars.mouths import mouth
from palais.avatars.palette import INK, RAMPS

HUB = (AXIS, 206)


def draw(d: Drawing) -> None:
    """Draw the portrait."""
    ground(d, "copper", "strip")
    _gear(d)
    _tools(d)
    shoulders(d, "ebony", "copper")
    garment(d, "plates", "steel", "copper")
    neck_rings(d, "copper", 4, 402)
    f = face("helmet", 0.96, 1, brow=252, eye=282, eye_x=46, nose=348, mouth=376)
    planes(d, f, "steel", "copper")
    cheeks(d, f, "circuit", "cyan")
    nose(d, f, "steel", 10)
    eyes(d, f, "square", "copper", "cyan")
    mouth(d, f, "grille", "copper", "cyan")
    _diadem(d)


def _gear(d: Drawing) -> None:
    points = []
    for tooth in range(14):
        base = tooth * 360 / 14
        for offset, radius in ((-9, 136), (-6.4, 170), (6.4, 170), (9, 136)):
            points.append(polar(*HUB, radius, base + offset))
    d.path(polygon(points), d.metal("copper", "plate"), ink=7)
    d.path(disc(*HUB, 118), d.metal("copper", "dark"), ink=5)
    d.path(disc(*HUB, 104), "#0B0709")
    bolts = "".join(disc(*polar(*HUB, 128, k * 360 / 14 + 13), 6) for k in range(14))
    d.path(bolts, RAMPS["copper"].edge)


def _tools(d: Drawing) -> None:
    d.path(
        ribbon([(150, 512), (112, 420), (84, 348)], [26, 24, 24]),
        d.metal("steel", "plate"),
        ink=5,
    )
    jaw = (
        "M52 352 C30 318 38 284 62 268 L70 306 L88 306 L98 "
        "262 C126 276 132 312 112 344 C96 366 68 370 52 352Z"
    )
    d.path(jaw, d.metal("steel", "plate"), ink=6)
    d.path(
        ribbon([(364, 512), (402, 420), (428, 340)], [24, 22, 20]),
        d.metal("amber", "dark"),
        ink=5,
    )
    d.path(
        "M372 300 L384 268 L470 296 L462 338 L448 334 L446 350 L412 340 L414 322Z",
        d.metal("steel", "plate"),
        ink=6,
    )


def _diadem(d: Drawing) -> None:
    d.path(
        whole("0,138 C 66,138 104,170 110,226 L 108,250 C 84,226 46,216 0,216"),
        d.metal("steel", "round"),
        ink=5,
    )
    d.path(
        whole("0,198 C 52,200 88,212 114,238 L 110,262 C 84,236 50,226 0,224"),
        d.metal("copper", "band"),
        ink=4,
    )
    for x, y in ((-78, 228), (-44, 215), (44, 215), (78, 228)):
        d.path(disc(AXIS + x, y, 6), d.metal("gold", "plate"), ink=3)
    teeth = [
        polar(AXIS, 184, r, a + o)
        for a in range(0, 360, 45)
        for o, r in ((-14, 29), (-9, 42), (9, 42), (14, 29))
    ]
    d.path(polygon(teeth), d.metal("gold", "plate"), ink=5)
    d.path(disc(AXIS, 184, 17), INK)
    d.path(disc(AXIS, 184, 11), RAMPS["cyan"].light)
