"""Persisted and delivered at the maximum: events a second until the last viewer has the last."""

import math
from dataclasses import dataclass
from typing import Final

from bench.arena import Arena, Server
from bench.contestants import Contestant
from bench.effort import Effort
from bench.errors import BenchError
from bench.load import Outcome
from bench.measures.turns import mend, remark, turns
from bench.rows import Row, at_least

WINDOW: Final = 2_000
NARROWEST: Final = 20
MOST_EVENTS: Final = 400_000
GOALS: Final = {1: 5, 100: 20, 1_000: 100}
SWEEP: Final = 0.05
LIMIT_SECONDS: Final = 25.0


@dataclass(slots=True)
class Pace:
    """What a server can take: the window that loses nothing, and events for a fair time."""

    window: int
    events: int
    sweep: float = 0.0


def measure(arena: Arena, contestants: list[Contestant], effort: Effort) -> list[Row]:
    """Measure with 1, 100 and 1,000 viewers."""
    return [
        _with_viewers(arena.servers(contestants), viewers, goal, effort)
        for viewers, goal in GOALS.items()
    ]


def _with_viewers(servers: list[Server], viewers: int, goal: int, effort: Effort) -> Row:
    row = Row(
        f"delivered at the maximum, {viewers:,} viewer{'s'[: viewers > 1]}",
        "events/s",
        {server.name: [] for server in servers},
        goal=at_least(goal, "seed"),
    )
    for server in servers:
        server.view(viewers)
    paces = {server.name: find_pace(server, viewers, effort.peak_seconds) for server in servers}
    for server in turns(servers, effort.runs):
        outcome = _run(server, paces[server.name])
        row.values[server.name].append(outcome.rate or math.nan)
        remark(row, server, outcome)
        mend(server, viewers, outcome)
    for name, pace in paces.items():
        row.notes.append(f"{name}: {pace.events:,} events a run, window {pace.window:,}")
    return row


def maximum(server: Server, viewers: int, effort: Effort) -> float:
    """Return how many events a second this server delivers to so many viewers, who are there."""
    pace = find_pace(server, viewers, effort.peak_seconds)
    outcome = _run(server, pace)
    mend(server, viewers, outcome)
    if not outcome.rate:
        raise BenchError(f"{server.contestant.title} delivers nothing. {server.tail()}")
    return outcome.rate


def find_pace(server: Server, viewers: int, seconds: float) -> Pace:
    """Find how many events last so many seconds, and the widest window that loses nothing."""
    many = viewers >= 1_000
    pace = Pace(WINDOW, 20 if many else 200, SWEEP if many else 0.0)
    for _ in range(8):
        outcome = _run(server, pace)
        mend(server, viewers, outcome)
        if not outcome.whole:
            if pace.window <= NARROWEST:
                break
            pace.window //= 3
            continue
        fitting = max(20, min(MOST_EVENTS, round(outcome.rate * seconds)))
        # A short run says little of a long one: queues and batches have to fill first.
        done = outcome.seconds >= seconds / 2 or fitting <= pace.events
        pace.events = fitting
        if done:
            break
    return pace


def _run(server: Server, pace: Pace) -> Outcome:
    return server.load.send(pace.events, window=pace.window, sweep=pace.sweep, limit=LIMIT_SECONDS)
