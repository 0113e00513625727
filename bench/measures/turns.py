"""What the measures share: whose turn it is, and what is remarked on a run."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from bench.arena import Server
from bench.load import Outcome
from bench.rows import Row

T = TypeVar("T")


def turns(contestants: Sequence[T], runs: int) -> Iterator[T]:
    """Yield everybody in each run, each run beginning with another one."""
    for run in range(runs):
        first = run % len(contestants)
        yield from (*contestants[first:], *contestants[:first])


def by_name(servers: Sequence[Server], name: str) -> Server:
    """Return the server of a contestant."""
    return next(server for server in servers if server.name == name)


def mend(server: Server, viewers: int, outcome: Outcome) -> None:
    """Open the streams afresh where the server has closed some, or lost something."""
    if outcome.closed or not outcome.whole:
        server.leave()
        server.view(viewers)


def remark(row: Row, server: Server, outcome: Outcome) -> None:
    """Note what went wrong, and what the load client cost."""
    if not outcome.whole:
        row.notes.append(
            f"{server.name}: {outcome.lost:,} of {outcome.events * outcome.viewers:,} deliveries "
            f"lost, {outcome.duplicates:,} twice, {outcome.closed} streams closed; "
            f"its log ends with: {server.last_words()}"
        )
    if outcome.disorder:
        share = outcome.disorder / max(1, outcome.delivered)
        row.out_of_order[server.name] = max(share, row.out_of_order.get(server.name, 0))
    row.load_cpu[server.name] = row.load_cpu.get(server.name, 0) + outcome.load_cpu
