"""Requests that can wait: a few at a time, and again where the gateway is too busy for them.

OpenClaw 2026.9.6 lets 256 requests of all its clients wait, and refuses every other one as busy.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from palais.gateway.frames import Json
from palais.gateway.session import Answer

AT_ONCE: Final = 32
TRIES: Final = 8
REST_MS: Final = 1_000
LONGEST_REST_MS: Final = 16_000
UNANSWERED_MS: Final = 20_000
"""How long none of those that are out may be answered before others have their turn."""


@dataclass(slots=True)
class _Errand:
    method: str
    params: Json
    tries: int = 0


class Errands:
    """Feed it every answer, and call ``tick`` often. Times are ms."""

    def __init__(self, ask: Callable[[str, Json], None]) -> None:
        self._ask = ask
        self._waiting: deque[_Errand] = deque()
        self._out: list[_Errand] = []
        self._sent_at = 0
        self._rest = REST_MS
        self._rested_at = 0

    def put(self, method: str, params: Json) -> None:
        """Ask this when there is room for it."""
        self._waiting.append(_Errand(method, params))

    def tick(self, now: int) -> None:
        """Ask what there is room for."""
        if now - self._sent_at > UNANSWERED_MS:
            self._out.clear()
        if now < self._rested_at:
            return
        while self._waiting and len(self._out) < AT_ONCE:
            errand = self._waiting.popleft()
            errand.tries += 1
            self._out.append(errand)
            self._sent_at = now
            self._ask(errand.method, errand.params)

    def again(self, answer: Answer, now: int) -> bool:
        """Whether this answer says that the gateway is too busy, so that it is asked again."""
        errand = next((one for one in self._out if one.params is answer.params), None)
        if errand is None:
            return False
        self._out.remove(errand)
        if not answer.busy:
            self._rest = REST_MS
            return False
        if now >= self._rested_at:
            self._rested_at = now + self._rest
            self._rest = min(self._rest * 2, LONGEST_REST_MS)
        if errand.tries >= TRIES:
            return False
        self._waiting.append(errand)
        return True
