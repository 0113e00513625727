"""Postgres away for five seconds while 500 events/s come: lost, in order, how late."""

import time
from typing import Final

from bench.arena import Arena, Server
from bench.contestants import PALAIS, Contestant
from bench.effort import Effort
from bench.load import Outcome
from bench.rows import Goal, Row, below
from palais.store.cluster import Cluster

RATE: Final = 500
VIEWERS: Final = 10
BEFORE: Final = 1.5
AWAY: Final = 5.0
AFTER: Final = 3.0
QUIET: Final = 5.0


def measure(arena: Arena, contestants: list[Contestant], effort: Effort) -> list[Row]:
    """Stop the Postgres of one server after the other, and start it again."""
    names = [one.name for one in contestants]
    lost = Row(
        "Postgres away 5 s at 500 events/s: lost or twice",
        "events",
        {name: [] for name in names},
        goal=Goal("none", lambda row: max(row.values["palais"]) == 0),
    )
    disorder = Row(
        "out of order there",
        "events",
        {name: [] for name in names},
        goal=Goal("none", lambda row: max(row.values["palais"]) == 0),
    )
    late = Row(
        "latest event there, beyond the outage",
        "s",
        {name: [] for name in names},
        goal=below(1, "s"),
        compared=False,
    )
    for run in range(effort.runs):
        for contestant in contestants:
            if contestant is not PALAIS and run >= effort.others:
                continue
            [server] = arena.servers([contestant])
            outcome, away = _run(server, Cluster(arena.data_folder(contestant)))
            wrong = (outcome.lost + outcome.duplicates) / VIEWERS
            lost.values[server.name].append(wrong)
            disorder.values[server.name].append(outcome.disorder / VIEWERS)
            late.values[server.name].append(outcome.max_ms / 1000 - away)
            late.notes.append(
                f"{server.name}: {outcome.max_ms / 1000:.1f} s after {away:.1f} s away, "
                f"{outcome.closed} streams closed"
            )
    return [lost, disorder, late]


def _run(server: Server, postgres: Cluster) -> tuple[Outcome, float]:
    """Return what became of the events, and for how many seconds Postgres did not answer."""
    server.view(VIEWERS)
    server.load.send(RATE // 5, rate=RATE)
    events = round(RATE * (BEFORE + AWAY + AFTER))
    server.load.begin_send(events, rate=RATE, quiet=QUIET, limit=60)
    time.sleep(BEFORE)
    began = time.monotonic()
    try:
        postgres.stop()
        time.sleep(max(0.0, began + AWAY - time.monotonic()))
    finally:
        postgres.ensure_running()
    away = time.monotonic() - began
    return server.load.end_send(70), away
