"""Memory a viewer: what a thousand of them, who have just been served, add to a fresh server."""

import time
from typing import Final

from bench.arena import Arena, Server
from bench.contestants import Contestant
from bench.effort import Effort
from bench.rows import Row, below

WARMING: Final = 10
"""Viewers that come first and stay: whatever is loaded once is loaded then."""


def measure(arena: Arena, contestants: list[Contestant], effort: Effort) -> list[Row]:
    """Measure the growth of resident memory."""
    row = Row(
        f"memory a viewer, of {effort.idle_viewers:,} idle ones",
        "kB",
        {one.name: [] for one in contestants},
        goal=below(16, "kB"),
    )
    for _ in range(effort.runs):
        with arena.fresh(contestants) as servers:
            for server in servers:
                row.values[server.name].append(_a_viewer(server, effort.idle_viewers) / 1000)
    return [row]


def _a_viewer(server: Server, viewers: int) -> float:
    _serve(server, WARMING)
    before = server.resident_bytes()
    _serve(server, viewers)
    return (server.resident_bytes() - before) / viewers


def _serve(server: Server, viewers: int) -> None:
    server.view(viewers)
    server.load.send(10, rate=20)
    time.sleep(0.5)
