"""What the parts of a step, told in any order, leave in its row."""

import pytest
from sqlalchemy import Engine

from palais.domain.events import Span
from palais.store import journal
from palais.store.journal import Entry
from palais.store.wire import millis
from tests.database import Database
from tests.store.rows import BUILDER, NOW, court, entries, of, run, span

Ending = tuple[str | None, int | None]


def commit(engine: Engine, batch: list[Entry]) -> None:
    with engine.connect() as conn:
        journal.commit(conn, batch)


def test_a_step_told_in_two_parts_keeps_what_each_part_said(
    engine: Engine, database: Database
) -> None:
    start = span(status="running", input="ls", started_at=NOW, tokens_in=3)
    end = span(status="ok", output="a b", ended_at=NOW + 9, duration_ms=9)
    commit(engine, entries(*court(run()), of(run(), start)))

    commit(engine, entries(of(run(), end)))

    columns = "status, input, output, tokens_in, duration_ms, started_at < ended_at"
    assert database.run(f"SELECT {columns} FROM agent_spans") == [("ok", "ls", "a b", 3, 9, True)]


def test_a_step_that_begins_and_ends_in_one_batch_is_one_row(
    engine: Engine, database: Database
) -> None:
    parts = of(run(), span(status="running", input="ls")), of(run(), span(status="ok", output="a"))

    commit(engine, entries(*court(run()), *parts))

    assert database.run("SELECT status, input, output FROM agent_spans") == [("ok", "ls", "a")]


@pytest.mark.parametrize(
    ("known", "told", "left"),
    [
        (("ok", 9), ("running", None), ("ok", 9)),
        (("error", 9), ("ok", None), ("error", 9)),
        (("ok", 9), ("error", None), ("error", 9)),
        (("ok", 9), ("aborted", 20), ("ok", 9)),
        (("lost", None), ("running", None), ("lost", None)),
        (("aborted", 20), ("lost", None), ("aborted", 20)),
        (("aborted", 20), ("ok", 9), ("ok", 9)),
        (("lost", None), ("error", 9), ("error", 9)),
        ((None, None), ("running", None), ("running", None)),
        (("ok", 9), (None, None), ("ok", 9)),
    ],
)
def test_what_was_observed_of_an_end_stays_whatever_is_told_later(
    engine: Engine, database: Database, known: Ending, told: Ending, left: Ending
) -> None:
    for number, (status, at) in enumerate((known, told)):
        step = span(status=status, ended_at=None if at is None else NOW + at)
        commit(engine, entries(*court(run()), of(run(), step), prefix=f"part {number}"))

    ((status, ended_at),) = database.run("SELECT status, ended_at FROM agent_spans")
    assert (status, millis(ended_at)) == (left[0], None if left[1] is None else NOW + left[1])


def test_a_step_that_was_clipped_stays_so_when_its_other_part_is_told(
    engine: Engine, database: Database
) -> None:
    commit(engine, entries(*court(run()), of(run(), span(input="a", input_clipped=True))))

    commit(engine, entries(of(run(), span(output="b", child_session_id="kid")), prefix="again"))

    columns = "input, input_clipped, output, output_clipped, child_session_id"
    assert database.run(f"SELECT {columns} FROM agent_spans") == [("a", True, "b", False, "kid")]


def test_every_part_of_a_step_reaches_its_column(engine: Engine, database: Database) -> None:
    told = Span(
        *("s1", "llm_call", "chat", "s0", "Chat", "ok", "opus", 1, 2, 0.5, "in", "out", "bad"),
        *(NOW, NOW + 1, 1, 3, 4, True, False, "kid", "writer"),
    )

    commit(engine, entries(*court(run(spawned_by="main")), of(run(), told)))

    columns = "id, type, name, parent_id, title, status, model, tokens_in, tokens_out"
    row = database.run(f"SELECT {columns}, cost::float, input, output, error FROM agent_spans")
    assert row == [
        ("s1", "llm_call", "chat", "s0", "Chat", "ok", "opus", 1, 2, 0.5, "in", "out", "bad")
    ]
    columns = "cache_read, cache_write, input_clipped, output_clipped, child_session_id"
    more = database.run(f"SELECT {columns}, child_agent_id FROM agent_spans")
    assert more == [(3, 4, True, False, "kid", "writer")]
    of_run = database.run("SELECT agent_id, spawned_by FROM agent_sessions")
    assert of_run == [(BUILDER.id, "main")]
