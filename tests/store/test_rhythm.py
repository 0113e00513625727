"""When agents worked, with what, and what came of it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine

from palais.domain.events import RunStatus
from palais.store import journal, rhythm
from tests.store.rows import DAY, MINUTE, NOW, court, entries, named, of, run, span


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


SINCE, UNTIL = moment(NOW - DAY), moment(NOW)


@pytest.fixture
def conn(engine: Engine) -> Connection:
    with engine.connect() as conn:
        yield conn


def done(name: str, start: int, end: int, agent: str = "builder", **known: object) -> object:
    """Give a run from so many minutes ago to so many."""
    return run(
        name,
        agent,
        status=known.pop("status", RunStatus.COMPLETED),
        started_at=NOW - start * MINUTE,
        ended_at=NOW - end * MINUTE,
        **known,
    )


def write(conn: Connection, *changes: object) -> None:
    journal.commit(conn, entries(*changes))  # type: ignore[arg-type]


def minutes(conn: Connection) -> dict[str, list[tuple[float, float]]]:
    worked = rhythm.worked(conn, SINCE, UNTIL)
    return {
        agent: [tuple((UNTIL - one) / timedelta(minutes=1) for one in period) for period in all_]
        for agent, all_ in worked.items()
    }


def test_runs_at_the_same_time_count_once(conn: Connection) -> None:
    write(conn, *court(done("a", 60, 40), done("b", 50, 30), done("c", 20, 10)))
    assert minutes(conn) == {"builder": [(60, 30), (20, 10)]}


def test_an_open_run_counts_up_to_now_and_an_old_one_from_the_day_s_start(
    conn: Connection,
) -> None:
    write(conn, *court(run("a", started_at=NOW - 5 * MINUTE), done("b", 1500, 1430)))
    assert minutes(conn) == {"builder": [(1440, 1430), (5, 0)]}


def test_what_ended_before_the_day_is_left_out(conn: Connection) -> None:
    write(conn, *court(done("a", 1600, 1500)))
    assert minutes(conn) == {}


def test_a_run_whose_end_lies_before_its_start_breaks_nothing(conn: Connection) -> None:
    write(conn, *court(done("a", 10, 20), done("b", 30, 25)))
    assert minutes(conn) == {"builder": [(30, 25)]}


def test_the_last_tool_is_that_of_the_open_run(conn: Connection) -> None:
    ended, open_ = done("a", 60, 50), run("b", started_at=NOW - MINUTE)
    write(
        conn,
        *court(ended, open_),
        of(ended, span("s1", name="write", started_at=NOW - 55 * MINUTE)),
        of(open_, span("s2", name="read", started_at=NOW - 30_000)),
        of(open_, span("s3", name="exec", started_at=NOW - 20_000)),
        of(open_, span("s4", name="opus", type="llm_call", started_at=NOW - 10_000)),
    )
    assert rhythm.last_tools(conn) == {"builder": "exec"}


def test_the_last_words_are_the_error_else_the_summary_else_the_task(conn: Connection) -> None:
    write(
        conn,
        *court(done("a", 60, 50, summary="old"), done("b", 40, 30, summary="said", error="broke")),
        *court(done("c", 40, 30, "writer", task="asked"), agent=named(id="writer")),
        *court(run("d", "cfo", task="still at it"), agent=named(id="cfo")),
    )
    assert rhythm.last_words(conn) == {"builder": "broke", "writer": "asked"}


def test_every_agent_stands_somewhere(conn: Connection) -> None:
    write(conn, *court(), *court(agent=named(id="writer")))
    assert {one.id: one.status for one in rhythm.standings(conn)} == {
        "builder": "idle",
        "writer": "idle",
    }
