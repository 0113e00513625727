"""The frame of the contact sheet: a band of woven lozenges between gold rules, and a mount."""

from collections.abc import Iterable
from typing import Final

from palais.avatars.contour import disc, polygon
from palais.avatars.ground import NIGHT
from palais.avatars.palette import RAMPS

MARGIN: Final = 72
"""From the sheet's edge to the mount, in pixels."""
BAND: Final = (16, 56)
"""Where the woven band begins and ends, from the edge."""
_NIGHT: Final = f'fill="{NIGHT}"'

Box = tuple[int, int, int, int]


def frame(width: int, height: int, windows: Iterable[Box]) -> str:
    """Return the frame as SVG, with a gold line about each window (x, y, width, height)."""
    whole = (0, 0, width, height)
    begin, end = BAND
    lines = "".join(_rule(_inset(window, -5), 2) for window in windows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f"<defs>{_gold()}</defs>{_rect(whole, _NIGHT)}"
        f"{''.join(_lozenges(width, height))}"
        f"{_rule(_inset(whole, begin), 5)}{_rule(_inset(whole, end), 3)}"
        f"{lines}{''.join(map(_corner, _corners(width, height)))}</svg>"
    )


def _gold() -> str:
    ramp = RAMPS["gold"]
    stops = ((0, ramp.spec), (18, ramp.light), (48, ramp.body), (70, ramp.deep), (100, ramp.body))
    inner = "".join(f'<stop offset="{at}%" stop-color="{colour}"/>' for at, colour in stops)
    return (
        '<linearGradient id="gold" x1="0" y1="0" x2="1" y2="1">' + inner + "</linearGradient>"
        '<linearGradient id="leaf" x1="0" y1="0" x2=".6" y2="1">' + inner + "</linearGradient>"
    )


def _lozenges(width: int, height: int) -> Iterable[str]:
    """Chain lozenges along the middle of the band, as many as fit, evenly."""
    middle, reach = sum(BAND) / 2, (BAND[1] - BAND[0]) / 2 - 6
    for length, across in ((width, False), (height, True)):
        count = round((length - 2 * MARGIN) / (2.4 * reach))
        step = (length - 2 * MARGIN) / count
        for k in range(count):
            along = MARGIN + (k + 0.5) * step
            for side in (middle, (width if across else height) - middle):
                x, y = (side, along) if across else (along, side)
                yield _lozenge(x, y, step / 2 if not across else reach, reach, k % 2)


def _lozenge(x: float, y: float, half: float, tall: float, filled: int) -> str:
    outer = polygon([(x - half, y), (x, y - tall), (x + half, y), (x, y + tall)])
    inner = polygon([(x - half / 2, y), (x, y - tall / 2), (x + half / 2, y), (x, y + tall / 2)])
    line = f'<path d="{outer}" fill="none" stroke="{RAMPS["gold"].body}" stroke-width="2.5"/>'
    return line + f'<path d="{inner}" fill="{"url(#leaf)" if filled else RAMPS["gold"].deep}"/>'


def _corners(width: int, height: int) -> Iterable[tuple[float, float]]:
    middle = sum(BAND) / 2
    return ((x, y) for x in (middle, width - middle) for y in (middle, height - middle))


def _corner(place: tuple[float, float]) -> str:
    x, y = place
    half = (BAND[1] - BAND[0]) / 2
    block = (round(x - half - 8), round(y - half - 8), round(2 * half + 16), round(2 * half + 16))
    gem = polygon([(x - 15, y), (x, y - 15), (x + 15, y), (x, y + 15)])
    return (
        _rect(block, _NIGHT)
        + _rule(block, 4)
        + f'<path d="{gem}" fill="url(#leaf)"/><path d="{disc(x, y, 6)}" fill="{NIGHT}"/>'
    )


def _inset(box: Box, by: int) -> Box:
    x, y, width, height = box
    return x + by, y + by, width - 2 * by, height - 2 * by


def _rule(box: Box, thick: int) -> str:
    return _rect(box, f'fill="none" stroke="url(#gold)" stroke-width="{thick}"')


def _rect(box: Box, words: str) -> str:
    x, y, width, height = box
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" {words}/>'
