"""Mobutoo, chef d’orchestre: a leopard toque, heavy spectacles, a raised baton."""

from palais.avatars.bust import high_collar, shoulders
from palais.avatars.contour import disc, polygon, ribbon, side, whole
from palais.avatars.drawing import Drawing
from palais.avatars.face import face, nose, planes, sockets
from palais.avatars.ground import ground, halo
from palais.avatars.marks import cheeks
from palais.avatars.mouths import mouth
from palais.avatars.palette import INK, RAMPS

TOQUE = "M150 214 L138 112 C150 66 214 84 250 62 C292 44 372 60 380 112 L364 214 Q256 178 150 214Z"
SPOTS = (
    *((172, 124, 20), (226, 100, 21), (286, 96, 22), (344, 106, 20), (188, 172, 17)),
    *((238, 152, 21), (296, 150, 20), (350, 162, 19)),
)


def draw(d: Drawing) -> None:
    """Draw the portrait."""
    ground(d, "malachite", "kuba")
    halo(d, "double")
    shoulders(d, "ebony")
    high_collar(d, "ebony", "gold")
    f = face("broad", 0.98, brow=252, eye=280, eye_x=46, nose=346, mouth=382, nose_half=23)
    planes(d, f, "bronze", "malachite")
    sockets(d, f, "bronze", 18)
    cheeks(d, f, "bars", "gold")
    nose(d, f, "bronze", 9)
    mouth(d, f, "stern", "bronze")
    _spectacles(d)
    _toque(d)
    _baton(d)


def _spectacles(d: Drawing) -> None:
    frame = "10,266 L 18,254 L 88,250 L 96,262 L 84,308 Q 52,318 24,304"
    for sign in (-1, 1):
        d.path(side(frame, sign), INK, stroke=RAMPS["gold"].body, width=5)
        d.path(side("24,276 L 78,272 L 72,296 Q 52,302 32,294", sign), d.metal("malachite", "dark"))
        d.path(
            side("30,280 L 52,278 L 40,294 L 33,293", -1 if sign < 0 else 1),
            RAMPS["malachite"].light,
            opacity=0.8,
        )
    brow_bar = "0,252 L 100,240 L 104,266 L 12,276 L 0,270"
    d.path(whole(brow_bar), d.metal("gold", "band"), ink=4)


def _toque(d: Drawing) -> None:
    inside = d.clip(TOQUE)
    d.path(TOQUE, d.metal("gold", "round"), ink=6)
    d.path("M250 62 C262 100 240 150 262 196 L372 214 L390 60Z", INK, opacity=0.22, clip=inside)
    for x, y, r in SPOTS:
        d.path(disc(x, y, r * 0.62, r * 0.52), RAMPS["amber"].deep, opacity=0.75)
        d.path(disc(x, y, r * 0.82, r * 0.7), stroke="#160803", width=9, dash="13 14")
    band = "M146 218 Q256 180 368 218 L364 244 Q256 208 150 244Z"
    d.path(band, d.metal("gold", "band"), ink=4)
    gem = [(256, 176), (282, 212), (256, 248), (230, 212)]
    d.path(polygon(gem), d.metal("malachite", "plate"), ink=4)


def _baton(d: Drawing) -> None:
    d.path(
        ribbon([(356, 500), (404, 350), (446, 206)], [17, 13, 7]),
        d.metal("ivory", "lit"),
        ink=3,
    )
    d.path(disc(352, 492, 22), d.metal("gold", "plate"), ink=4)
    d.path(disc(446, 206, 36), d.glow(RAMPS["gold"].spec, 0.95))
