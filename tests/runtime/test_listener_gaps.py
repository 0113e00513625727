"""What was not observed is on record, with its reason: one test a reason."""

import time

import pytest
from sqlalchemy import Engine

from palais.store import backlog as backlogs
from palais.store.recorder import Recorder
from tests.database import PATIENCE, Database, Scribe
from tests.gateway.frames import challenge, event, hello
from tests.runtime.scripted import (
    FOR_EVER,
    HELLO,
    IN_ORDER,
    Json,
    Outage,
    Script,
    States,
    Until,
    a_moment,
    busy,
    until,
)
from tests.store.rows import NOW, registered

REASONS = """
    SELECT reason, data->>'reason' FROM gaps, activity_log
    WHERE type = 'gap' AND (data->>'startedAt')::timestamptz = gaps.started_at
    ORDER BY gaps.started_at
"""

CLOCKS_MS = 5
"""What two clocks, each rounded to milliseconds, may differ by."""


def reasons(database: Database) -> list[object]:
    """Return the reasons of the gaps, which table and log have to agree on."""
    assert database.value("SELECT count(*) FROM gaps") == len(database.run(REASONS))
    assert all(reason == told for reason, told in database.run(REASONS))
    return [reason for reason, _ in database.run(REASONS)]


def seen(database: Database) -> Until:
    """Say nothing more until a gap is on record."""
    return Until(lambda: database.value("SELECT count(*) FROM gaps"))


def test_gateway_the_connection_was_lost(
    script: Script, database: Database, states: States
) -> None:
    script.answers = IN_ORDER

    script.play([challenge(NOW), states.until("connected")], [challenge(NOW), seen(database)])

    assert reasons(database) == ["gateway"]


def test_gateway_that_speaks_the_flat_dialect(script: Script, database: Database) -> None:
    script.play([HELLO, a_moment()], [a_moment(), HELLO])

    assert reasons(database) == ["gateway"]


def test_restart_the_gateway_is_another_process(
    script: Script, database: Database, states: States
) -> None:
    script.answers = dict(IN_ORDER)

    def restart() -> None:
        server = {"version": "2026.9.6", "bootId": "boot-2"}
        script.answers["connect"] = hello(server=server)

    script.play(
        [challenge(NOW), states.until("connected"), restart], [challenge(NOW), seen(database)]
    )

    assert reasons(database) == ["restart"]


def test_sequence_events_were_dropped(script: Script, database: Database, states: States) -> None:
    script.answers = IN_ORDER
    first, fifth = (event("tick", {"ts": NOW}, seq) for seq in (1, 5))

    script.play(
        [challenge(NOW), states.until("connected"), first, a_moment(), fifth, seen(database)]
    )

    assert reasons(database) == ["sequence"]
    assert len(script.dialled) == 1


def test_palais_it_was_stopped(script: Script, scribe: Scribe, database: Database) -> None:
    scribe.write(registered("builder"), observed_at=NOW - 60_000)

    script.play([HELLO])

    assert reasons(database) == ["palais"]


def test_palais_it_was_stopped_in_an_orderly_way_to_the_moment_it_last_heard(
    script: Script, database: Database
) -> None:
    said: list[int] = []

    def last() -> Json:
        said.append(time.time_ns() // 1_000_000)
        return busy("1")

    script.play([HELLO, last, script.listener.stop])

    observed_at = database.value("SELECT (extract(epoch FROM observed_at) * 1000) FROM gateway")
    assert observed_at >= said[0] - CLOCKS_MS  # type: ignore[operator]


def test_lease_another_process_had_it(
    script: Script, other_engine: Engine, database: Database
) -> None:
    other = Recorder(other_engine)
    assert other.acquire()
    other.observe(NOW - 60_000)

    script.prepare([HELLO])
    script.listener.step()
    other.release()
    script.listener.run()

    assert reasons(database) == ["lease"]


def test_lease_another_process_took_it_for_a_while(
    script: Script, other_engine: Engine, database: Database, outage: Outage
) -> None:
    other = Recorder(other_engine)

    def usurp() -> None:
        outage.cut()
        assert other.acquire()
        other.observe(NOW + 60_000)
        other.release()

    gone = Until(lambda: script.dialled[0].closed)
    script.play([HELLO, a_moment(), usurp, busy("1"), gone], [HELLO])

    assert reasons(database) == ["lease"]


def test_database_it_was_away_for_longer_than_there_was_room_for_what_came_in(
    script: Script, database: Database, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = backlogs.ENTRIES

    def begin() -> None:
        outage.begin()
        monkeypatch.setattr(backlogs, "ENTRIES", 0)

    first = [HELLO, a_moment(), begin, FOR_EVER]
    running = script.begin(first, [a_moment(), HELLO, seen(database)])
    until(lambda: script.dialled and script.dialled[0].closed)
    monkeypatch.setattr(backlogs, "ENTRIES", room)
    outage.end()
    running.get(timeout=PATIENCE)

    assert reasons(database) == ["database"]
