"""What pages and the API read."""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from palais.domain.changes import AgentChanged, RunChanged, UsageAdded
from palais.domain.events import RunStatus, Status, Usage
from palais.store import journal, queries
from palais.store.link import LinkFacts, LinkState, record
from palais.store.retention import prune
from palais.web.spending import Asked, read
from tests.database import EPOCH, Database
from tests.store.rows import DAY, MINUTE, NOW, court, entries, line, named, run

MOMENT = datetime.fromtimestamp(NOW / 1000, UTC)
WRITER = named(id="writer", name="Thot")
BOTH = [*court(), *court(agent=WRITER)]


class Then(datetime):
    """Stands in for the ``datetime`` of the queries: today is the day of ``NOW``."""

    @classmethod
    def now(cls, _zone: tzinfo | None = None) -> datetime:
        return MOMENT


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "datetime", Then)


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as conn:
        yield conn


def put(conn: Connection, *changes: Any) -> None:
    journal.commit(conn, entries(*changes))


def ids(views: list[Any]) -> list[Any]:
    return [view.id for view in views]


def test_agents_come_in_the_order_of_the_seed_then_by_name(
    conn: Connection, database: Database
) -> None:
    put(conn, *BOTH, *court(agent=named(id="artist", name="Basquiat")))
    database.run("UPDATE agents SET position = 1 WHERE id = 'writer'")

    assert ids(queries.agents(conn)) == ["writer", "artist", "builder"]


def test_an_agent_alone_reads_as_it_does_among_all(conn: Connection) -> None:
    busy = named(status=Status.BUSY, task="Draw", task_id="P-1", activity="typing")
    put(conn, *BOTH, AgentChanged(busy), RunChanged(run(reported_tokens=5)))

    [builder] = [view for view in queries.agents(conn) if view.id == "builder"]

    assert queries.agent(conn, "builder") == builder
    assert (builder.current_task, builder.current_task_id) == ("Draw", "P-1")


def test_an_agent_that_nobody_knows_is_none(conn: Connection) -> None:
    assert queries.agent(conn, "nobody") is None


def spent(key: str, tokens: int, cost: float | None, at: int = NOW) -> UsageAdded:
    return UsageAdded(run(), key, Usage(tokens_in=tokens, cost=cost, at=at))


def test_thirty_days_of_tokens_and_cost_are_summed(conn: Connection) -> None:
    old = spent("k2", 7, 0.5, NOW - 29 * DAY)
    put(conn, *BOTH, RunChanged(run()), spent("k1", 5, 0.25), old)

    view = queries.agent(conn, "builder")

    assert view is not None
    assert (view.tokens_30d, view.cost_30d) == (12, 0.75)


def test_what_is_older_than_thirty_days_does_not_count(conn: Connection) -> None:
    put(conn, *BOTH, RunChanged(run()), spent("k", 7, 0.5, NOW - 31 * DAY))

    assert {view.tokens_30d for view in queries.agents(conn)} == {None}


def test_the_thirty_days_are_those_of_the_page_of_costs(conn: Connection) -> None:
    begin, end = NOW - NOW % DAY - 29 * DAY, NOW - NOW % DAY + DAY
    edges = [spent("k1", 1, 1.0, begin - 1), spent("k4", 1, 1.0, end + 9_999 * DAY)]
    put(conn, *BOTH, RunChanged(run()), *edges, spent("k2", 7, 0.5, begin), spent("k3", 5, None))

    builder, writer = queries.agents(conn)
    account = read(conn, Asked(), MOMENT)

    [(_, shown)] = account.agents
    assert (builder.tokens_30d, builder.cost_30d) == (shown.tokens, shown.cost)
    assert builder.unpriced_calls_30d == shown.unpriced_calls == 1
    assert writer.unpriced_calls_30d == 0


def test_an_unknown_cost_is_none_and_never_zero(conn: Connection) -> None:
    put(conn, *BOTH, RunChanged(run()), spent("k", 7, None))

    builder, writer = queries.agents(conn)

    assert (builder.tokens_30d, builder.cost_30d) == (7, None)
    assert (writer.tokens_30d, writer.cost_30d, writer.avg_quality) == (None, None, None)


def test_a_known_zero_stays_a_zero(conn: Connection) -> None:
    put(conn, *BOTH, RunChanged(run()), spent("k", 7, 0.0))

    builder, _ = queries.agents(conn)

    assert (builder.tokens_30d, builder.cost_30d) == (7, 0.0)


def test_an_unknown_cost_does_not_hide_the_known_ones(conn: Connection) -> None:
    put(conn, *BOTH, RunChanged(run()), spent("k1", 7, 0.5), spent("k2", 3, None))

    builder, _ = queries.agents(conn)

    assert (builder.tokens_30d, builder.cost_30d) == (10, 0.5)


def test_more_than_a_column_holds_is_told_as_what_it_holds(
    conn: Connection, database: Database
) -> None:
    put(conn, *BOTH, RunChanged(run()), spent("k", 7, 0.5))
    database.run("UPDATE usage_hourly SET tokens = 99999999999999999999")

    builder, _ = queries.agents(conn)

    assert builder.tokens_30d == queries.MAX_ID


