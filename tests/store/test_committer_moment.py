"""The moment up to which all is observed goes on record in time, however much there is to write."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from palais.store import committer as committers
from palais.store.committer import Committer
from palais.store.recorder import Recorder
from tests.database import Database
from tests.store.rows import NOW, court, line

OBSERVED = "SELECT (extract(epoch FROM observed_at) * 1000)::bigint FROM gateway"


@pytest.fixture
def recorder(engine: Engine) -> Iterator[Recorder]:
    recorder = Recorder(engine)
    assert recorder.acquire()
    yield recorder
    recorder.release()


def test_the_first_commit_brings_the_moment(recorder: Recorder, database: Database) -> None:
    committer = Committer(recorder)
    committer.backlog.add(court())
    committer.observed_at = NOW

    committer.step()

    assert database.value(OBSERVED) == NOW


def test_the_moment_moves_on_also_where_one_commit_follows_the_other(
    recorder: Recorder, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committers, "BEAT_SECONDS", 0.1)
    committer = Committer(recorder)
    committer.backlog.add(court())
    began = time.monotonic()

    while time.monotonic() - began < 3 * committers.BEAT_SECONDS:
        committer.backlog.add([line("again")])
        committer.observed_at = NOW
        committer.step()

    assert database.value(OBSERVED) == NOW
