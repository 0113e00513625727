"""CFO, finances: a balance for a crown, cowries on brow and breast."""

from palais.avatars.bust import broad_collar, shoulders
from palais.avatars.caps import engraved
from palais.avatars.contour import AXIS, both, disc, line, number, polar, whole
from palais.avatars.drawing import Drawing
from palais.avatars.eyes import eyes
from palais.avatars.face import brow, face, nose, planes, sockets
from palais.avatars.garments import garment
from palais.avatars.ground import ground, halo
from palais.avatars.marks import cheeks
from palais.avatars.mouths import mouth
from palais.avatars.palette import INK, RAMPS


def draw(d: Drawing) -> None:
    """Draw the portrait."""
    ground(d, "bronze", "kuba")
    halo(d, "none")
    shoulders(d, "ebony", "gold")
    garment(d, "scales", "ebony", "gold")
    broad_collar(d, ["ivory", "gold", "ebony"], 400, 44)
    for k in range(7):
        x, y = polar(AXIS, 398, 105, 180 + (3 - k) * 19)
        cowrie(d, x, y, 13, 18)
    f = face("moon", 0.92, 1, brow=258, eye=284, eye_x=44, nose=346, mouth=380)
    planes(d, f, "ebony", "gold")
    sockets(d, f, "ebony", 16)
    eyes(d, f, "lowered", "gold", "ivory")
    cheeks(d, f, "tears", "gold")
    nose(d, f, "gold", 8)
    brow(d, f, "gold", 18, 12)
    mouth(d, f, "lips", "gold")
    _cap(d)
    _balance(d)


def cowrie(d: Drawing, x: float, y: float, rx: float, ry: float) -> None:
    """Draw a cowrie shell."""
    d.path(disc(x, y, rx, ry), d.metal("ivory", "plate"), ink=4)
    d.path(line((x, y - ry * 0.62), (x, y + ry * 0.62)), ink=5)


def _cap(d: Drawing) -> None:
    d.path(
        whole("0,142 C 64,144 102,178 108,236 C 80,214 46,206 0,206"),
        d.metal("gold", "round"),
        ink=5,
    )
    engraved(d, "gold", d.clip(whole("0,142 C 64,144 102,178 108,236 L 0,206")))
    d.path(
        whole("0,190 C 60,192 94,206 112,240 L 104,256 C 84,230 52,220 0,220"),
        d.metal("ebony", "band"),
        ink=4,
    )
    for x, y in ((-80, 228), (-42, 211), (0, 205), (42, 211), (80, 228)):
        cowrie(d, AXIS + x, y, 14, 19)


def _balance(d: Drawing) -> None:
    d.path(whole("0,56 L 9,76 L 12,172 L 0,176"), d.metal("gold", "lit"), ink=5)
    beam = "0,92 C 60,78 112,96 166,112 L 170,124 C 110,114 60,108 0,114"
    d.path(whole(beam), d.metal("gold", "band"), ink=5)
    d.path(disc(AXIS, 100, 20), d.metal("gold", "plate"), ink=5)
    d.path(disc(AXIS, 100, 9), INK)
    d.path(disc(AXIS, 58, 12), d.metal("ivory", "plate"), ink=4)
    d.path(
        both("166,120 L 128,244", closed=False) + both("166,120 L 204,244", closed=False),
        stroke=RAMPS["gold"].light,
        width=4,
    )
    for sign in (-1, 1):
        _load(d, AXIS + sign * 166, sign)
        x = AXIS + sign * 166
        bowl = (
            f"M{number(x - 46)} 242L{number(x + 46)} 242C{number(x + 40)} "
            f"292 {number(x - 40)} 292 {number(x - 46)} 242Z"
        )
        d.path(bowl, d.metal("gold", "plate" if sign < 0 else "round"), ink=5)


def _load(d: Drawing, x: float, sign: int) -> None:
    if sign < 0:
        for dx, dy in ((-20, 232), (20, 232), (0, 222)):
            cowrie(d, x + dx, dy, 13, 16)
    else:
        for k in range(3):
            d.path(disc(x, 240 - k * 13, 27, 9), d.metal("gold", "plate"), ink=4)
