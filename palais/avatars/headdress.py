"""Headdresses of composed portraits: what rises behind the mask."""

from collections.abc import Callable
from typing import Final

from palais.avatars.contour import (
    AXIS,
    both,
    curve,
    disc,
    line,
    pair,
    polar,
    polygon,
    ribbon,
    side,
    whole,
)
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
        root, tip = polar(*BROW, 50, angle), polar(*BROW, 192, angle)
        left, right = (pair(polar(*BROW, 140, angle + turn)) for turn in (-16, 16))
        petal = f"M{pair(root)}Q{left} {pair(tip)}Q{right} {pair(root)}Z"
        d.path(petal, d.metal(main, "plate"), ink=4)
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


def _flare(d: Drawing, main: str, second: str, a: float) -> None:
    top, half = 70 - a * 22, 104 + a * 26
    body = f"0,{top} L {half},{top} C {half - 12},{top + 70} 92,170 90,226 L 0,226"
    inside = d.clip(whole(body))
    d.path(whole(body), d.metal(main), ink=6)
    for k in range(1, 5):
        y = top + k * 32
        row = f"0,{y + 22} Q {half * 0.6},{y + 20} {half},{y}"
        d.path(both(row, closed=False), stroke=RAMPS[second].edge, width=13, clip=inside)
        d.path(both(row, closed=False), stroke=RAMPS[second].light, width=7, clip=inside)
    d.path(side(body, 1), INK, opacity=0.25)
    d.path(disc(AXIS, top, half, 24), d.metal(main, "plate"), ink=6)
    d.path(disc(AXIS, top + 2, half - 16, 15), d.metal(second, "dark"), ink=4)


def _spikes(d: Drawing, main: str, second: str, a: float) -> None:
    count = 9 + 2 * round(a * 3)
    angles = [-80 + k * 160 / (count - 1) for k in range(count)]
    rays(d, main, angles, 90, [206.0 if k % 2 else 172.0 for k in range(count)], half=7)
    d.path(disc(AXIS, 236, 116), d.metal(second, "dark"), ink=5)


def _puffs(d: Drawing, main: str, second: str, a: float) -> None:
    x, y, r = 90 + a * 18, 136 - a * 12, 58 + a * 8
    for sign, kind in ((-1, "plate"), (1, "dark")):
        cx = AXIS + sign * x
        knots = (disc(*polar(cx, y, r - 6, k * 30), 17) for k in range(12))
        d.path("".join(knots), d.metal(main, kind), ink=5)
        d.path(disc(cx, y, r - 2), d.metal(main, kind))
        for radius in (r - 16, r - 32):
            d.path(disc(cx, y, radius), stroke=RAMPS[main].edge, width=5, dash="9 9")
        tie = ribbon([(AXIS + sign * 34, 186), (AXIS + sign * 66, 200)], [58, 50])
        d.path(tie, d.metal(second, kind), ink=5)


def _ram(d: Drawing, main: str, second: str, a: float) -> None:
    for sign, kind in ((-1, "plate"), (1, "round")):
        points = [
            (20, 186),
            (104, 112 - a * 20),
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
    spokes = [
        (polar(AXIS, 210, 96, k * 12), polar(AXIS, 210, radius - 30, k * 12)) for k in range(30)
    ]
    d.path("".join(line(*one) for one in spokes), stroke=RAMPS[main].light, width=4, opacity=0.6)
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
    for k in range(4):
        fold = [(176 + k * 34, 226 - k * 4), (204 + lean + k * 20, 150), (262 + lean + k * 20, 76)]
        d.path(curve(fold), stroke=RAMPS[main].edge, width=5, opacity=0.8)
    d.path(disc(372, 128, 17), d.metal(second, "plate"), ink=5)


def _kanaga(d: Drawing, main: str, second: str, a: float) -> None:
    """Draw a board with two crossbars, as one stands for sky and one for earth."""
    reach = 84 + a * 20
    d.path(whole("0,18 L 17,22 L 23,214 L 0,214"), d.metal(main, "plate"), ink=6)
    for y, half, tip in ((106, reach, -32), (160, reach + 34, 40)):
        bar = (
            f"0,{y - 12} L {half},{y - 12} L {half},{min(y - 12, y + tip)} L {half + 20},"
            f"{min(y - 12, y + tip)} L {half + 20},{max(y + 12, y + tip)} L {half},"
            f"{max(y + 12, y + tip)} L {half},{y + 12} L 0,{y + 12}"
        )
        d.path(side(bar, -1), d.metal(main, "lit"), ink=6)
        d.path(side(bar, 1), d.metal(main, "plate"), ink=6)
        row = "".join(disc(AXIS + s * half * k, y, 6) for s in (-1, 1) for k in (0.3, 0.55, 0.8))
        d.path(row, d.metal(second, "plate"), ink=3)
    for y in (58, 106, 160):
        gem = [(AXIS - 15, y), (AXIS, y - 21), (AXIS + 15, y), (AXIS, y + 21)]
        d.path(polygon(gem), d.metal(second, "plate"), ink=4)


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
        d.path(ribbon(trunk, [38, 30, 11]), d.metal(main, "plate"), ink=5)
        for x, y, tx, ty in ((72, 178, 152, 164), (96, 130, 166, 96)):
            d.path(
                ribbon([(AXIS + sign * x, y), (AXIS + sign * tx, ty)], [26, 10]),
                d.metal(main, "plate"),
                ink=5,
            )
            d.path(disc(AXIS + sign * tx, ty, 13), d.metal(second, "plate"), ink=4)


def _braids(d: Drawing, main: str, second: str, a: float) -> None:
    d.path(whole("0,122 C 76,124 124,168 126,250 L 0,250"), d.metal(main, "round"), ink=5)
    for k in reversed(range(4)):
        for sign, kind in ((-1, "lit"), (1, "plate")):
            x, end = 92 + k * 21, 432 - k * 16 - a * 24
            shape = [(16 + k * 8, 168), (x, 190 + k * 10), (x + 6, end)]
            points = [(AXIS + sign * px, py) for px, py in shape]
            d.path(ribbon(points, [32, 28, 18]), d.metal(main, kind), ink=5)
            cx = AXIS + sign * (x + 7)
            rows = range(250 + k * 7, round(end) - 8, 50)
            cuffs = "".join(line((cx - 12, y), (cx + 12, y + 2)) for y in rows)
            d.path(cuffs, ink=17)
            d.path(cuffs, stroke=RAMPS[second].body, width=10)
            d.path(disc(*points[-1], 12), d.metal(second, "plate"), ink=4)


HEADDRESSES: Final[dict[str, Headdress]] = {
    "comb": _comb,
    "fan": _fan,
    "buffalo": _buffalo,
    "crescent": _crescent,
    "tiers": _tiers,
    "flare": _flare,
    "spikes": _spikes,
    "puffs": _puffs,
    "ram": _ram,
    "sun": _sun,
    "wrap": _wrap,
    "kanaga": _kanaga,
    "plumes": _plumes,
    "antlers": _antlers,
    "braids": _braids,
}
