"""Piccolo, tutor: a lacquered warrior with the antennae of a beetle."""

from palais.avatars.bust import neck_rings, pauldrons, shoulders
from palais.avatars.contour import AXIS, both, disc, polygon, ribbon, side, whole
from palais.avatars.drawing import Drawing
from palais.avatars.eyes import eyes
from palais.avatars.face import face, nose, planes, sockets
from palais.avatars.garments import garment
from palais.avatars.ground import ground, halo
from palais.avatars.marks import cheeks
from palais.avatars.mouths import mouth
from palais.avatars.palette import INK, RAMPS

FEELER = ((16, 190), (30, 122), (66, 78), (112, 76), (148, 106), (164, 152))


def draw(d: Drawing) -> None:
    """Draw the portrait."""
    ground(d, "oxblood", "hexagon")
    halo(d, "double", "bronze", 196)
    shoulders(d, "ebony", "oxblood")
    garment(d, "plates", "ebony", "gold")
    neck_rings(d, "gold", 4, 404)
    pauldrons(d, "oxblood", "gold", 2)
    _feelers(d)
    f = face("heart", 1.04, 0.98, brow=258, eye=286, eye_x=46, nose=350, mouth=386)
    planes(d, f, "ivory", "oxblood")
    sockets(d, f, "ivory", 20)
    eyes(d, f, "fierce", "oxblood", "amber")
    cheeks(d, f, "chevrons", "oxblood")
    nose(d, f, "ivory", 9)
    mouth(d, f, "stern", "bronze")
    _helm(d)


def _feelers(d: Drawing) -> None:
    for sign, kind in ((-1, "lit"), (1, "plate")):
        points = [(AXIS + sign * x, y) for x, y in FEELER]
        d.path(ribbon(points, [28, 24, 20, 17, 14, 9]), d.metal("gold", kind), ink=6)
        for (x, y), radius in zip(points[1:-1], (16, 14, 12, 10), strict=True):
            d.path(disc(x, y, radius), d.metal("gold", "plate"), ink=4)
        x, y = points[-1]
        bud = polygon([(x, y - 20), (x + 13, y + 2), (x, y + 30), (x - 13, y + 2)])
        d.path(bud, d.metal("amber", kind), ink=4)


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
