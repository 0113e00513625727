"""The listener's hold on the database."""

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import ProgrammingError

from palais.domain.changes import Change, RunChanged
from palais.domain.events import RunStatus
from palais.errors import DatabaseUnavailableError
from palais.store.link import LinkFacts, LinkState
from palais.store.recorder import Recorder
from tests.database import Database, eventually
from tests.store.rows import NOW, court, entries, line, run

HOLDER = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"


@pytest.fixture
def recorder(engine: Engine) -> Recorder:
    recorder = Recorder(engine)
    assert recorder.acquire()
    return recorder


@pytest.mark.parametrize(
    "poison",
    [
        RunChanged(run("run-2", agent_id="nobody")),
        RunChanged(run("run-2", reported_tokens=2**63)),
        RunChanged(run("run-2", summary="a\0b")),
        RunChanged(run("run-2", summary="\ud800")),
        line("a\0b"),
        line("\ud800"),
        line(fields={"cost": float("nan")}),
    ],
    ids=["no agent", "huge", "NUL", "surrogate", "line NUL", "line surrogate", "line NaN"],
)
def test_what_the_database_refuses_is_left_out_and_the_rest_is_written(
    recorder: Recorder,
    database: Database,
    palais_log: pytest.LogCaptureFixture,
    poison: Change,
) -> None:
    batch = [*court(), line("before"), poison, line("after"), RunChanged(run("run-3"))]

    recorder.write(entries(*batch), NOW)

    written = database.run("SELECT summary FROM activity_log ORDER BY id")
    assert written == [("before",), ("after",)]
    assert database.run("SELECT id FROM agent_sessions") == [("run-3",)]
    assert recorder.held
    [said] = [record.getMessage() for record in palais_log.records if record.levelname == "WARNING"]
    assert said.startswith("Left out, the database refuses it: Entry(key='test.2'")


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


@pytest.mark.parametrize("what", ["recall", "record", "observe"])
def test_everything_that_needs_the_database_says_that_it_is_away(
    recorder: Recorder, database: Database, what: str
) -> None:
    database.cut(database.value(HOLDER))
    given = {"recall": (), "record": (LinkFacts(LinkState.CONNECTED),), "observe": (NOW,)}

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
