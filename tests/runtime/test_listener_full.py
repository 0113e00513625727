"""Postgres is away for longer than there is room: bounded memory, one gap, and the right state."""

from collections.abc import Callable

import pytest

from palais.gateway import connection as connections
from palais.gateway import inbox as inboxes
from palais.gateway.attempts import PAUSED
from palais.store import backlog as backlogs
from palais.store.link import LinkState
from tests.database import PATIENCE, Database
from tests.gateway.frames import audited, challenge, lifecycle, log
from tests.runtime.scripted import (
    HELLO,
    IN_ORDER,
    TASKS,
    Outage,
    Said,
    Script,
    States,
    Until,
    a_moment,
    busy,
    frame,
    on_record,
    until,
)
from tests.store.rows import NOW

ROOM = 40
READ = 5
"""Frames that are read ahead, and taken in at once."""

GAPS = """
    SELECT reason, (extract(epoch FROM started_at) * 1000)::bigint,
           (extract(epoch FROM ended_at) * 1000)::bigint
    FROM gaps
"""
RUN_X = "SELECT count(*) FROM agent_sessions WHERE run_id = 'run-x' AND status = 'failed'"
AT = "SELECT (data->>'ts')::bigint FROM activity_log WHERE type = 'agent.status' ORDER BY id"


@pytest.fixture(autouse=True)
def _little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlogs, "ENTRIES", ROOM)
    monkeypatch.setattr(backlogs, "BATCH_ENTRIES", 10)
    monkeypatch.setattr(inboxes, "FRAMES", READ)
    monkeypatch.setattr(connections, "BATCH", READ)


def endure(script: Script, outage: Outage, *connections: list[Said]) -> int:
    """Play these, ending the outage when Palais has hung up; return how much was held then."""
    running = script.begin(*connections)
    until(lambda: script.dialled and script.dialled[0].closed)
    until(lambda: script.held >= ROOM)
    held = script.held
    outage.end()
    running.get(timeout=PATIENCE)
    return held


def failed(database: Database) -> Until:
    return Until(lambda: database.value("SELECT status FROM agents") == "error")


def test_what_is_held_is_bounded_and_all_of_it_is_written(
    script: Script, database: Database, outage: Outage
) -> None:
    told = [busy(number) for number in range(10_000)]
    back = [a_moment(), frame("agent.status", status="error"), failed(database)]

    first = [HELLO, busy("before"), on_record(database, "before"), outage.begin, *told]
    held = endure(script, outage, first, back)

    written = [task for (task,) in database.run(TASKS)]
    assert written == ["before", *(str(number) for number in range(len(written) - 1))]
    entries_a_frame = 2
    assert ROOM <= held <= ROOM + entries_a_frame * 2 * READ
    assert len(written) <= held


def test_one_gap_covers_what_is_not_in_the_log(
    script: Script, database: Database, outage: Outage
) -> None:
    told = [busy(number) for number in range(10_000)]
    back = [a_moment(), frame("agent.status", status="error"), failed(database)]

    endure(script, outage, [HELLO, outage.begin, *told], back)

    [(reason, began, ended)] = database.run(GAPS)
    [first, *_, last] = [at for (at,) in database.run(AT)]
    assert reason == "database"
    assert first <= began < ended <= last  # type: ignore[operator]
    assert len(script.dialled) == 2


def test_the_state_is_right_by_what_the_gateway_says_afterwards(
    script: Script, database: Database, outage: Outage, states: States
) -> None:
    script.answers = dict(IN_ORDER)
    here = Until(lambda: database.value("SELECT count(*) FROM agent_sessions"))
    runs: list[Said] = [lifecycle(f"run-{number}", "start", NOW) for number in range(1, 100)]

    def miss() -> None:
        """End a run and let another one take place, unobserved."""
        lives = (audited("run-1", NOW + 1, "failed"), audited("run-x", NOW + 2, "failed"))
        script.answers["audit.activity.list"] = log(*lives)

    until_told = Until(lambda: database.value(RUN_X))
    begun = (challenge(NOW), states.until("connected"), lifecycle("run-1", "start", NOW), here)
    endure(script, outage, [*begun, outage.begin, miss, *runs], [challenge(NOW), until_told])

    ended = "SELECT status FROM agent_sessions WHERE run_id = 'run-1'"
    assert database.value(ended) == "failed"
    assert [reason for reason, *_ in database.run(GAPS)] == ["database"]


def test_palais_says_that_it_has_hung_up_and_that_it_is_back(
    script: Script,
    database: Database,
    outage: Outage,
    palais_log: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    states: list[tuple[str, str | None]] = []
    record: Callable[..., None] = script.recorder.record

    def noted(facts: object) -> None:
        record(facts)
        states.append((facts.state, facts.reason))  # type: ignore[attr-defined]

    monkeypatch.setattr(script.recorder, "record", noted)
    again = Until(lambda: [state for state, _ in states].count("connected") == 2)
    told = [busy(number) for number in range(10_000)]
    endure(script, outage, [HELLO, outage.begin, *told], [HELLO, again])

    assert PAUSED in palais_log.text
    assert (LinkState.OFFLINE, PAUSED) in states
