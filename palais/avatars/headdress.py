"""Headdresses of composed portraits: what rises behind the mask, and the cap that holds it."""

from collections.abc import Callable
from typing import Final

from palais.avatars.contour import AXIS, both, curve, disc, polar, polygon, ribbon, side, whole
from palais.avatars.drawing import Drawing
from palais.avatars.ground import rays
from palais.avatars.palette import INK, RAMPS

Headdress = Callable[[Drawing, str, str, float], None]
BROW: Final = (AXIS, 226.0)


def _sides(d: Drawing, text: str, metal: str, width: float = 5) -> None:
    d.path(side(text, -1), d.metal(metal, "plate"), ink=width)
    d.path(side(text, 1), d.metal(metal, "round"), ink=width)


def _comb(d: Drawing, main: str, second: str, a: float) -> None:
    count, reach = 7 + round(a * 4), 168 + a * 18
    step = 130 / (count - 1)
    for k in range(count):
        angle = -65 + k * step
        root, tip = polar(*BROW, 66, angle), polar(*BROW, reach, angle)
        d.path(
            ribbon([root, tip], [14, 34]),
            d.metal(second if k % 2 else main, "plate"),
            ink=4,
        )


def _fan(d: Drawing, main: str, second: str, a: float) -> None:
    count = 7 + 2 * round(a * 2)
    for k in sorted(range(count), key=lambda one: -abs(one - (count - 1) / 2)):
        angle = -78 + k * 156 / (count - 1)
        mid, tip = polar(*BROW, 130, angle), polar(*BROW, 184, angle)
        d.path(
            ribbon([polar(*BROW, 50, angle), mid, tip], [16, 46, 14]),
            d.metal(main, "plate"),
            ink=4,
        )
        d.path(disc(*polar(*BROW, 150, angle), 13), d.metal(second, "plate"), ink=4)


def _buffalo(d: Drawing, main: str, second: str, a: float) -> None:
    top = 70 + a * 50
    horn = f"54,226 C 120,220 178,206 176,140 Q 172,104 150,{top:.0f} C 160,130 140,166 60,160"
    _sides(d, horn, main, 6)
    d.path(
        both("86,168 L 96,222 L 112,219 L 104,164") + both("120,152 L 142,208 L 154,198 L 134,143"),
        d.metal(second, "plate"),
        ink=4,
    )


def _crescent(d: Drawing, main: str, second: str, a: float) -> None:
    d.path(
        whole("0,196 C 84,196 148,150 154,66 C 128,128 76,158 0,158"),
        d.metal(main, "plate"),
        ink=6,
    )
    d.path(disc(AXIS, 106, 26 + a * 16), d.metal(second, "plate"), ink=5)


def _tiers(d: Drawing, main: str, second: str, a: float) -> None:
    count = 4
    for k in range(count):
        half, y = 96 - k * (10 + a * 14), 170 - k * 34
        text = (
            f"0,{y - 6} L {half - 14:.0f},{y - 6} C {half + 8:.0f},{y - 4} "
            f"{half + 8:.0f},{y + 30} {half - 10:.0f},{y + 32} L 0,{y + 36}"
        )
        d.path(whole(text), d.metal(second if k % 2 else main, "round"), ink=5)


def _cone(d: Drawing, main: str, second: str, a: float) -> None:
    top = 24 + a * 30
    d.path(
        whole(f"0,{top:.0f} L 20,{top + 8:.0f} C 44,120 84,160 104,220 L 0,220"),
        d.metal(main),
        ink=6,
    )
    for y, half in ((104, 46), (146, 70)):
        d.path(
            whole(
                f"0,{y + 8} Q {half * 0.6:.0f},{y + 6} {half},{y - 4} L "
                f"{half + 9},{y + 14} Q {half * 0.6:.0f},{y + 26} 0,{y + 27}"
            ),
            d.metal(second, "band"),
            ink=4,
        )
    d.path(disc(AXIS, top, 17), d.metal(second, "plate"), ink=4)


def _spikes(d: Drawing, main: str, second: str, a: float) -> None:
    count = 9 + 2 * round(a * 3)
    angles = [-80 + k * 160 / (count - 1) for k in range(count)]
    rays(d, main, angles, 90, [206.0 if k % 2 else 172.0 for k in range(count)], half=7)
    d.path(disc(AXIS, 236, 116), d.metal(second, "dark"), ink=5)


def _twin(d: Drawing, main: str, second: str, a: float) -> None:
    x = 74 + a * 22
    for sign, kind in ((-1, "plate"), (1, "round")):
        cx = AXIS + sign * x
        d.path(
            ribbon([(AXIS + sign * 48, 216), (cx, 130), (cx + sign * 14, 70)], [74, 58, 22]),
            d.metal(main, kind),
            ink=6,
        )
        d.path(disc(cx + sign * 14, 70, 23), d.metal(second, kind), ink=5)
        d.path(
            ribbon([(cx - 36, 136), (cx + 36, 142)], [17, 17]),
            d.metal(second, "band"),
            ink=4,
        )


def _ram(d: Drawing, main: str, second: str, a: float) -> None:
    for sign, kind in ((-1, "plate"), (1, "round")):
        points = [
            (40, 150),
            (112, 116 - a * 22),
            (172, 170),
            (164, 248),
            (116, 256),
            (108, 214),
            (136, 206),
        ]
        path = ribbon([(AXIS + sign * x, y) for x, y in points], [60, 56, 48, 40, 28, 18, 8])
        d.path(path, d.metal(main, kind), ink=6)
        for x, y in points[1:4]:
            d.path(disc(AXIS + sign * x, y, 11), d.metal(second, kind), ink=4)


