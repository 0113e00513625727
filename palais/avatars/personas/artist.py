"""Basquiat, art director: a three-point crown, locks, lines that break off."""

from palais.avatars.bust import shoulders
from palais.avatars.contour import disc, line, polar, polygon, ribbon, whole
from palais.avatars.drawing import Drawing
from palais.avatars.face import face, planes
from palais.avatars.ground import ground
from palais.avatars.palette import INK, RAMPS

CROWN = [(168, 176), (150, 70), (208, 126), (252, 36), (304, 122), (366, 58), (350, 172)]
LOCKS = (
    *((-122, 150, 34), (-101, 176, 36), (-80, 192, 36), (-60, 196, 36)),
    *((60, 196, 36), (80, 188, 36), (101, 180, 36), (122, 152, 34)),
)


def draw(d: Drawing) -> None:
    """Draw the portrait."""
    ground(d, "rose", "kuba")
    _splashes(d)
    shoulders(d, "indigo", "rose")
    _collar(d)
    _locks(d)
    f = face("plank", 1.12, 1.0, brow=254, eye=276, eye_x=46, nose=330, mouth=376)
    planes(d, f, "ebony", "rose")
    _features(d)
    _crown(d)


def _splashes(d: Drawing) -> None:
    d.path("M64 330 L150 300 M70 352 L128 332", stroke=RAMPS["cyan"].body, width=12, opacity=0.8)
    d.path(
        "M376 340 L440 316 M384 366 L452 344 M396 388 L424 380",
        stroke=RAMPS["amber"].body,
        width=12,
        opacity=0.85,
    )


def _collar(d: Drawing) -> None:
    d.path(
        whole("0,512 L 40,512 L 108,412 L 64,398 L 0,470"),
        d.metal("ivory", "plate"),
        ink=5,
    )
    d.path(
        "M238 446 L274 446 L268 470 L286 520 L226 520 L244 470Z",
        d.metal("oxblood", "plate"),
        ink=4,
    )
    d.path(
        "M112 470 V500 M134 458 V484 M384 452 V506 M406 470 V490",
        stroke=RAMPS["rose"].light,
        width=8,
    )


def _locks(d: Drawing) -> None:
    for angle, reach, width in LOCKS:
        tip, mid = polar(256, 250, reach, angle), polar(256, 250, reach * 0.62, angle * 0.86)
        d.path(
            ribbon([(256 + angle * 0.5, 232), mid, tip], [width, width * 0.9, 12]),
            d.metal("bronze", "plate"),
            ink=5,
        )


def _features(d: Drawing) -> None:
    chalk = d.metal("ivory", "plate")
    d.path(
        "M178 250 L242 244 M272 246 L300 238 M312 238 L338 246",
        stroke=RAMPS["gold"].light,
        width=11,
    )
    d.path(disc(210, 282, 31), chalk, ink=4)
    d.path(disc(210, 282, 20), INK)
    d.path(disc(210, 282, 9), RAMPS["rose"].light)
    d.path(
        polygon([(272, 260), (336, 258), (332, 306), (276, 308)]),
        d.metal("cyan", "plate"),
        ink=4,
    )
    d.path("M284 270 L324 298 M324 270 L284 298", ink=9)
    d.path(
        polygon([(250, 262), (262, 262), (284, 334), (256, 344), (228, 334)]),
        d.metal("gold", "plate"),
        ink=4,
    )
    d.path(disc(245, 331, 6) + disc(268, 331, 6), INK)
    d.path("M196 362 L318 358 L312 400 L202 404Z", chalk, ink=6)
    d.path("M226 361 V402 M256 360 V402 M286 359 V401 M200 382 L314 379", ink=5)
    d.path("M172 318 L176 372 M190 322 L190 346", stroke=RAMPS["amber"].light, width=8)
    d.path("M318 326 L336 322 M316 342 L330 339", stroke=RAMPS["oxblood"].light, width=8)


def _crown(d: Drawing) -> None:
    d.path(polygon(CROWN), INK, ink=26)
    d.path(polygon(CROWN), d.metal("gold", "plate"))
    d.path(polygon([(262, 56), (304, 122), (366, 58), (350, 172), (256, 178)]), INK, opacity=0.25)
    rough = line(*CROWN[:3]) + line(*CROWN[3:5]) + line((316, 108), *CROWN[5:])
    d.path(rough, stroke=RAMPS["gold"].spec, width=8)
    d.path(
        "M158 190 L248 194 M266 194 L318 190 M334 188 L362 184",
        stroke=RAMPS["gold"].light,
        width=10,
    )
    d.path("M182 152 L220 156 M236 156 L246 156 M272 154 L328 148", ink=8)
    for x, y in ((150, 68), (252, 34), (366, 56)):
        d.path(disc(x, y, 13), d.metal("rose", "plate"), ink=4)
