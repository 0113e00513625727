"""The moment up to which all is observed goes on record in time, however much there is to write."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from palais.store import committer as committers
from palais.store.committer import BEAT_SECONDS, Committer
from palais.store.recorder import Recorder
from tests.database import Database
from tests.store.rows import NOW, court, line

OBSERVED = "SELECT (extract(epoch FROM observed_at) * 1000)::bigint FROM gateway"


class Clock:
    """Stands in for the committer's ``time``."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(committers, "time", clock)
    return clock


@pytest.fixture
def committer(engine: Engine, clock: Clock) -> Iterator[Committer]:
    """Give a committer that has written once, at the clock's zero."""
    recorder = Recorder(engine)
    assert recorder.acquire()
    committer = Committer(recorder)
    committer.backlog.add(court())
    committer.observed_at = NOW
    committer.step()
    assert clock.seconds == 0
    yield committer
    recorder.release()


@pytest.mark.usefixtures("committer")
def test_the_first_commit_brings_the_moment(database: Database) -> None:
    assert database.value(OBSERVED) == NOW


def test_the_moment_moves_on_also_where_one_commit_follows_the_other(
    committer: Committer, clock: Clock, database: Database
) -> None:
    for number in range(1, 6):
        clock.seconds += BEAT_SECONDS / 4
        committer.backlog.add([line(f"line {number}")])
        committer.observed_at = NOW + number
        committer.step()

    assert database.value(OBSERVED) == NOW + 4
