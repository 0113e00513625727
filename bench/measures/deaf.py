"""Ten viewers that never read: what they cost in memory, and whether the others notice."""

import math
import time
from typing import Final

from bench.arena import Arena, Server
from bench.contestants import PALAIS, Contestant
from bench.effort import Effort
from bench.load import Outcome
from bench.measures.turns import remark
from bench.rows import Row, below

RATE: Final = 200
SIZE: Final = 16_000
VIEWERS: Final = 10
DEAF: Final = 10
LATEST: Final = 10.0


def measure(arena: Arena, contestants: list[Contestant], effort: Effort) -> list[Row]:
    """Measure fresh servers, first undisturbed and then with the ten, with as many events."""
    names = [one.name for one in contestants]
    growth = Row(
        f"ten viewers that never read, {effort.due_megabytes} MB due to each: memory",
        "MB each",
        {name: [] for name in names},
        digits=2,
        goal=below(1.5, "MB each"),
    )
    late = Row(
        "p99 of the others, as a multiple of undisturbed",
        "times",
        {name: [] for name in names},
        digits=2,
        goal=below(2, "times"),
        compared=False,
    )
    for run in range(effort.runs):
        able = [one for one in contestants if one is PALAIS or run < effort.others]
        with arena.fresh(able) as servers:
            for server in servers:
                _run(growth, late, server, effort.due_bytes)
    return [growth, late]


def _run(growth: Row, late: Row, server: Server, due_bytes: int) -> None:
    events = due_bytes // SIZE
    server.view(VIEWERS)
    calm, grown_anyway = _send(server, events)
    server.view(DEAF, deaf=True)
    disturbed, grown = _send(server, events)
    whole = calm.whole and disturbed.whole
    growth.values[server.name].append((grown - grown_anyway) / DEAF / 1e6)
    growth.notes.append(
        f"{server.name}: +{grown / 1e6:.1f} MB with them, +{grown_anyway / 1e6:.1f} MB without"
    )
    late.values[server.name].append(disturbed.p99_ms / calm.p99_ms if whole else math.nan)
    late.notes.append(f"{server.name}: p99 {calm.p99_ms:.1f} ms, then {disturbed.p99_ms:.1f} ms")
    remark(late, server, disturbed)


def _send(server: Server, events: int) -> tuple[Outcome, float]:
    """Send, and return the outcome and by how much the server's memory grew at most."""
    before = highest = server.resident_bytes()
    seconds = events / RATE
    server.load.begin_send(events, rate=RATE, size=SIZE, limit=seconds + LATEST)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.25)
        highest = max(highest, server.resident_bytes())
    outcome = server.load.end_send(seconds + LATEST + 10)
    return outcome, max(highest, server.resident_bytes()) - before
