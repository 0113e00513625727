"""What a batch does to the tables."""

import json

import pytest
from psycopg2.errors import ForeignKeyViolation
from sqlalchemy import Engine

from palais.domain.agent import Run
from palais.domain.calls import Calls
from palais.domain.changes import AgentChanged, GapNoted, RunChanged, UsageAdded
from palais.domain.events import Blindness, RunStatus, Status, Unobserved, Usage
from palais.gateway.identity import Identity
from palais.gateway.link import Link, Memory
from palais.store import edits, journal, wire
from palais.store.journal import Entry
from tests.database import Database, Scribe
from tests.store.rows import NOW, court, entries, line, named, of, registered, run, span

COUNTS = """
    SELECT (SELECT count(*) FROM agents), (SELECT count(*) FROM agent_sessions),
           (SELECT count(*) FROM activity_log)
"""
HOSTILE = "a\0b\ud800\u202ec <script>alert(1)</script>\n\nid: 7"


def commit(engine: Engine, batch: list[Entry], observed_at: int | None = None) -> None:
    with engine.connect() as conn:
        journal.commit(conn, batch, observed_at)


def test_a_batch_is_written_whole(engine: Engine, database: Database) -> None:
    commit(engine, entries(*court(run()), line(), line("again")))

    assert database.run(COUNTS) == [(1, 1, 2)]


def test_of_a_batch_with_one_bad_entry_nothing_is_written(
    engine: Engine, database: Database
) -> None:
    batch = entries(line(), *court(), RunChanged(run("run-2", agent_id="nobody")))

    with pytest.raises(ForeignKeyViolation):
        commit(engine, batch, observed_at=NOW)

    assert database.run(COUNTS) == [(0, 0, 0)]
    assert database.value("SELECT observed_at FROM gateway") is None


def test_a_batch_that_is_written_again_is_there_once(engine: Engine, database: Database) -> None:
    usage = UsageAdded(run(), "call-1", Usage(tokens_in=5, tokens_out=7, cost=0.25))
    batch = entries(*court(run()), usage, of(run(), span()), line(), line("again"))
    tables = (
        "SELECT * FROM activity_log l, agents, agent_sessions, usage, agent_spans ORDER BY l.id"
    )
    commit(engine, batch, observed_at=NOW)
    once = database.run(tables)

    commit(engine, batch, observed_at=NOW)

    assert len(once) == 2
    assert database.run(tables) == once


def test_only_the_latest_state_of_an_agent_and_a_run_is_kept(
    engine: Engine, database: Database
) -> None:
    busy = named(status=Status.BUSY, task="the first")
    ended = run(status=RunStatus.COMPLETED, ended_at=NOW + 5, summary="done")

    commit(engine, entries(*court(run()), AgentChanged(busy), RunChanged(ended)))

    assert database.run("SELECT status, current_task FROM agents") == [("busy", "the first")]
    assert database.run("SELECT status, summary FROM agent_sessions") == [("completed", "done")]


def test_a_change_of_status_leaves_alone_who_the_agent_is(
    engine: Engine, database: Database
) -> None:
    commit(engine, entries(*court(agent=named(persona="Architecte", bio="Bâtit."))))
    edited = "UPDATE agents SET name = 'I', persona = 'P', bio = 'B', emoji = 'E', model = 'M'"
    database.run(edited + ", avatar_url = '/a.png', seeded = true, position = 3")

    commit(engine, entries(AgentChanged(named(status=Status.BUSY, emoji="x"))))

    profile = "SELECT name, persona, bio, emoji, model, avatar_url, seeded, position FROM agents"
    assert database.run(profile) == [("I", "P", "B", "E", "M", "/a.png", True, 3)]
    assert database.value("SELECT status FROM agents") == "busy"


def test_a_change_of_profile_is_written_even_where_a_change_of_status_follows(
    engine: Engine, database: Database
) -> None:
    commit(engine, entries(*court()))

    renamed = named(name="Imhotep II", model="opus")
    batch = entries(
        AgentChanged(renamed, profile=True), AgentChanged(named(renamed, status=Status.ERROR))
    )
    commit(engine, batch)

    told = database.run("SELECT name, model, status FROM agents")
    assert told == [("Imhotep II", "opus", "error")]


def test_what_is_unknown_is_null_and_never_zero(engine: Engine, database: Database) -> None:
    usage = UsageAdded(run(), "call-1", Usage(tokens_in=5))

    commit(engine, entries(*court(run()), usage, of(run(), span())))

    unknown = "tokens, cost, model, task, task_id, ended_at, summary, error, confidence"
    assert database.run(f"SELECT {unknown} FROM agent_sessions") == [(None,) * 9]
    assert database.value("SELECT cost FROM usage") is None
    assert database.run("SELECT cost, tokens_in, input FROM agent_spans") == [(None,) * 3]