@pytest.mark.parametrize("state", list(LinkState))
def test_a_status_counts_as_observed_only_while_the_gateway_is_in_sight(
    conn: Connection, state: LinkState
) -> None:
    put(conn, *court(agent=named(status=Status.BUSY)))
    record(conn, LinkFacts(state))

    [view] = queries.agents(conn)

    assert view.status == "busy"
    assert view.status_observed is (state is LinkState.CONNECTED)


def test_sessions_are_paged_from_the_latest_back_each_once(conn: Connection) -> None:
    # Three began at the same moment: their ids decide.
    starts = [0, 1, 1, 1, 2, 3]
    runs = [run(f"run-{n}", started_at=NOW + at) for n, at in enumerate(starts)]
    put(conn, *BOTH, *(RunChanged(one) for one in runs))

    pages, before = [], None
    for _ in range(4):
        pages.append(ids(queries.sessions(conn, "builder", 2, before)))
        before = (pages[-1] or [before])[-1]

    assert pages == [["run-5", "run-4"], ["run-3", "run-2"], ["run-1", "run-0"], []]


def test_sessions_are_those_of_one_agent(conn: Connection) -> None:
    put(conn, *BOTH, RunChanged(run("run-1")), RunChanged(run("run-2", "writer")))

    assert ids(queries.sessions(conn, "writer", 50)) == ["run-2"]
    assert queries.sessions(conn, "nobody", 50) == []


def test_the_session_of_another_agent_is_no_place_to_go_on_from(conn: Connection) -> None:
    put(conn, *BOTH, RunChanged(run("run-1")), RunChanged(run("run-2", "writer")))

    assert queries.sessions(conn, "builder", 50, before="run-2") == []


def test_a_session_tells_how_long_it_took_once_it_has_ended(conn: Connection) -> None:
    ended = run(
        *("run-2", "builder"),
        status=RunStatus.FAILED,
        started_at=NOW - MINUTE,
        ended_at=NOW - 1,
        error="no",
        inferred=True,
    )
    put(conn, *BOTH, RunChanged(run("run-1")), RunChanged(ended))

    running, done = queries.sessions(conn, "builder", 50)

    assert (running.duration_ms, running.ended_at, running.status) == (None, None, "running")
    assert (done.duration_ms, done.error, done.inferred) == (MINUTE - 1, "no", True)
    assert queries.session(conn, "builder", "run-2") == done


def test_a_session_is_found_only_with_its_own_agent(conn: Connection) -> None:
    put(conn, *BOTH, RunChanged(run("run-1")))

    assert queries.session(conn, "writer", "run-1") is None


LINES = [
    line("0"),
    line("1", type="session.started", session_id="run-1"),
    line("2", agent_id="writer"),
    line("3", type="session.started", agent_id="writer"),
    line("4"),
]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "43210"),
        ({"limit": 2}, "43"),
        ({"before": 4}, "210"),
        ({"before": 1}, ""),
        ({"agent_ids": {"builder"}}, "410"),
        ({"agent_ids": {"builder", "writer"}}, "43210"),
        ({"agent_ids": {"nobody"}}, ""),
        ({"types": {"session.started"}}, "31"),
        ({"types": {"agent.status"}, "agent_ids": {"writer"}}, "2"),
        ({"types": {"agent.status"}, "before": 5, "limit": 1}, "2"),
    ],
)
def test_history_comes_newest_first_and_as_far_as_it_was_asked_for(
    conn: Connection, asked: dict[str, Any], told: str
) -> None:
    put(conn, *BOTH, *LINES)

    views = queries.activity(conn, **{"limit": 50, **asked})

    assert [view.summary for view in views] == list(told)


def test_a_line_of_history_carries_its_event_as_the_stream_does(conn: Connection) -> None:
    put(conn, *BOTH, line("1", session_id="run-1", fields={"task_id": 12}))

    [view] = queries.activity(conn, 1)

    assert (view.agent_id, view.session_id, view.type) == ("builder", "run-1", "agent.status")
    assert view.data["taskId"] == 12
    assert view.at == MOMENT


def test_the_head_of_an_empty_log_is_zero(conn: Connection) -> None:
    assert queries.head(conn).cursor == f"{EPOCH}.0"
    assert queries.floor(conn) == 0


def test_the_head_is_the_newest_line(conn: Connection) -> None:
    put(conn, *BOTH, *LINES)

    assert queries.head(conn).cursor == f"{EPOCH}.5"


def test_the_head_of_a_log_that_is_pruned_to_its_end_stays_where_it_was(conn: Connection) -> None:
    put(conn, *BOTH, *LINES)

    prune(conn, days=0)

    assert queries.head(conn).cursor == f"{EPOCH}.5"
    assert queries.floor(conn) == 5
    assert queries.activity(conn, 50) == []


@pytest.mark.parametrize(("before", "told"), [(1, ""), (3, ""), (4, ""), (5, "3")])
def test_history_ends_at_the_floor(conn: Connection, before: int, told: str) -> None:
    put(conn, *BOTH, *LINES)
    prune(conn, days=0, limit=3)

    assert [view.summary for view in queries.activity(conn, 50, before)] == list(told)


def test_the_gateway_says_itself_that_it_is_a_demo(conn: Connection) -> None:
    told = []
    for version in ("demo-0.1", "2026.9.6", None):
        record(conn, LinkFacts(LinkState.CONNECTED, server_version=version))
        told.append(queries.gateway(conn).demo)
        conn.rollback()

    assert told == [True, False, False]
