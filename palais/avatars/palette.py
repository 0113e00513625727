"""The materials of the portraits: each a ramp of five values, from its edge to its highlight."""

from dataclasses import dataclass
from typing import Final

INK: Final = "#07060A"
"""The outline of every part, and the inside of eyes and mouths."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """A material under one light: edge, deep shade, body, light, highlight; ``#RRGGBB`` each."""

    edge: str
    deep: str
    body: str
    light: str
    spec: str


RAMPS: Final = {
    "gold": Ramp("#2A1704", "#6E4410", "#CB9330", "#F3CD6A", "#FFF6D6"),
    "bronze": Ramp("#1E0E06", "#552C16", "#A5642F", "#E0A262", "#FFE6C6"),
    "copper": Ramp("#230B06", "#6B2814", "#BE5A36", "#F09A6C", "#FFE0CE"),
    "verdigris": Ramp("#031C1A", "#0D463F", "#2B8C7C", "#7FD2BB", "#E2FFF3"),
    "indigo": Ramp("#070A26", "#18206A", "#3848B4", "#8296F0", "#E2E8FF"),
    "oxblood": Ramp("#1C0407", "#520C15", "#A3222E", "#E4625E", "#FFD2C6"),
    "ivory": Ramp("#2B2114", "#806C4C", "#D8C8A2", "#F7EDD2", "#FFFFFA"),
    "ebony": Ramp("#050408", "#16121C", "#342B3A", "#75667C", "#D6C8DC"),
    "steel": Ramp("#0A0E16", "#26313F", "#637789", "#B2C6D4", "#F6FCFF"),
    "cyan": Ramp("#02222E", "#095468", "#2AA4C8", "#80E0F8", "#EAFDFF"),
    "violet": Ramp("#140824", "#391B5E", "#7846AC", "#BC90E6", "#F4E6FF"),
    "malachite": Ramp("#041C0E", "#11492C", "#2C9454", "#80D898", "#EAFFEA"),
    "amber": Ramp("#2A1002", "#7A340A", "#DB7A26", "#FFB766", "#FFF0D6"),
    "rose": Ramp("#260812", "#6A1C38", "#BE4A72", "#F294B0", "#FFE4EC"),
}


def blend(one: str, other: str, share: float) -> str:
    """Return the colour between two, ``share`` of it the other."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)
