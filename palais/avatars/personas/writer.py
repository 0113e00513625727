"""Thot, scribe: the ibis in profile under the moon, a reed pen behind the ear."""

from palais.avatars.bust import broad_collar, shoulders
from palais.avatars.contour import curve, disc, polygon, ribbon
from palais.avatars.drawing import Drawing
from palais.avatars.garments import garment
from palais.avatars.ground import ground, halo
from palais.avatars.palette import INK, RAMPS

WIG = (
    "M214 160 C236 122 332 118 372 176 C404 226 398 330 418 436 L300 448 C312 380 300 320 268 282Z"
)
NECK = "M196 250 C220 300 224 350 206 420 L330 430 C322 350 330 290 316 238Z"
HEAD = (
    "M182 214 C190 160 250 136 296 156 C340 176 346 232 318 "
    "266 C292 296 236 290 208 262 C192 250 180 232 182 214Z"
)
BEAK = [(214, 216), (158, 232), (114, 278), (92, 336), (88, 398)]


def draw(d: Drawing) -> None:
    """Draw the portrait."""
    ground(d, "verdigris", "hexagon")
    halo(d, "notched", "steel")
    shoulders(d, "ebony", "verdigris")
    garment(d, "feathers", "verdigris", "gold")
    _pen(d)
    _wig(d)
    d.path(NECK, d.metal("verdigris", "round"), ink=6)
    for y in (318, 350, 382):
        d.path(
            f"M210 {y} Q262 {y + 22} 322 {y - 4}", stroke=RAMPS["gold"].body, width=6, opacity=0.9
        )
    broad_collar(d, ["gold", "verdigris", "steel"], 414, 44)
    _head(d)
    _beak(d)
    _moon(d)


def _wig(d: Drawing) -> None:
    inside = d.clip(WIG)
    d.path(WIG, d.metal("indigo", "round"), ink=6)
    for k in range(5):
        x = 262 + k * 32
        lock = curve([(244 + k * 22, 132), (x + 36, 230), (x + 44, 330), (x + 58, 450)])
        d.path(lock, stroke=RAMPS["gold"].body, width=6, clip=inside, opacity=0.9)
    d.path("M300 416 L418 404 L424 440 L300 452Z", d.metal("gold", "band"), ink=4)


def _head(d: Drawing) -> None:
    d.path(HEAD, d.metal("verdigris", "plate"), ink=6)
    d.path(
        "M208 262 C236 290 292 296 318 266 C336 244 340 220 334 200 C320 246 262 268 200 246Z",
        RAMPS["verdigris"].edge,
        opacity=0.55,
    )
    d.path("M184 206 C196 160 250 138 292 156", stroke=RAMPS["verdigris"].spec, width=6)
    d.path(
        (
            "M196 214 C222 182 276 180 304 214 L344 226 C310 "
            "232 290 246 258 246 C226 246 210 232 196 214Z"
        ),
        INK,
        stroke=RAMPS["gold"].light,
        width=5,
    )
    d.path(disc(250, 214, 20), d.metal("gold", "plate"))
    d.path(disc(250, 214, 11), INK)
    d.path(disc(245, 209, 4.5), "#FFFFFF")


def _beak(d: Drawing) -> None:
    d.path(ribbon(BEAK, [74, 48, 34, 22, 6]), d.metal("ebony", "plate"), ink=6)
    d.path(
        curve([(198, 196), (150, 216), (104, 264), (83, 330), (86, 394)]),
        stroke=RAMPS["gold"].light,
        width=6,
    )
    d.path(
        curve([(206, 232), (164, 244), (122, 288), (100, 346)]),
        stroke=RAMPS["ebony"].light,
        width=3,
    )
    d.path(
        polygon([(212, 178), (228, 216), (216, 254), (194, 232), (192, 200)]),
        d.metal("gold", "plate"),
        ink=4,
    )


def _moon(d: Drawing) -> None:
    d.path(disc(280, 96, 86), d.glow(RAMPS["steel"].light, 0.5))
    d.path(disc(280, 92, 46), d.metal("steel", "plate"), ink=5)
    crescent = "M196 82 C204 150 352 152 366 82 C346 176 214 176 196 82Z"
    d.path(crescent, d.metal("gold", "plate"), ink=5)
    d.path("M248 140 L312 140 L304 164 L256 164Z", d.metal("gold", "band"), ink=4)


def _pen(d: Drawing) -> None:
    d.path(
        ribbon([(330, 262), (378, 188), (414, 134)], [14, 14, 12]),
        d.metal("amber", "lit"),
        ink=4,
    )
    d.path(polygon([(406, 128), (421, 139), (432, 104)]), INK, stroke=RAMPS["gold"].light, width=3)
