"""The listener's hold on the database."""

from random import Random
from typing import Any

import pytest
from psycopg2.errors import UndefinedTable
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import ProgrammingError

from palais.domain.changes import AgentChanged, Change, GapNoted, Presence, RunChanged, UsageAdded
from palais.domain.events import Blindness, RunStatus, Unobserved, Usage
from palais.errors import DatabaseUnavailableError
from palais.store import journal
from palais.store.journal import Entry
from palais.store.link import LinkFacts, LinkState
from palais.store.recorder import Recorder
from tests.database import Database, eventually
from tests.store.rows import NOW, court, entries, line, named, of, run, span

HOLDER = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"

TOO_LONG = Random(1).randbytes(9_000).hex()
"""No index takes it, not even compressed."""


@pytest.fixture
def recorder(engine: Engine) -> Recorder:
    recorder = Recorder(engine)
    assert recorder.acquire()
    return recorder


POISON: dict[str, Change] = {
    "agent NUL": AgentChanged(named(id="writer", name="a\0b"), profile=True),
    "agent surrogate": AgentChanged(named(activity="\ud800")),
    "run without agent": RunChanged(run("run-2", agent_id="nobody")),
    "run huge": RunChanged(run("run-2", reported_tokens=2**63)),
    "run NUL": RunChanged(run("run-2", summary="a\0b")),
    "run surrogate": RunChanged(run("run-2", summary="\ud800")),
    "run key too long": RunChanged(run(TOO_LONG)),
    "usage of no run": UsageAdded(run("run-4"), "u1", Usage()),
    "usage huge": UsageAdded(run("run-3"), "u1", Usage(tokens_in=2**63)),
    "usage key too long": UsageAdded(run("run-3"), TOO_LONG, Usage()),
    "span of no run": of(run("run-4"), span()),
    "span NUL": of(run("run-3"), span(input="a\0b")),
    "gap past all calendars": GapNoted(Unobserved(NOW, 10**20, Blindness.PALAIS)),
    "line NUL": line("a\0b"),
    "line surrogate": line("\ud800"),
    "line of no JSON": line(fields={"cost": object()}),
    "line key too long": line(key=TOO_LONG),
    "presence too long": Presence("builder", "x" * 10_000, NOW),
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_what_the_database_refuses_is_left_out_and_the_rest_is_written(
    recorder: Recorder,
    database: Database,
    palais_log: pytest.LogCaptureFixture,
    poison: Change,
) -> None:
    batch = [*court(run("run-3")), line("before"), poison, line("after")]

    recorder.write(entries(*batch), NOW)

    written = database.run("SELECT summary FROM activity_log ORDER BY id")
    assert written == [("before",), ("after",)]
    assert database.run("SELECT id FROM agent_sessions") == [("run-3",)]
    assert recorder.held
    [said] = [record.getMessage() for record in palais_log.records if record.levelname == "WARNING"]
    assert said.startswith("Left out, the database refuses it: Entry(key='test.3'")


def test_one_among_a_thousand_is_found_in_a_few_commits(
    recorder: Recorder, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, sizes = journal.commit, []

    def counted(conn: Connection, batch: list[Entry], observed_at: int | None) -> None:
        sizes.append(len(batch))
        commit(conn, batch, observed_at)

    monkeypatch.setattr(journal, "commit", counted)
    lines = [line(str(number)) for number in range(1_000)]
    poisoned = [*court(), *lines[:617], line("a\0b"), *lines[617:]]

    recorder.write(entries(*poisoned), NOW)

    assert len(sizes) <= 2 * 10 + 1  # 2**10 is more than a thousand
    written = database.run("SELECT summary FROM activity_log ORDER BY id")
    assert written == [(str(number),) for number in range(1_000)]
    assert database.value("SELECT observed_at FROM gateway") is not None


def test_nothing_is_left_out_while_the_database_may_only_be_read(
    recorder: Recorder, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = journal.execute

    def read_only(raw: Any, sql: str, values: Any) -> None:
        execute(raw, f"SET TRANSACTION READ ONLY; {sql}", values)

    batch = entries(*court(), line("once"))
    with monkeypatch.context() as patch:
        patch.setattr(journal, "execute", read_only)
        with pytest.raises(DatabaseUnavailableError, match="read-only"):
            recorder.write(batch, NOW)

    assert recorder.acquire()
    recorder.write(batch, NOW)
    assert database.run("SELECT summary FROM activity_log") == [("once",)]


def test_nothing_is_left_out_for_a_table_that_is_not_there(
    recorder: Recorder, database: Database, palais_log: pytest.LogCaptureFixture
) -> None:
    database.run("ALTER TABLE activity_log RENAME TO elsewhere")
    try:
        with pytest.raises(UndefinedTable):
            recorder.write(entries(line()), NOW)
    finally:
        database.run("ALTER TABLE elsewhere RENAME TO activity_log")

    assert palais_log.text == ""


def test_without_the_lease_nothing_is_written(engine: Engine, database: Database) -> None:
    recorder = Recorder(engine)

    with pytest.raises(DatabaseUnavailableError, match="lease is not held"):
        recorder.write(entries(*court(), line()), NOW)

    assert database.value("SELECT count(*) FROM agents") == 0


def test_a_recorder_whose_connection_was_cut_says_so_and_lets_go(
    recorder: Recorder, database: Database
) -> None:
    database.cut(database.value(HOLDER))

    with pytest.raises(DatabaseUnavailableError):
        recorder.write(entries(line()), NOW)

    assert not recorder.held


@pytest.mark.parametrize("what", ["recall", "record", "observe", "beat"])
def test_everything_that_needs_the_database_says_that_it_is_away(
    recorder: Recorder, database: Database, what: str
) -> None:
    database.cut(database.value(HOLDER))
    given = {
        "recall": (),
        "record": (LinkFacts(LinkState.CONNECTED),),
        "observe": (NOW,),
        "beat": (),
    }

    with pytest.raises(DatabaseUnavailableError):
        getattr(recorder, what)(*given[what])

    assert not recorder.held


def test_a_batch_whose_connection_was_cut_can_be_written_again(
    recorder: Recorder, database: Database
) -> None:
    batch = entries(*court(run()), line("once"))
    recorder.write(batch, NOW)
    database.cut(database.value(HOLDER))
    with pytest.raises(DatabaseUnavailableError):
        recorder.write(batch, NOW)

    assert recorder.acquire()
    recorder.write(batch, NOW)

    assert database.run("SELECT summary FROM activity_log") == [("once",)]


def test_a_fault_of_our_own_is_not_mistaken_for_a_database_that_is_away(
    recorder: Recorder, database: Database
) -> None:
    database.run("ALTER TABLE gateway RENAME TO elsewhere")
    try:
        with pytest.raises(ProgrammingError):
            recorder.record(LinkFacts(LinkState.CONNECTED))
    finally:
        database.run("ALTER TABLE elsewhere RENAME TO gateway")

    assert recorder.held


def test_what_a_recorder_wrote_is_what_the_next_one_recalls(
    recorder: Recorder, engine: Engine
) -> None:
    ended = run("run-2", status=RunStatus.FAILED, ended_at=NOW, error="no")
    recorder.write(entries(*court(run(), ended)), NOW - 7)
    recorder.record(LinkFacts(LinkState.CONNECTED, boot_id="boot-1"))
    recorder.observe(NOW)
    recorder.release()

    successor = Recorder(engine)
    eventually(successor.acquire)
    court_, boot_id, observed_at = successor.recall()

    assert (boot_id, observed_at) == ("boot-1", NOW)
    assert set(court_.agents) == {"builder"}
    assert (set(court_.open), set(court_.ended)) == ({"run-1"}, {"run-2"})


def test_a_database_that_is_not_there_is_named_in_one_line() -> None:
    nowhere = create_engine("postgresql+psycopg2://palais@127.0.0.1:9/palais")

    with pytest.raises(DatabaseUnavailableError, match=r"127\.0\.0\.1.*refused"):
        Recorder(nowhere).acquire()
