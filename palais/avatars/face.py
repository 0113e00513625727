"""The mask: its outline, the planes that the light makes of it, brow, nose and mouth."""

from dataclasses import dataclass
from typing import Final

from palais.avatars.contour import Contour, side, whole
from palais.avatars.drawing import Drawing
from palais.avatars.palette import INK, RAMPS

OUTLINES: Final = {
    "long": "0,166 C 48,166 80,188 82,240 C 83,298 62,372 34,414 Q 18,434 0,434",
    "heart": "0,186 C 26,164 104,164 108,232 C 111,300 66,372 22,424 Q 10,434 0,434",
    "broad": "0,170 C 70,168 112,196 113,258 C 114,318 98,374 62,406 Q 34,424 0,424",
    "helmet": "0,160 C 78,160 110,206 110,280 L 104,372 L 64,422 Q 32,430 0,430",
    "plank": "0,168 L 84,172 L 94,330 L 58,412 L 22,430 L 0,430",
    "shield": "0,166 L 96,190 C 104,262 92,342 44,404 L 0,438",
    "moon": "0,176 C 76,176 116,224 116,294 C 116,366 76,422 0,422",
    "hex": "0,164 L 62,168 L 104,232 L 98,336 L 54,412 L 0,428",
}


@dataclass(frozen=True, slots=True)
class Face:
    """The proportions of a mask, in canvas units; ``eye_x`` is the distance to the axis."""

    outline: Contour
    half: float = 84
    brow: float = 250
    eye: float = 274
    eye_x: float = 42
    nose: float = 342
    mouth: float = 376
    nose_half: float = 18


def face(family: str, kx: float = 1, ky: float = 1, **changes: float) -> Face:
    """Return a mask of one of the families, stretched, with some proportions changed."""
    narrow = {"long": 72, "heart": 96, "broad": 100, "helmet": 98, "plank": 80, "shield": 88}
    half = narrow.get(family, 98) * kx
    values = {"half": half, "eye_x": half * 0.48, **changes}
    return Face(Contour.of(OUTLINES[family]).scaled(kx, ky), **values)


def planes(d: Drawing, f: Face, metal: str, rim: str = "gold") -> None:
    """Paint the mask's body: round metal, the half turned away, temple and cheek, two rims."""
    outline = f.outline.whole()
    inside = d.clip(outline)
    d.path(outline, d.metal(metal), ink=9)
    d.path(f.outline.side(1), INK, opacity=0.3)
    jaw = f"{f.half + 30},{f.eye + 22} "
    hollow = (
        jaw + f"L {f.half * 0.5},{f.nose - 18} L {f.half * 0.36},{f.mouth + 4} "
        f"L {f.half * 0.3},470 L {f.half + 40},470"
    )
    d.path(side(hollow, -1), RAMPS[metal].deep, opacity=0.42, clip=inside)
    d.path(side(hollow, 1), RAMPS[metal].edge, opacity=0.62, clip=inside)
    temple = f"0,150 L {f.half * 0.3},150 L {f.half * 0.5},{f.brow} L 0,{f.brow + 12}"
    d.path(side(temple, -1), RAMPS[metal].spec, opacity=0.2, clip=inside)
    cheek = (
        f"{f.half * 0.3},{f.eye + 26} L {f.half * 0.86},{f.eye + 20} L {f.half * 0.5},{f.nose - 18}"
    )
    d.path(side(cheek, -1), RAMPS[metal].spec, opacity=0.28, clip=inside)
    d.path(side(cheek, 1), RAMPS[metal].light, opacity=0.13, clip=inside)
    d.path(f.outline.scaled(0.92, 0.95).whole(), stroke=RAMPS[rim].light, width=2.5, opacity=0.5)
    d.path(
        f.outline.side(-1, closed=False),
        stroke=RAMPS[metal].spec,
        width=6,
        opacity=0.85,
        clip=inside,
    )
    d.path(
        f.outline.side(1, closed=False), stroke=RAMPS[rim].light, width=7, opacity=0.75, clip=inside
    )


def sockets(d: Drawing, f: Face, metal: str, depth: float = 22) -> None:
    """Hollow the face out below the brow."""
    x, y = f.eye_x, f.eye
    text = (
        f"9,{f.brow + 4} C {x * 0.7},{f.brow - 10} "
        f"{x * 1.5},{f.brow - 8} {f.half - 4},{f.brow + 14} "
        f"C {f.half - 8},{y + depth} {x},{y + depth + 10} "
        f"13,{y + depth - 4}"
    )
    d.path(side(text, -1), RAMPS[metal].deep, opacity=0.8)
    d.path(side(text, 1), RAMPS[metal].edge, opacity=0.9)


def brow(d: Drawing, f: Face, metal: str, lift: float = 20, thick: float = 13) -> None:
    """Draw the brows as one swung bar, joined to the nose."""
    y, w = f.brow, f.half - 4
    text = (
        f"0,{y - 2} L 9,{y - 4} C {w * 0.35},{y - lift} "
        f"{w * 0.75},{y - lift} {w},{y + 8} L {w - 3},{y + 8 + thick * 0.6} "
        f"C {w * 0.7},{y - lift + thick + 2} {w * 0.38},{y - lift + thick + 4} "
        f"9,{y + thick} L 0,{y + thick}"
    )
    d.path(whole(text), d.metal(metal, "plate"), ink=3)


def nose(d: Drawing, f: Face, metal: str, bridge: float = 8) -> None:
    """Draw the nose: a ridge with one side in the light and one in the shade."""
    b, n, w = bridge, f.nose, f.nose_half
    text = (
        f"0,{f.brow - 4} L {b},{f.brow} L {b + 2},{n - 24} "
        f"C {w + 5},{n - 18} {w + 5},{n + 2} {w - 5},{n + 3} "
        f"L 0,{n + 8}"
    )
    d.path(side(text, -1), d.metal(metal, "lit"), ink=2.5)
    d.path(side(text, 1), d.metal(metal, "dark"), ink=2.5)
