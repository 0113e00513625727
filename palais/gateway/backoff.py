"""How long to wait before the next attempt: exponential backoff with full jitter on top of half.

See "Exponential Backoff And Jitter", AWS Architecture Blog (equal jitter).
"""

from collections.abc import Iterator
from random import Random
from typing import Final

FIRST: Final = 1.0
CEILING: Final = 15.0
REFUSED: Final = 30.0
"""Seconds between attempts after a refusal: somebody has to act, and soon will not help."""


def delays(random: Random) -> Iterator[float]:
    """Yield seconds to wait, for ever: about 1, 2, 4, 8, then 15, each jittered downwards."""
    delay = FIRST
    while True:
        yield delay * (0.5 + random.random() / 2)
        delay = min(delay * 2, CEILING)
