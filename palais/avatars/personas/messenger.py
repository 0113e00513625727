"""Hermes, bridge between systems: a winged helm, two lines that meet."""

from palais.avatars.bust import pendant, shoulders, torque
from palais.avatars.contour import Contour, both, disc, polygon, side, whole
from palais.avatars.drawing import Drawing
from palais.avatars.eyes import eyes
from palais.avatars.face import face, nose, planes, sockets
from palais.avatars.garments import garment
from palais.avatars.ground import ground, halo
from palais.avatars.marks import cheeks
from palais.avatars.mouths import mouth
from palais.avatars.palette import INK, RAMPS

FEATHERS = (
    "86,262 C 128,276 172,262 196,232 C 168,232 130,222 96,224",
    "88,250 C 134,254 190,228 212,188 C 176,198 134,196 98,206",
    "90,236 C 136,230 192,194 210,146 C 172,166 132,172 98,188",
    "92,220 C 132,204 180,160 192,104 C 158,136 126,152 98,172",
    "90,206 C 118,184 154,134 158,74 C 130,112 110,136 92,158",
)


def draw(d: Drawing) -> None:
    """Draw the portrait."""
    ground(d, "violet", "hexagon")
    halo(d, "ring")
    shoulders(d, "indigo", "violet")
    garment(d, "cloak", "indigo", "gold")
    torque(d, "gold", 420, 76)
    f = face("shield", 0.94, 1, brow=252, eye=278, eye_x=42, nose=344, mouth=378)
    _wings(d)
    planes(d, f, "steel", "violet")
    sockets(d, f, "steel", 18)
    eyes(d, f, "open", "gold", "cyan")
    cheeks(d, f, "circuit", "gold")
    nose(d, f, "steel", 8)
    mouth(d, f, "lips", "gold")
    _helm(d)
    pendant(d, "gold", "violet", 472)


def _wings(d: Drawing) -> None:
    for sign, kind in ((-1, "lit"), (1, "plate")):
        for feather in FEATHERS:
            d.path(side(feather, sign), d.metal("ivory", kind), ink=5)
        d.path(
            side("78,268 C 116,262 128,214 104,160 C 92,186 84,220 78,268", sign),
            d.metal("gold", "plate"),
            ink=5,
        )


def _helm(d: Drawing) -> None:
    dome = "0,108 C 64,110 100,152 104,212 L 104,262 L 72,250 L 18,260 L 0,330"
    shape = Contour.of(dome)
    d.path(shape.whole(), d.metal("gold", "round"), ink=6)
    d.path(shape.side(1), INK, opacity=0.15)
    d.path(both("0,330 L 18,260 L 72,250 L 104,262", closed=False), ink=10)
    d.path(
        both("0,330 L 18,260 L 72,250 L 104,262", closed=False), stroke=RAMPS["gold"].spec, width=4
    )
    d.path(
        whole("0,204 C 50,206 84,212 108,228 L 108,240 C 82,224 48,218 0,218"),
        d.metal("violet", "band"),
        ink=4,
    )
    d.path(disc(256, 170, 24), INK, stroke=RAMPS["gold"].spec, width=5)
    d.path(polygon([(256, 152), (270, 170), (256, 188), (242, 170)]), RAMPS["violet"].light)
    d.path(whole("0,80 L 9,108 L 12,146 L 0,148"), d.metal("violet", "lit"), ink=4)
