"""The conversations whose messages are followed: a channel's runs are hidden otherwise."""

from collections.abc import Iterable
from typing import Final

from palais.gateway.dialects.openclaw.errands import Errands

MESSAGES: Final = "sessions.messages.subscribe"
KEYS: Final = 2_000
"""Conversations that are followed; the newest come first in the gateway's list."""


class Following:
    """Asks for the messages of each conversation once, on one connection."""

    def __init__(self, errands: Errands) -> None:
        self._errands = errands
        self._keys: set[str] = set()

    def add(self, keys: Iterable[str | None]) -> None:
        """Follow these too."""
        for key in keys:
            if key and key not in self._keys and len(self._keys) < KEYS:
                self._keys.add(key)
                self._errands.put(MESSAGES, {"key": key})
