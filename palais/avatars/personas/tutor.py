"""Piccolo, tutor: a lacquered warrior with the antennae of a beetle."""

from palais.avatars.bust import neck_rings, pauldrons, shoulders
from palais.avatars.contour import AXIS, both, disc, polygon, ribbon, side, whole
from palais.avatars.drawing import Drawing
from palais.avatars.eyes import eyes
from palais.avatars.face import face, nose, planes, sockets
from palais.avatars.ground import ground, halo
from palais.avatars.marks import cheeks
from palais.avatars.mouths import mouth
from palais.avatars.palette import INK, RAMPS

FEELER = ((20, 196), (34, 144), (90, 116))
BLADES = ((112, 52), (150, 68), (178, 102), (180, 142))


def draw(d: Drawing) -> None:
    """Draw the portrait."""
    ground(d, "oxblood", "hexagon")
    halo(d, "ring", "bronze")
    shoulders(d, "ebony", "oxblood")
    neck_rings(d, "gold", 4, 404)
    pauldrons(d, "oxblood", "gold", 2)
    _feelers(d)
    f = face("heart", 1.04, 0.98, brow=258, eye=286, eye_x=46, nose=350, mouth=386)
    planes(d, f, "ivory", "oxblood")
    sockets(d, f, "ivory", 20)
    eyes(d, f, "fierce", "oxblood", "amber")
    cheeks(d, f, "chevrons", "oxblood")
    nose(d, f, "ivory", 9)
    mouth(d, f, "bar", "gold")
    _helm(d)


def _feelers(d: Drawing) -> None:
    for sign in (-1, 1):
        points = [(AXIS + sign * x, y) for x, y in FEELER]
        x, y = points[-1]
        for tip_x, tip_y in reversed(BLADES):
            tip = AXIS + sign * tip_x, tip_y
            mid = (x + tip[0]) / 2, (y + tip_y) / 2
            d.path(ribbon([(x, y), mid, tip], [10, 25, 9]), d.metal("amber", "plate"), ink=4)
        d.path(ribbon(points, [28, 22, 18]), d.metal("gold", "plate"), ink=5)
        d.path(disc(x, y, 14), d.metal("gold", "plate"), ink=4)


def _helm(d: Drawing) -> None:
    dome = "0,128 C 70,130 116,172 122,244 L 130,330 L 104,362 L 104,282 L 84,256 L 22,276 L 0,312"
    d.path(whole(dome), d.metal("ebony", "round"), ink=6)
    d.path(side(dome, 1), INK, opacity=0.18)
    edge = "0,312 L 22,276 L 84,256 L 104,282 L 104,362"
    d.path(both(edge, closed=False), ink=14)
    d.path(both(edge, closed=False), stroke=RAMPS["gold"].light, width=8)
    d.path(whole("0,96 L 14,128 L 18,240 L 0,300"), d.metal("gold", "lit"), ink=5)
    d.path(side("0,96 L 14,128 L 18,240 L 0,300", 1), d.metal("gold", "dark"))
    for x, y in ((52, 176), (86, 216)):
        d.path(
            both(
                f"{x - 20},{y + 34} C {x - 10},{y} {x + 10},{y - 4} {x + 22},{y + 22}", closed=False
            ),
            stroke=RAMPS["oxblood"].light,
            width=7,
        )
    d.path(
        polygon([(256, 196), (276, 226), (256, 262), (236, 226)]),
        d.metal("amber", "plate"),
        ink=4,
    )
