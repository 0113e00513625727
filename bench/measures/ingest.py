"""Durable ingest: events a second on record, with one viewer and a window of 2,000."""

import math

from bench.arena import Arena, Server
from bench.contestants import Contestant
from bench.effort import Effort
from bench.measures.peak import WINDOW, Pace, find_pace
from bench.measures.turns import mend, remark, turns
from bench.rows import Row, at_least


def measure(arena: Arena, contestants: list[Contestant], effort: Effort) -> list[Row]:
    """Measure, and look into the database whether every event is there."""
    row = Row(
        "durable ingest, 1 viewer, window 2,000",
        "events/s",
        {one.name: [] for one in contestants},
        goal=at_least(6, "seed"),
    )
    servers = arena.servers(contestants)
    for server in servers:
        server.view(1)
    paces = {server.name: find_pace(server, 1, effort.peak_seconds) for server in servers}
    for server in turns(servers, effort.runs):
        row.values[server.name].append(_run(row, server, paces[server.name]))
    return [row]


def _run(row: Row, server: Server, pace: Pace) -> float:
    before = server.logged()
    outcome = server.load.send(pace.events, window=WINDOW, limit=30)
    missing = before + outcome.events - server.logged()
    remark(row, server, outcome)
    mend(server, 1, outcome)
    if missing:
        row.notes.append(f"{server.name}: {missing:,} events are not in the database")
    return outcome.rate if outcome.rate and not missing else math.nan