def _sun(d: Drawing, main: str, second: str, a: float) -> None:
    radius = 148 + a * 26
    d.path(disc(AXIS, 210, radius), d.metal(main, "plate"), ink=6)
    d.path(disc(AXIS, 210, radius - 22), d.metal(second, "dark"), ink=5)
    studs = "".join(disc(*polar(AXIS, 210, radius - 11, k * 18), 6.5) for k in range(20))
    d.path(studs, RAMPS[main].edge)


def _wrap(d: Drawing, main: str, second: str, a: float) -> None:
    lean = round(a * 60 - 30)
    d.path(
        (
            f"M140 236 C110 150 {150 + lean} 60 {216 + lean} 64 "
            f"C{300 + lean} 30 420 90 388 170 Q384 210 366 240Z"
        ),
        d.metal(main),
        ink=6,
    )
    d.path(
        f"M150 220 C{170 + lean} 150 {240 + lean} 100 380 110 L392 142 C300 140 220 170 190 232Z",
        d.metal(second, "plate"),
        ink=5,
    )
    d.path(curve([(200, 224), (236, 150), (330, 86)]), stroke=RAMPS[main].edge, width=7)


def _board(d: Drawing, main: str, second: str, a: float) -> None:
    half = 42 + a * 30
    d.path(
        whole(
            f"0,36 L {half:.0f},36 L {half + 12:.0f},88 L "
            f"{half - 10:.0f},120 L {half + 8:.0f},214 L 0,214"
        ),
        d.metal(main, "plate"),
        ink=6,
    )
    for y in (76, 130, 178):
        d.path(
            polygon(
                [(AXIS - half * 0.62, y), (AXIS, y - 25), (AXIS + half * 0.62, y), (AXIS, y + 25)]
            ),
            d.metal(second, "plate"),
            ink=4,
        )


def _plumes(d: Drawing, main: str, second: str, a: float) -> None:
    for x, top, kind in ((66, 84, second), (0, 32, main)):
        for sign in (-1, 1) if x else (1,):
            bend = sign * (x + a * 30 if x else 0)
            points = [
                (AXIS + sign * x * 0.5, 220),
                (AXIS + sign * x, 140),
                (AXIS + bend + sign * x * 0.6, top),
            ]
            d.path(ribbon(points, [26, 62, 18]), d.metal(kind, "plate"), ink=5)
            d.path(curve(points), stroke=RAMPS[kind].edge, width=5)


def _antlers(d: Drawing, main: str, second: str, a: float) -> None:
    for sign in (-1, 1):
        trunk = [(AXIS + sign * x, y) for x, y in ((44, 216), (92, 150), (104 + a * 24, 66))]
        d.path(ribbon(trunk, [32, 24, 9]), d.metal(main, "plate"), ink=5)
        for x, y, tx, ty in ((72, 178, 152, 164), (96, 130, 166, 96)):
            d.path(
                ribbon([(AXIS + sign * x, y), (AXIS + sign * tx, ty)], [22, 8]),
                d.metal(main, "plate"),
                ink=5,
            )
            d.path(disc(AXIS + sign * tx, ty, 13), d.metal(second, "plate"), ink=4)


def _braids(d: Drawing, main: str, second: str, a: float) -> None:
    for k in range(5):
        for sign in (-1, 1):
            x = 66 + k * 17
            points = [
                (AXIS + sign * (20 + k * 16), 150 + k * 10),
                (AXIS + sign * x * 1.12, 200 + k * 14),
                (AXIS + sign * (x + a * 26), 392 - k * 26),
            ]
            d.path(ribbon(points, [30, 24, 18]), d.metal(main, "plate"), ink=4)
            d.path(disc(*points[2], 13), d.metal(second, "plate"), ink=4)


HEADDRESSES: Final[dict[str, Headdress]] = {
    "comb": _comb,
    "fan": _fan,
    "buffalo": _buffalo,
    "crescent": _crescent,
    "tiers": _tiers,
    "cone": _cone,
    "spikes": _spikes,
    "twin": _twin,
    "ram": _ram,
    "sun": _sun,
    "wrap": _wrap,
    "board": _board,
    "plumes": _plumes,
    "antlers": _antlers,
    "braids": _braids,
}

_CAPS: Final = {
    "dome": "0,136 C 66,138 104,172 110,232 C 84,212 48,206 0,206",
    "peak": "0,140 C 66,142 106,176 112,240 C 92,214 40,204 0,246",
    "band": "0,178 C 60,180 96,196 112,236 L 106,256 C 84,226 48,216 0,214",
    "helm": "0,132 C 70,134 112,172 118,240 L 120,322 L 100,346 L 102,262 C 80,224 44,214 0,214",
}
CAPS: Final = tuple(_CAPS)


def cap(d: Drawing, kind: str, main: str, second: str) -> None:
    """Draw what holds the headdress: ``dome``, ``peak``, ``band`` or ``helm``."""
    d.path(whole(_CAPS[kind]), d.metal(main), ink=5)
    d.path(side(_CAPS[kind], 1), INK, opacity=0.16)
    if kind != "band":
        d.path(whole("0,136 L 12,138 L 15,196 L 0,204"), d.metal(second, "band"), ink=4)
