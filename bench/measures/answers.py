"""GET /api/v1/agents while the streams are busy, with 1,000 viewers.

Once with 40 events/s; and, since that is much on one machine and little on another, once more
with what is on this one as much for the seed as 40 were where the goal was set.
"""

import http.client
import math
import time
from contextlib import closing
from typing import Final

from bench.arena import Arena, Server
from bench.contestants import KEY, Contestant
from bench.effort import Effort
from bench.errors import BenchError
from bench.measures.peak import maximum
from bench.measures.turns import by_name, mend, remark, turns
from bench.rows import Row, at_most

RATE: Final = 40
SHARE: Final = 1.05
"""Of the seed's maximum: it was 38 events/s where the goal was set."""

VIEWERS: Final = 1_000
SWEEP: Final = 0.2
PAUSE: Final = 0.02


def measure(arena: Arena, contestants: list[Contestant], effort: Effort) -> list[Row]:
    """Measure over one connection that is kept, one request after the other."""
    servers = arena.servers(contestants)
    for server in servers:
        server.view(VIEWERS)
    rows = _answers(servers, f"GET while {RATE} events/s go to 1,000 viewers", RATE, effort)
    rate = round(SHARE * maximum(by_name(servers, "seed"), VIEWERS, effort))
    title = f"GET at {SHARE}× the seed's maximum, {rate} events/s to 1,000 viewers"
    return rows + _answers(servers, title, rate, effort)


def _answers(servers: list[Server], title: str, rate: int, effort: Effort) -> list[Row]:
    names = [server.name for server in servers]
    middle = Row(f"{title}, p50", "ms", {name: [] for name in names})
    worst = Row(f"{title}, p99", "ms", {name: [] for name in names}, goal=at_most(0.25, "seed"))
    for server in turns(servers, effort.runs):
        _run(middle, worst, server, rate, effort.answers_seconds)
    return [middle, worst]


def _run(middle: Row, worst: Row, server: Server, rate: int, seconds: float) -> None:
    server.load.begin_send(round(rate * (seconds + 1)), rate=rate, sweep=SWEEP, limit=seconds + 20)
    try:
        times = sorted(_ask(server.port, seconds))
    except (OSError, http.client.HTTPException) as error:
        raise BenchError(f"{server.contestant.title}: {error}. {server.tail()}") from None
    outcome = server.load.end_send(seconds + 30)
    middle.values[server.name].append(_share(times, 0.5))
    worst.values[server.name].append(_share(times, 0.99))
    worst.notes.append(f"{server.name}: {len(times)} requests")
    remark(worst, server, outcome)
    mend(server, VIEWERS, outcome)


def _ask(port: int, seconds: float) -> list[float]:
    """Return the milliseconds that each answer took."""
    times: list[float] = []
    end = time.monotonic() + seconds
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=seconds + 10)) as kept:
        while (began := time.monotonic()) < end:
            kept.request("GET", "/api/v1/agents", headers={"X-API-Key": KEY})
            answer = kept.getresponse()
            answer.read()
            if answer.status == 200:
                times.append((time.monotonic() - began) * 1000)
            time.sleep(PAUSE)
    return times


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else math.nan
