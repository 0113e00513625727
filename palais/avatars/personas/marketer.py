"""Marketer, growth: a sun of rays, and the ivory horn that carries the news."""

from palais.avatars.bust import beads, broad_collar, shoulders
from palais.avatars.caps import engraved
from palais.avatars.contour import curve, disc, ribbon, whole
from palais.avatars.drawing import Drawing
from palais.avatars.eyes import eyes
from palais.avatars.face import brow, face, nose, planes, sockets
from palais.avatars.garments import garment
from palais.avatars.ground import ground, rays
from palais.avatars.marks import cheeks, forehead
from palais.avatars.palette import INK, RAMPS

HORN = [(264, 388), (300, 424), (356, 422), (408, 370), (430, 302)]


def draw(d: Drawing) -> None:
    """Draw the portrait."""
    ground(d, "amber", "kuba")
    angles = [a * 1.0 for a in range(-96, 97, 16)]
    rays(d, "copper", [a + 8 for a in angles[:-1]], 100, [168.0] * 12, half=7.6)
    rays(d, "gold", angles, 96, [208.0 if k % 2 == 0 else 176.0 for k in range(13)], half=7)
    shoulders(d, "oxblood", "amber")
    garment(d, "cloak", "oxblood", "gold")
    broad_collar(d, ["copper", "gold", "oxblood"], 402, 40)
    beads(d, ["ivory"] * 7, 400, 103, 10)
    f = face("heart", 0.98, 0.98, brow=250, eye=278, eye_x=45, nose=342, mouth=384)
    planes(d, f, "verdigris", "amber")
    sockets(d, f, "verdigris", 20)
    eyes(d, f, "lozenge", "gold", "amber")
    cheeks(d, f, "dots", "ivory")
    nose(d, f, "verdigris", 8)
    brow(d, f, "gold", 24, 13)
    d.path(disc(262, 388, 21, 17), d.metal("oxblood", "plate"), ink=4)
    d.path(disc(263, 389, 12, 9), INK)
    _diadem(d)
    forehead(d, f, "eye", "amber")
    _horn(d)


def _diadem(d: Drawing) -> None:
    d.path(
        whole("0,128 C 66,130 104,162 112,222 C 82,196 50,188 0,186"),
        d.metal("gold", "round"),
        ink=5,
    )
    engraved(d, "gold", d.clip(whole("0,128 C 66,130 104,162 112,222 C 82,196 50,188 0,186")))
    d.path(
        whole("0,186 C 50,188 82,196 112,222 L 108,238 C 80,212 48,202 0,200"),
        d.metal("oxblood", "band"),
        ink=4,
    )


def _horn(d: Drawing) -> None:
    widths = [17, 34, 52, 70, 92]
    d.path(ribbon(HORN, widths), d.metal("ivory", "plate"), ink=7)
    d.path(
        curve([(258, 396), (304, 438), (366, 440), (430, 384), (466, 314)]),
        stroke=RAMPS["amber"].deep,
        width=8,
        opacity=0.5,
    )
    for at, width in ((1, 40), (2, 58), (3, 76)):
        (x, y), (px, py) = HORN[at], HORN[at - 1]
        qx, qy = x + (x - px) * 0.24, y + (y - py) * 0.24
        d.path(
            ribbon([(x - (x - px) * 0.12, y - (y - py) * 0.12), (qx, qy)], [width, width + 4]),
            d.metal("gold", "plate"),
            ink=4,
        )
    d.path(disc(434, 292, 50, 22), d.metal("gold", "plate"), ink=5)
    d.path(disc(435, 291, 37, 14), INK)
    d.path(disc(435, 291, 30, 10), RAMPS["amber"].body, opacity=0.7)
