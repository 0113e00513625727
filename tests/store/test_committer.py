"""Committing beside the gateway's side: what is written with what, and who waits for whom."""

from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest
from gevent import Greenlet
from sqlalchemy import Engine

from palais.domain.changes import Change
from palais.store import backlog as backlogs
from palais.store import committer as committers
from palais.store.committer import Committer
from palais.store.journal import Entry
from palais.store.link import LinkFacts, LinkState
from palais.store.recorder import Recorder
from tests.database import PATIENCE, Database
from tests.store.rows import NOW, court, line

WRITTEN = "SELECT summary FROM activity_log ORDER BY id"
OBSERVED = "SELECT (extract(epoch FROM observed_at) * 1000)::bigint FROM gateway"


@pytest.fixture
def recorder(engine: Engine) -> Iterator[Recorder]:
    recorder = Recorder(engine)
    assert recorder.acquire()
    yield recorder
    recorder.release()


@pytest.fixture
def committer(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> Committer:
    """Give a committer of small batches, for which it is always time to say what is observed."""
    monkeypatch.setattr(committers, "BEAT_SECONDS", 0.0)
    monkeypatch.setattr(backlogs, "BATCH_ENTRIES", 2)
    committer = Committer(recorder)
    committer.backlog.add(court())
    committer.step()
    return committer


def add(committer: Committer, *summaries: str) -> None:
    for summary in summaries:
        changes: list[Change] = [line(summary)]
        committer.backlog.add(changes)


def beside(call: Callable[..., None]) -> "Greenlet[..., None]":
    """Return a greenlet that makes this call, and has begun to."""
    greenlet = gevent.spawn(call)
    gevent.idle()
    return greenlet


def test_each_step_commits_one_batch_and_the_moment_comes_with_the_last(
    committer: Committer, database: Database
) -> None:
    add(committer, "1", "2", "3")
    committer.observed_at = NOW

    committer.step()
    assert database.run(WRITTEN) == [("1",), ("2",)]
    assert database.value(OBSERVED) is None
    committer.step()
    assert database.run(WRITTEN) == [("1",), ("2",), ("3",)]
    assert database.value(OBSERVED) == NOW


def test_what_comes_in_while_a_batch_is_written_is_not_covered_by_its_moment(
    committer: Committer, recorder: Recorder, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = recorder.write

    def meanwhile(entries: list[Entry], observed_at: int | None) -> None:
        add(committer, "2")
        committer.observed_at = NOW + 5
        write(entries, observed_at)

    monkeypatch.setattr(recorder, "write", meanwhile)
    add(committer, "1")
    committer.observed_at = NOW
    committer.step()

    assert database.value(OBSERVED) == NOW
    assert len(committer.backlog) == 1


def test_what_is_said_of_the_gateway_comes_after_what_it_said(
    committer: Committer, recorder: Recorder, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[Any, int]] = []

    def noted(facts: LinkFacts) -> None:
        told.append((facts.state, len(database.run(WRITTEN))))

    monkeypatch.setattr(recorder, "record", noted)
    add(committer, "1")
    committer.tell(LinkFacts(LinkState.CONNECTED))
    committer.tell(LinkFacts(LinkState.OFFLINE, reason="an old one"))
    committer.tell(LinkFacts(LinkState.OFFLINE))
    committer.step()
    committer.step()

    assert told == [(LinkState.CONNECTED, 1), (LinkState.OFFLINE, 1)]


def test_draining_lasts_until_all_is_committed(committer: Committer) -> None:
    add(committer, "1", "2", "3")
    draining = beside(committer.drain)

    committer.step()
    gevent.idle()
    assert not draining.ready()
    committer.step()

    draining.get(timeout=PATIENCE)


def test_a_crowd_waits_for_a_postgres_that_keeps_committing(
    committer: Committer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committers, "PACE_SECONDS", 3600.0)
    monkeypatch.setattr(backlogs, "CROWD", 2)
    add(committer, "1", "2", "3")
    pacing = beside(committer.pace)
    assert not pacing.ready()

    committer.step()

    pacing.get(timeout=PATIENCE)
    assert len(committer.backlog) == 1


def test_a_crowd_does_not_wait_for_a_postgres_that_commits_nothing(
    committer: Committer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committers, "PACE_SECONDS", 0.0)
    monkeypatch.setattr(backlogs, "CROWD", 2)
    add(committer, "1", "2", "3")

    beside(committer.pace).get(timeout=PATIENCE)

    assert len(committer.backlog) == 3


def test_who_waits_is_woken_when_a_write_has_ended(committer: Committer) -> None:
    committer.wake.clear()
    committer.awaited = True
    add(committer, "1")

    committer.step()

    assert committer.wake.is_set()
    assert not committer.busy


def test_who_does_not_wait_for_a_write_is_left_alone(committer: Committer) -> None:
    committer.wake.clear()
    add(committer, "1")

    committer.step()

    assert not committer.wake.is_set()


def test_what_is_left_is_written_at_the_end(committer: Committer, database: Database) -> None:
    add(committer, "1", "2", "3")
    committer.observed_at = NOW
    committer.stop()
    committer.run()

    committer.flush(LinkFacts(LinkState.OFFLINE, reason="Palais was stopped."))

    assert database.run(WRITTEN) == [("1",), ("2",), ("3",)]
    assert database.value(OBSERVED) == NOW
    assert database.value("SELECT reason FROM gateway") == "Palais was stopped."
