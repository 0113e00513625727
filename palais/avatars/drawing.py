"""A drawing in the making: parts in their order, and the gradients they are painted with."""

from typing import Final

from palais.avatars.contour import number
from palais.avatars.palette import INK, RAMPS

SIZE: Final = 512

Stop = tuple[float, str, float]

_DIRECTIONS: Final = {
    "round": (0.0, 0.2, 1.0, 0.42),
    "plate": (0.12, 0.0, 0.8, 1.0),
    "band": (0.2, 0.0, 0.3, 1.0),
    "lit": (0.0, 0.0, 0.75, 1.0),
    "dark": (0.0, 0.0, 1.0, 0.8),
}


class Drawing:
    """Collects the parts of one portrait. ``key`` starts every id, so that two never collide."""

    def __init__(self, key: str) -> None:
        self.key = key
        self._parts: list[str] = []
        self._defs: dict[str, str] = {}

    def path(
        self,
        data: str,
        fill: str = "none",
        *,
        ink: float = 0,
        stroke: str | None = None,
        width: float = 0,
        opacity: float = 1,
        dash: str | None = None,
        clip: str | None = None,
    ) -> None:
        """Add a path: a fill, a stroke with round joins, or both; ``ink`` outlines it that wide."""
        if ink:
            stroke, width = INK, ink
        words = [f'd="{data}"', f'fill="{fill}"']
        if stroke:
            words.append(f'stroke="{stroke}" stroke-width="{number(width)}"')
        if opacity < 1:
            words.append(f'opacity="{opacity:.2f}"')
        if dash:
            words.append(f'stroke-dasharray="{dash}"')
        if clip:
            words.append(f'clip-path="{clip}"')
        self._parts.append(f"<path {' '.join(words)}/>")

    def metal(self, name: str, kind: str = "round") -> str:
        """Return the paint of a material, as a ``url(#…)``.

        ``round`` is a body lit from the upper left, ``plate`` a flat piece, ``band`` a hoop,
        ``lit`` a facet that faces the light, ``dark`` one that is turned away.
        """
        ramp = RAMPS[name]
        stops: dict[str, list[tuple[float, str]]] = {
            "round": [
                *((0, ramp.deep), (0.07, ramp.body), (0.2, ramp.light), (0.29, ramp.spec)),
                *((0.38, ramp.light), (0.54, ramp.body), (0.78, ramp.deep), (0.93, ramp.edge)),
                (1, ramp.body),
            ],
            "plate": [
                *((0, ramp.light), (0.16, ramp.spec), (0.3, ramp.light), (0.55, ramp.body)),
                *((0.86, ramp.deep), (1, ramp.body)),
            ],
            "band": [
                *((0, ramp.deep), (0.16, ramp.light), (0.3, ramp.spec), (0.5, ramp.body)),
                *((0.85, ramp.deep), (1, ramp.edge)),
            ],
            "lit": [(0, ramp.spec), (0.35, ramp.light), (1, ramp.body)],
            "dark": [(0, ramp.body), (0.45, ramp.deep), (1, ramp.edge)],
        }
        return self._linear(_DIRECTIONS[kind], [(at, colour, 1) for at, colour in stops[kind]])

    def glow(self, colour: str, strength: float = 1, core: float = 0) -> str:
        """Return the paint of a light that fades to nothing at its edge."""
        stops = [(core, colour, strength), ((1 + core) / 2, colour, strength * 0.3), (1, colour, 0)]
        return self._define("radialGradient", "", stops)

    def fade(self, stops: list[Stop], at: tuple[float, float, float] = (0.5, 0.5, 0.5)) -> str:
        """Return a radial paint of stops (place, colour, opacity) about a centre with a radius."""
        cx, cy, r = at
        return self._define("radialGradient", f' cx="{cx}" cy="{cy}" r="{r}"', stops)

    def pattern(self, width: float, height: float, content: str) -> str:
        """Return the paint that repeats a piece of SVG."""
        size = f'width="{number(width)}" height="{number(height)}" patternUnits="userSpaceOnUse"'
        return self._keep(f'<pattern id="@" {size}>{content}</pattern>')

    def clip(self, data: str) -> str:
        """Return what keeps a part inside a path."""
        return self._keep(f'<clipPath id="@"><path d="{data}"/></clipPath>')

    def svg(self, title: str) -> str:
        """Return the document."""
        shown = "".join(letter if letter.isprintable() else " " for letter in title)
        text = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" '
            f'width="{SIZE}" height="{SIZE}" stroke-linejoin="round" stroke-linecap="round">'
            f"<title>{text}</title><defs>{''.join(self._defs.values())}</defs>"
            f"{''.join(self._parts)}</svg>\n"
        )

    def _linear(self, ends: tuple[float, float, float, float], stops: list[Stop]) -> str:
        x1, y1, x2, y2 = ends
        return self._define("linearGradient", f' x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"', stops)

    def _define(self, tag: str, words: str, stops: list[Stop]) -> str:
        inner = "".join(
            f'<stop offset="{number(round(at * 100))}%" stop-color="{colour}"'
            + (f' stop-opacity="{opacity:.2f}"/>' if opacity < 1 else "/>")
            for at, colour, opacity in stops
        )
        return self._keep(f'<{tag} id="@"{words}>{inner}</{tag}>')

    def _keep(self, definition: str) -> str:
        if definition not in self._defs:
            name = f"{self.key}{len(self._defs)}"
            self._defs[definition] = definition.replace('id="@"', f'id="{name}"', 1)
        name = self._defs[definition].split('id="', 1)[1].partition('"')[0]
        return f"url(#{name})"