@pytest.mark.parametrize("task_id", [0, 12, "PAL-12", ""])
def test_a_task_keeps_its_id_whether_a_number_or_a_text(
    engine: Engine, database: Database, task_id: int | str
) -> None:
    commit(engine, entries(*court(run(task_id=task_id), agent=named(task_id=task_id))))

    both = "SELECT s.task_id, a.current_task_id FROM agent_sessions s, agents a"
    assert database.run(both) == [(task_id, task_id)]


def test_money_is_kept_to_a_ten_billionth_of_a_dollar(engine: Engine, database: Database) -> None:
    usage = Calls({"call": Usage(cost=0.0000000001)})

    commit(engine, entries(*court(run(usage=usage))))

    assert database.value("SELECT cost::text FROM agent_sessions") == "0.0000000001"


def test_hostile_text_from_a_gateway_is_written_without_what_postgres_refuses(
    engine: Engine, database: Database, scribe: Scribe
) -> None:
    step = {"id": "s1", "type": "tool_call", "name": HOSTILE, "input": HOSTILE, "output": {"x": 1}}
    told = [
        {"type": "agent.registered", "name": HOSTILE, "persona": HOSTILE, "bio": HOSTILE},
        {"type": "session.started", "sessionId": HOSTILE, "task": HOSTILE, "taskId": HOSTILE},
        {"type": "span.started", "span": step},
        {"type": "session.completed", "summary": HOSTILE, "error": HOSTILE, "model": HOSTILE},
    ]
    link = Link(Identity.from_seed(bytes(32)), None, Memory(), lambda: "new")

    for frame in told:
        scribe.write(*link.receive(json.dumps({"agentId": "builder", **frame}), NOW))

    shown = "abc <script>alert(1)</script> id: 7"
    assert not link.faults
    assert database.run("SELECT name, persona, bio FROM agents") == [(shown,) * 3]
    sessions = "SELECT run_id, task, task_id, model, summary, error FROM agent_sessions"
    assert database.run(sessions) == [(shown,) * 6]
    assert database.run("SELECT name, input, output FROM agent_spans") == [
        (shown, "abc <script>alert(1)</script>\n\nid: 7", '{"x": 1}')
    ]
    assert database.value("SELECT bool_and(data::text !~ '[\n\r]') FROM activity_log") is True


def test_history_keeps_the_order_of_its_batch_and_each_event_to_the_letter(
    engine: Engine, database: Database
) -> None:
    told = [line(f'{number} "é" \u2028', fields={"b": 1, "a": None}) for number in range(20)]

    commit(engine, entries(*court(), *told))

    rows = database.run("SELECT summary, data::text FROM activity_log ORDER BY id")
    assert rows == [(one.summary, wire.event_text(one)) for one in told]


def test_a_period_without_observation_is_on_record_once_with_its_reason(
    engine: Engine, database: Database
) -> None:
    gap = Unobserved(1_764_000_000_123, 1_764_000_060_000, Blindness.LEASE)
    batch = entries(GapNoted(gap), line(type="gap", agent_id=None))

    commit(engine, batch)
    commit(engine, batch)

    length = "SELECT extract(epoch FROM ended_at - started_at)::float, reason FROM gaps"
    assert database.run(length) == [(59.877, "lease")]
    assert database.run("SELECT type, agent_id FROM activity_log") == [("gap", None)]


def test_the_moment_up_to_which_the_gateway_was_observed_is_part_of_the_batch(
    engine: Engine, database: Database
) -> None:
    commit(engine, entries(line()), observed_at=1_764_000_000_123)

    moment = "SELECT (extract(epoch FROM observed_at) * 1000)::bigint FROM gateway"
    assert database.value(moment) == 1_764_000_000_123


def test_a_run_without_a_start_begins_when_it_was_first_heard_of(
    engine: Engine, database: Database
) -> None:
    commit(engine, entries(*court(Run("run-1", "builder", touched_at=NOW))))

    assert database.value("SELECT started_at = touched_at FROM agent_sessions") is True


def test_agents_whose_operator_had_much_to_say_of_them_are_introduced_in_one_batch(
    scribe: Scribe, engine: Engine, database: Database
) -> None:
    ids = [f"agent{number}" for number in range(10)]
    scribe.write(*(registered(agent_id) for agent_id in ids))
    with engine.connect() as conn:
        for agent_id in ids:
            edits.edit(conn, agent_id, {"bio": "\u6f22" * 600}, NOW)

    scribe.write(*(registered(agent_id, name="Anew") for agent_id in ids))

    anew = "SELECT count(*) FROM activity_log WHERE summary = 'Anew'"
    assert database.value(anew) == 10
