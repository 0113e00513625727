"""Portraits of all other agents: the same grammar, its parts chosen by a digest of who they are."""

import hashlib
from collections.abc import Sequence
from typing import Final, TypeVar

from palais.avatars import bust
from palais.avatars.caps import CAPS, cap
from palais.avatars.drawing import Drawing
from palais.avatars.eyes import EYES, eyes
from palais.avatars.face import OUTLINES, brow, face, nose, planes, sockets
from palais.avatars.garments import GARMENTS, garment
from palais.avatars.ground import ground, halo
from palais.avatars.headdress import HEADDRESSES
from palais.avatars.marks import CHEEKS, FOREHEADS, cheeks, forehead
from palais.avatars.mouths import mouth
from palais.avatars.palette import RAMPS

T = TypeVar("T")

SKINS: Final = ("bronze", "ebony", "ivory", "gold", "copper", "steel", "verdigris", "oxblood")
METALS: Final = ("gold", "bronze", "copper", "steel", "ivory", "verdigris")
ACCENTS: Final = tuple(name for name in RAMPS if name not in {"gold", "ebony", "ivory", "steel"})
MOUTHS: Final = ("lips", "stern", "chant", "spout", "teeth", "grille", "smile")
HALOS: Final = ("ring", "double", "beads", "notched", "none")
COLLARS: Final = ("broad", "rings", "high", "pauldrons", "torque")
FIELDS: Final = ("hexagon", "kuba", "strip")


class Choice:
    """Draws lots from a digest: the same words always give the same lots, in the same order."""

    def __init__(self, words: str) -> None:
        digest = hashlib.sha512(words.encode("utf-8", "surrogatepass")).digest()
        self._left = int.from_bytes(digest, "big")

    def of(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        self._left, index = divmod(self._left, len(options))
        return options[index]

    def share(self) -> float:
        """Return a number from 0 to 1, in steps of a sixteenth."""
        return self.of(range(17)) / 16


def draw(d: Drawing, words: str) -> None:
    """Draw the portrait of whoever these words name."""
    lots = Choice(words)
    accent, skin = lots.of(ACCENTS), lots.of(SKINS)
    main = lots.of([metal for metal in METALS if metal != skin])
    second = lots.of([name for name in (*ACCENTS, "gold", "ebony") if name not in {main, skin}])
    ground(d, accent, lots.of(FIELDS))
    halo(d, lots.of(HALOS), lots.of(METALS), 164 + 20 * lots.share())
    headdress, turn = HEADDRESSES[lots.of(tuple(HEADDRESSES))], lots.share()
    collar = lots.of(COLLARS)
    cloth = lots.of(("ebony", accent, second))
    bust.shoulders(d, cloth, accent)
    worn = ("scales", "cloak") if collar == "pauldrons" else tuple(GARMENTS)
    garment(d, lots.of(worn), cloth, main)
    headdress(d, main, second, turn)
    _collar(d, collar, main, second, accent)
    half = [lots.of((main, second, accent, "gold", "ivory")) for _ in range(4)]
    bust.beads(d, [*half[:0:-1], *half], 384, 106, 12)
    _mask(d, lots, skin, main, accent)
    cap(d, lots.of(CAPS), main, second)
    forehead(d, face("broad"), lots.of(FOREHEADS), accent)


def _collar(d: Drawing, kind: str, main: str, second: str, accent: str) -> None:
    if kind == "broad":
        bust.broad_collar(d, [main, second, accent], 398, 40)
    elif kind == "rings":
        bust.neck_rings(d, main, 4, 402)
    elif kind == "high":
        bust.high_collar(d, second, main)
    elif kind == "pauldrons":
        bust.pauldrons(d, second, main, 2)
    else:
        bust.torque(d, main)


def _seen_on(skin: str) -> list[str]:
    """Return the metals for the features of a mask: a dark one has no pale mouth and eyes."""
    unfit = {skin, "ivory", "steel", "verdigris"} if skin == "ebony" else {skin}
    return [metal for metal in METALS if metal not in unfit]


def _mask(d: Drawing, lots: Choice, skin: str, main: str, accent: str) -> None:
    family = lots.of(tuple(OUTLINES))
    wide = 1.08 if family == "long" else 0.92
    f = face(
        family,
        wide + 0.14 * lots.share(),
        1,
        brow=250 + 10 * lots.share(),
        eye=280 + 10 * lots.share(),
        nose=340 + 10 * lots.share(),
        mouth=378,
        nose_half=14 + 9 * lots.share(),
    )
    trim, light = lots.of(_seen_on(skin)), "gold" if skin == "ebony" else "ivory"
    planes(d, f, skin, accent)
    sockets(d, f, skin, 16)
    cheeks(d, f, lots.of(CHEEKS), lots.of([name for name in (accent, main, trim) if name != skin]))
    nose(d, f, lots.of((skin, trim)), 8)
    lift, look = 10 + 16 * lots.share(), lots.of((*EYES, "visor"))
    if look != "visor":
        brow(d, f, trim, lift, 11)
    kind, inside = lots.of(MOUTHS), lots.of((light, accent))
    mouth(d, f, kind, trim, light if kind == "teeth" else inside)
    eyes(d, f, look, trim, lots.of((accent, "cyan", "amber", light)))
