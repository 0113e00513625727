"""A modest rate: how late a delivery comes, and what it costs at 1,000 viewers.

It is 50 events/s; and, since that is much on one machine and little on another, once more the
rate that is on this one as much for the seed as 50 were where the goal was set.
"""

import math
from typing import Final

from bench.arena import Arena, Server
from bench.contestants import NCHAN, RAW, Contestant, present
from bench.effort import Effort
from bench.measures.peak import maximum
from bench.measures.turns import by_name, mend, remark, turns
from bench.rows import Goal, Row, at_most

RATE: Final = 50
SHARE: Final = 1.3
"""Of the seed's maximum: it was 38 events/s where the goal was set."""

MANY: Final = 1_000
COST_GOAL: Final = Goal(
    "≤ 1.4× raw C, ≤ 1× nchan",
    lambda row: row.ratio("raw") <= 1.4 and not row.ratio("nchan") > 1,
)


def measure(arena: Arena, contestants: list[Contestant], effort: Effort) -> list[Row]:
    """Measure with 1, 100 and 1,000 viewers; with the last, beside two that keep nothing."""
    rows = [
        row
        for viewers in (1, 100)
        for row in _latency(arena.servers(contestants), viewers, effort.calm_seconds / 2, effort)
    ]
    yardsticks, _ = present((RAW, NCHAN))
    servers = arena.servers([*contestants, *yardsticks])
    cost = Row(
        "CPU of a million deliveries there",
        "CPU s",
        {server.name: [] for server in servers},
        digits=2,
        goal=COST_GOAL,
    )
    rows += [*_latency(servers, MANY, effort.calm_seconds, effort, cost=cost), cost]
    rate = round(SHARE * maximum(by_name(servers, "seed"), MANY, effort))
    return rows + _latency(servers, MANY, effort.calm_seconds, effort, rate=rate)


def _latency(
    servers: list[Server],
    viewers: int,
    seconds: float,
    effort: Effort,
    *,
    cost: Row | None = None,
    rate: int = RATE,
) -> list[Row]:
    names = [server.name for server in servers]
    pace = "50 events/s" if rate == RATE else f"{SHARE}× the seed's maximum, {rate} events/s,"
    title = f"{pace} to {viewers:,} viewer{'s'[: viewers > 1]}"
    goal = at_most(0.1, "seed") if viewers == MANY else None
    middle = Row(f"{title}, p50", "ms", {name: [] for name in names}, digits=2)
    worst = Row(f"{title}, p99", "ms", {name: [] for name in names}, digits=2, goal=goal)
    for server in servers:
        server.view(viewers)
        server.load.send(rate // 2, rate=rate)  # whatever is done once is done now
    for server in turns(servers, effort.runs):
        before = server.cpu_seconds()
        outcome = server.load.send(round(rate * seconds), rate=rate, limit=seconds * 3 + 10)
        spent = server.cpu_seconds() - before
        middle.values[server.name].append(outcome.p50_ms if outcome.whole else math.nan)
        worst.values[server.name].append(outcome.p99_ms if outcome.whole else math.nan)
        if cost:
            cost.values[server.name].append(spent / max(1, outcome.delivered) * 1e6)
        remark(worst, server, outcome)
        mend(server, viewers, outcome)
    return [middle, worst]
