"""Frames, who wants them, and a batch of them that is encoded once for all who want the same."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One encoded frame. ``id`` is the row it comes from; None for what is not history."""

    data: bytes
    id: int | None = None
    agent_id: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """What a viewer wants to see; an empty set means everything."""

    agents: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()

    def passes(self, broadcast: Broadcast) -> bool:
        """Whether this frame is for the viewer; frames of no type are for everybody."""
        if broadcast.type is None:
            return True
        of_agent = (
            not self.agents or broadcast.agent_id is None or broadcast.agent_id in self.agents
        )
        return of_agent and (not self.types or broadcast.type in self.types)


class Batch:
    """Frames that are published at once, in order."""

    def __init__(self, broadcasts: Sequence[Broadcast]) -> None:
        self.broadcasts = broadcasts
        self.first_id = next((one.id for one in broadcasts if one.id is not None), None)
        self._joined: dict[tuple[Filter, bool], bytes] = {}

    def chosen(self, wants: Filter, after: int | None) -> list[Broadcast]:
        """Return the frames that a viewer wants and does not have yet."""
        return [
            one
            for one in self.broadcasts
            if wants.passes(one) and (one.id is None or after is None or one.id > after)
        ]

    def joined(self, wants: Filter, after: int | None, *, chunked: bool) -> bytes:
        """Return those frames as bytes to write, as an HTTP/1.1 chunk if asked.

        The bytes are shared by all viewers that want the same, and have nothing of the batch yet.
        """
        if self.first_id is not None and after is not None and self.first_id <= after:
            return self._join(self.chosen(wants, after), chunked=chunked)
        key = (wants, chunked)
        if key not in self._joined:
            self._joined[key] = self._join(self.chosen(wants, None), chunked=chunked)
        return self._joined[key]

    @staticmethod
    def _join(broadcasts: Sequence[Broadcast], *, chunked: bool) -> bytes:
        data = b"".join(one.data for one in broadcasts)
        return chunk(data) if chunked and data else data


def chunk(data: bytes) -> bytes:
    """Return data as one chunk of a chunked body (RFC 9112, section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)
