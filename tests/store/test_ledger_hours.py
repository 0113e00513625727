"""The ledger by the hour is the ledger, whatever was repeated or halved."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import Engine

from palais.domain.changes import Change, UsageAdded
from palais.domain.events import Usage
from palais.store import journal
from palais.store.recorder import Recorder
from tests.database import Database
from tests.store.hours import wrong
from tests.store.rows import NOW, court, entries, line, named, run

HOUR = timedelta(hours=1) // timedelta(milliseconds=1)
RUNS = (run("run-1"), run("run-2"), run("run-3", "writer"))
COURT = [*court(*RUNS[:2]), *court(RUNS[2], agent=named(id="writer", name="Thot"))]

tokens = some.integers(0, 10**12)
usages = some.builds(
    Usage,
    tokens_in=tokens,
    tokens_out=tokens,
    cache_read=tokens,
    cost=some.none() | some.floats(0, 10**6),
    model=some.sampled_from([None, "a", "b"]),
    provider=some.sampled_from([None, "p"]),
    at=some.integers(NOW - 3 * HOUR, NOW),
)
calls = some.builds(UsageAdded, some.sampled_from(RUNS), some.sampled_from("abcdefgh"), usages)
batches = some.lists(some.lists(calls, max_size=6), max_size=6)


@pytest.fixture
def commit(engine: Engine) -> Callable[..., None]:
    def commit(*changes: Change) -> None:
        with engine.connect() as conn:
            journal.commit(conn, entries(*changes))

    return commit


@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(told=batches)
def test_the_hours_are_what_the_ledger_adds_up_to(
    told: list[list[UsageAdded]], database: Database, commit: Callable[..., None]
) -> None:
    database.empty()
    commit(*COURT)
    for batch in [*told, *told]:
        commit(*batch)

    assert wrong(database) == []
    keys = {(call.run.id, call.key) for batch in told for call in batch}
    assert database.value("SELECT count(*) FROM usage") == len(keys)


def test_a_batch_that_is_halved_for_what_is_refused_counts_once(
    database: Database, engine: Engine
) -> None:
    recorder = Recorder(engine)
    assert recorder.acquire()
    added = [UsageAdded(RUNS[0], f"k{n}", Usage(tokens_in=n, at=NOW)) for n in range(1, 10)]
    refused = line("no \x00 in Postgres", agent_id="\x00")

    recorder.write(entries(*COURT, *added[:5], refused, *added[5:]), None)
    recorder.write(entries(*COURT, *added, prefix="again"), None)
    recorder.release()

    assert wrong(database) == []
    assert database.value("SELECT sum(tokens) FROM usage_hourly") == 45
