"""Frames, who wants them, and a batch of them that is encoded once for all who want the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Broadcast(NamedTuple):
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

    def chosen(self, broadcasts: Sequence[Broadcast]) -> Sequence[Broadcast]:
        """Return the frames that are for the viewer."""
        if not self.agents and not self.types:
            return broadcasts
        return [one for one in broadcasts if self.passes(one)]


def joined(broadcasts: Iterable[Broadcast], *, chunked: bool) -> bytes:
    """Return frames as bytes to write, as one HTTP/1.1 chunk if asked; none for no frames."""
    data = b"".join([one.data for one in broadcasts])
    return chunk(data) if chunked and data else data


def chunk(data: bytes) -> bytes:
    """Return data as one chunk of a chunked body (RFC 9112, section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)
