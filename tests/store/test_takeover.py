"""Another process takes over, anywhere: the database tells it what it needs, and nothing twice."""

import time
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import pytest
from sqlalchemy import Engine

from palais.domain.changes import Change
from palais.domain.step import Court
from palais.store import journal, recall
from palais.store.journal import Entry
from tests.database import Database
from tests.gateway.lives import Life, lives, shifted
from tests.gateway.recording import recordings
from tests.store.hours import wrong

EMPTY: Final = {"13c", "17"}
"""Recordings in which no client was let in."""

NAMES = [name for name in (one.partition("-")[0] for one in recordings()) if name not in EMPTY]
SAMPLE: Final = 4
"""Takeovers a recording, spread over those of its frames that changed something."""

TABLES: Final = {
    "agents": "SELECT id, name, present, failed, status, current_task, active_sessions FROM agents",
    "agent_sessions": """
        SELECT run_id, agent_id, conversation, status, started_at, ended_at, model, task, tokens,
               cost, summary, error, inferred
        FROM agent_sessions
    """,
    "usage": """
        SELECT session_id, key, agent_id, run_id, at, model, tokens, tokens_in, tokens_out,
               cache_read, cache_write, cost, basis
        FROM usage
    """,
    "usage_hourly": "SELECT * FROM usage_hourly",
    "agent_spans": """
        SELECT session_id, id, parent_id, type, name, title, status, started_at, ended_at, model,
               tokens_in, tokens_out, cache_read, cache_write, cost::text, input, output, error,
               input_clipped, output_clipped, child_session_id, child_agent_id
        FROM agent_spans
    """,
    "activity_log": """
        SELECT type, agent_id, session_id, key, summary, data::jsonb - 'cost' FROM activity_log
        WHERE key !~ '^writer' AND type <> 'gap' AND data->>'again' IS NULL
    """,
    "statuses": """
        SELECT type, agent_id, session_id, data->>'status', data->>'task',
                        data->>'activeSessions', data->>'model', data->>'tokens', data->>'activity'
        FROM activity_log WHERE key ~ '^writer'
    """,
}
"""What is compared: all facts, and of history each line that has a key of its own. What a run just
does (``activity``) is not recalled, so a line of that alone may come again."""


@cache
def recent(name: str) -> tuple[Life, ...]:
    """Return the lives of a recording as of a minute ago: what is long past is not recalled."""
    now = time.time_ns() // 1_000_000
    found = []
    for life in [life for life in lives(name) if life.frames] or lives(name)[:1]:
        by = now - 60_000 - life.uncut.replay.now
        found.append(Life(name, shifted(life.recorded, by)))
    return tuple(found)


def write(engine: Engine, writer: str, changes: Iterable[Change]) -> Court:
    """Commit what changed as this writer, and return what the next one would recall."""
    entries = [Entry(f"writer {writer}.{number}", change) for number, change in enumerate(changes)]
    with engine.connect() as conn:
        if entries:
            journal.commit(conn, entries)
        with conn.begin():
            return recall.court(conn)


def books(database: Database) -> dict[str, list[Any]]:
    """Return what is on record; the periods without observation are those of the cuts."""
    return {table: sorted(database.run(query), key=repr) for table, query in TABLES.items()}


def once(told: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return each line once: a run that goes on retries again when its frames are told again."""
    return told | {"statuses": list({repr(row): row for row in told["statuses"]}.values())}


def apart(one: dict[str, list[Any]], other: dict[str, list[Any]]) -> list[str]:
    """Return the rows that only one of two books has."""
    return [
        f"{sign} {table}: {row}"
        for sign, rows, others in (("-", one, other), ("+", other, one))
        for table in TABLES
        for row in rows[table]
        if row not in others[table] or rows[table].count(row) != others[table].count(row)
    ]


def spread(life: Life) -> list[int]:
    """Return some of the frames that changed something."""
    told = [len(moment.changes) for moment in life.moments]
    news = [at for at in range(1, len(told)) if told[at] > told[at - 1]] or [0]
    return news[:: max(1, len(news) // SAMPLE)][: SAMPLE + 1]


@pytest.mark.parametrize("name", NAMES)
def test_a_takeover_at_any_frame_leaves_the_same_on_record(
    name: str, database: Database, engine: Engine
) -> None:
    for life in recent(name):
        database.empty()
        write(engine, "uncut", life.uncut.changes)
        whole = books(database)
        for position in spread(life):
            database.empty()
            moment = life.moments[position]
            court = write(engine, "first", moment.changes)
            course = life.until(position).cut(court=court).connect().end()
            write(engine, "second", course.replay.changes)
            assert wrong(database) == [], f"recording {name}, after frame {position}"
            assert apart(whole, books(database)) == [], f"recording {name}, after frame {position}"


@pytest.mark.parametrize("name", NAMES)
def test_a_life_told_again_to_another_process_leaves_no_row_more(
    name: str, database: Database, engine: Engine
) -> None:
    for life in recent(name):
        database.empty()
        court = write(engine, "first", life.uncut.changes)
        before = once(books(database))
        again = life.until(0).cut(court=court).connect().end()
        write(engine, "second", again.replay.changes)
        assert apart(before, once(books(database))) == [], f"recording {name}"
