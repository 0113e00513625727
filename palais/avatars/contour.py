"""Outlines of portraits as SVG path data, drawn as one half and mirrored about the axis."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

AXIS: Final = 256.0
"""Where the axis of symmetry is, in units of the 512 × 512 canvas."""

Point = tuple[float, float]


def number(value: float) -> str:
    """Return a coordinate with one decimal at most, as short as SVG takes it."""
    return f"{value:.1f}".rstrip("0").rstrip(".").replace("-0.0", "0") if value else "0"


def pair(point: Point) -> str:
    """Return ``x y``."""
    return f"{number(point[0])} {number(point[1])}"


@dataclass(frozen=True, slots=True)
class Contour:
    """Half an outline: a start and Bézier or straight segments; x is the distance to the axis."""

    start: Point
    segments: tuple[tuple[str, tuple[Point, ...]], ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """Read ``"0,170 C 50,170 84,190 86,240 L …"``: absolute points, commands L, Q and C."""
        size = {"L": 1, "Q": 2, "C": 3}
        tokens = text.split()
        start, segments, command = _point(tokens[0]), [], "L"
        index = 1
        while index < len(tokens):
            if tokens[index] in size:
                command = tokens[index]
                index += 1
            end = index + size[command]
            segments.append((command, tuple(_point(token) for token in tokens[index:end])))
            index = end
        return cls(start, tuple(segments))

    def scaled(self, kx: float = 1, ky: float = 1, about: float = 300) -> Self:
        """Return it wider by ``kx`` and taller by ``ky`` about a height."""

        def move(point: Point) -> Point:
            return point[0] * kx, about + (point[1] - about) * ky

        kept = tuple((command, tuple(map(move, points))) for command, points in self.segments)
        return type(self)(move(self.start), kept)

    def whole(self) -> str:
        """Return both halves as one closed path."""
        return f"M{pair(_at(self.start, 1))}{self._forward(1)}{self._back(-1)}Z"

    def side(self, sign: int, *, closed: bool = True) -> str:
        """Return the half to the right (1) or to the left (-1)."""
        return f"M{pair(_at(self.start, sign))}{self._forward(sign)}{'Z' if closed else ''}"

    def both(self, *, closed: bool = True) -> str:
        """Return the two halves as two paths in one."""
        return self.side(-1, closed=closed) + self.side(1, closed=closed)

    def _forward(self, sign: int) -> str:
        return "".join(
            command + " ".join(pair(_at(point, sign)) for point in points)
            for command, points in self.segments
        )

    def _back(self, sign: int) -> str:
        starts = [self.start, *(points[-1] for _, points in self.segments)]
        out = ["L" + pair(_at(starts[-1], sign))]
        for (command, points), start in zip(
            reversed(self.segments), reversed(starts[:-1]), strict=True
        ):
            turned = [*reversed(points[:-1]), start]
            out.append(command + " ".join(pair(_at(point, sign)) for point in turned))
        return "".join(out)


def whole(text: str) -> str:
    """Return the closed path of which this is the right half."""
    return Contour.of(text).whole()


def both(text: str, *, closed: bool = True) -> str:
    """Return this path and its mirror image."""
    return Contour.of(text).both(closed=closed)


def side(text: str, sign: int, *, closed: bool = True) -> str:
    """Return this path to the right (1) or to the left (-1) of the axis."""
    return Contour.of(text).side(sign, closed=closed)


def polygon(points: Iterable[Point]) -> str:
    """Return a closed path of straight lines between points of the canvas."""
    return "M" + "L".join(map(pair, points)) + "Z"


def line(*points: Point) -> str:
    """Return an open path of straight lines."""
    return "M" + "L".join(map(pair, points))


def disc(cx: float, cy: float, rx: float, ry: float | None = None) -> str:
    """Return a circle, or an ellipse."""
    ry = rx if ry is None else ry
    r, dx = f"{number(rx)} {number(ry)} 0 1 0 ", number(2 * rx)
    return f"M{number(cx - rx)} {number(cy)}a{r}{dx} 0a{r}-{dx} 0Z"


def polar(cx: float, cy: float, radius: float, degrees: float) -> Point:
    """Return the point at a distance and a clockwise angle from twelve o'clock."""
    angle = math.radians(degrees)
    return cx + radius * math.sin(angle), cy - radius * math.cos(angle)


def ribbon(points: Sequence[Point], widths: Sequence[float]) -> str:
    """Return a band that swings smoothly through points, as wide at each as told."""
    left, right = [], []
    for index, (x, y) in enumerate(points):
        before, after = points[max(0, index - 1)], points[min(len(points) - 1, index + 1)]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = math.hypot(dx, dy) or 1
        ox, oy = -dy / length * widths[index] / 2, dx / length * widths[index] / 2
        left.append((x + ox, y + oy))
        right.append((x - ox, y - oy))
    return (
        "M" + pair(left[0]) + _through(left) + "L" + pair(right[-1]) + _through(right[::-1]) + "Z"
    )


def curve(points: Sequence[Point]) -> str:
    """Return an open path that swings smoothly through points."""
    return "M" + pair(points[0]) + _through(points)


def _through(points: Sequence[Point]) -> str:
    """Catmull-Rom through the points, as Béziers."""
    out = []
    for index in range(len(points) - 1):
        p0, p1 = points[max(0, index - 1)], points[index]
        p2, p3 = points[index + 1], points[min(len(points) - 1, index + 2)]
        c1 = p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6
        c2 = p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6
        out.append(f"C{pair(c1)} {pair(c2)} {pair(p2)}")
    return "".join(out)


def _at(point: Point, sign: int) -> Point:
    return AXIS + sign * point[0], point[1]


def _point(token: str) -> Point:
    x, _, y = token.partition(",")
    return float(x), float(y)
