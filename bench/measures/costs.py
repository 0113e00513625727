"""Costs with a million calls on the ledger: the page, the API, the list of agents.

The baseline is Palais as well, on the same ledger, but without its hours: there ``usage_hourly`` is
a view that adds up the ledger whenever it is asked. Both take turns on one server.
"""

import http.client
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from statistics import median
from typing import Final

from psycopg2.extensions import connection

from bench.arena import Arena, Server
from bench.contestants import KEY, Contestant
from bench.effort import Effort
from bench.errors import BenchError
from bench.measures.turns import turns
from bench.rows import Goal, Row, at_most

CALLS: Final = 1_000_000
RUNS: Final = 20_000
DAYS: Final = 90
ASKED: Final = 5
"""Requests of each kind in a run; the median of them counts."""

PATHS: Final = {
    "GET /costs, 30 days": "/costs",
    "GET /costs, 90 days": "/costs?days=90",
    "GET /api/v1/agents": "/api/v1/agents",
}

FILL: Final = f"""
    INSERT INTO agent_sessions (id, run_id, agent_id, status, started_at, ended_at)
    SELECT 'cost-' || n, 'cost-' || n, 'bench-00' || n % 10, 'completed', at, at
    FROM (SELECT n, now() - n * interval '{DAYS} days' / {RUNS} AS at
          FROM generate_series(0, {RUNS - 1}) n) AS run;
    INSERT INTO usage (session_id, key, agent_id, run_id, at, model, provider, tokens, tokens_in,
      tokens_out, cache_read, cache_write, cost, basis)
    SELECT 'cost-' || n % {RUNS}, n, 'bench-00' || n % {RUNS} % 10, 'cost-' || n % {RUNS},
      now() - n * interval '{DAYS} days' / {CALLS}, 'model-' || n % 4, 'vendor',
      1000, 500, 100, 300, 100, 0.01, 'gateway'
    FROM generate_series(0, {CALLS - 1}) n;
    INSERT INTO usage_hourly
    SELECT date_trunc('hour', at, 'UTC'), agent_id, model, provider, count(*), sum(tokens),
      sum(tokens_in), sum(tokens_out), sum(cache_read), sum(cache_write), sum(cost), 0, 0
    FROM usage WHERE session_id LIKE 'cost-%' GROUP BY 1, 2, 3, 4;
    ANALYZE usage; ANALYZE usage_hourly; ANALYZE agent_sessions;
"""
WITHOUT: Final = """
    ALTER TABLE usage_hourly RENAME TO usage_hours_kept;
    CREATE VIEW usage_hourly AS
    SELECT date_trunc('hour', at, 'UTC') AS hour, agent_id, coalesce(model, '') AS model,
      coalesce(provider, '') AS provider, count(*) AS calls, sum(tokens) AS tokens,
      sum(tokens_in) AS tokens_in, sum(tokens_out) AS tokens_out, sum(cache_read) AS cache_read,
      sum(cache_write) AS cache_write, coalesce(sum(cost), 0) AS cost,
      count(*) FILTER (WHERE cost IS NULL) AS unpriced_calls,
      coalesce(sum(tokens) FILTER (WHERE cost IS NULL), 0) AS unpriced_tokens
    FROM usage GROUP BY 1, 2, 3, 4
"""
WITH_AGAIN: Final = """
    DROP VIEW usage_hourly;
    ALTER TABLE usage_hours_kept RENAME TO usage_hourly
"""


def measure(arena: Arena, contestants: list[Contestant], effort: Effort) -> list[Row]:
    """Measure each answer on a million calls, with the hours and without them."""
    names = ("palais", "ledger")
    rows = [
        Row(f"{title}, {CALLS:,} calls", "ms", {name: [] for name in names}, goal=_goal(title))
        for title in PATHS
    ]
    palais = [one for one in contestants if one.name == "palais"]
    with arena.fresh(palais) as servers, closing(servers[0].database()) as database:
        _run(database, FILL)
        for name in turns(names, effort.runs):
            with _hours(database, kept=name == "palais"):
                for row, path in zip(rows, PATHS.values(), strict=True):
                    row.values[name].append(_ask(servers[0], path))
    return rows


def _goal(title: str) -> Goal | None:
    return at_most(0.25, "ledger") if "/costs" in title else None


@contextmanager
def _hours(database: connection, *, kept: bool) -> Iterator[None]:
    if kept:
        yield
        return
    _run(database, WITHOUT)
    try:
        yield
    finally:
        _run(database, WITH_AGAIN)


def _run(database: connection, statements: str) -> None:
    with database.cursor() as cursor:
        cursor.execute(statements)


def _ask(server: Server, path: str) -> float:
    """Return the milliseconds that the middle one of some answers took."""
    times: list[float] = []
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)) as kept:
        for _ in range(ASKED):
            began = time.monotonic()
            kept.request("GET", path, headers={"X-API-Key": KEY, "Accept": "*/*"})
            answer = kept.getresponse()
            answer.read()
            times.append((time.monotonic() - began) * 1000)
            if answer.status != 200:
                raise BenchError(f"{path}: {answer.status}. {server.tail()}")
    return median(times)
