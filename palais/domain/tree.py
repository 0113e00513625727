"""The steps of a session as a tree: from a flat list, in any order, to what contains what. Pure.

A list may lack a parent (its step was never seen), name one twice, or run in a circle: a step
whose parent is unknown stands at the top, and a circle is cut at its earliest step. Everything
here is linear but for the sorting, and none of it recurses: a chain may be as deep as it likes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Generic, Protocol, TypeVar

NEVER: Final = datetime.max.replace(tzinfo=UTC)
"""A start that is not known sorts last."""


class Step(Protocol):
    """What is asked of a step to find its place."""

    @property
    def id(self) -> str:
        """Its id, its own among all of the list."""

    @property
    def parent_id(self) -> str | None:
        """The id of the step that it belongs to."""

    @property
    def started_at(self) -> datetime | None:
        """When it began."""


S = TypeVar("S", bound=Step)


@dataclass(eq=False, slots=True)
class Node(Generic[S]):
    """A step with those below it; ``depth`` is 0 at the top."""

    step: S
    depth: int = 0
    children: "list[Node[S]]" = field(default_factory=list)


def forest(steps: Iterable[S]) -> list[Node[S]]:
    """Return the steps at the top, by start and then id, each with its own below it, likewise.

    Any order of the list gives the same. Of two steps with one id only the earlier is taken.
    """
    nodes: dict[str, Node[S]] = {}
    for step in sorted(steps, key=_place):
        nodes.setdefault(step.id, Node(step))
    top = _cut(nodes)
    roots: list[Node[S]] = []
    for key, node in nodes.items():
        parent = None if key in top else nodes[node.step.parent_id or ""]
        (parent.children if parent else roots).append(node)
    for node in walk(roots):
        for child in node.children:
            child.depth = node.depth + 1
    return roots


def walk(roots: Sequence[Node[S]]) -> Iterator[Node[S]]:
    """Yield every step of the tree, each before those below it."""
    waiting = list(reversed(roots))
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def _place(step: Step) -> tuple[datetime, str]:
    return (step.started_at or NEVER, step.id)


def _cut(nodes: dict[str, Node[S]]) -> set[str]:
    """Return the ids at the top: of orphans, and of the first in each circle."""
    order = {key: number for number, key in enumerate(nodes)}
    above = {
        key: parent
        for key, node in nodes.items()
        if (parent := node.step.parent_id) in nodes and parent is not None
    }
    top = {key for key in nodes if key not in above}
    led = set(top)  # those from which the way up ends at the top
    for key in nodes:
        way: dict[str, None] = {}
        while key not in led and key not in way:
            way[key] = None
            key = above[key]  # noqa: PLW2901  the way up
        if key not in led:
            circle = list(way)[list(way).index(key) :]
            top.add(min(circle, key=order.__getitem__))
        led.update(way)
    return top
