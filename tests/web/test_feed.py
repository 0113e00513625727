"""The feed: what is asked for, what of it is told, and how far back a page goes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.datastructures import MultiDict

from palais.domain.changes import Logged
from palais.errors import BadRequestError
from palais.store import journal, queries
from palais.store.queries import KINDS
from palais.store.views import ActivityView
from palais.web import feed
from palais.web.request import TYPES
from tests.store.rows import NOW, entries
from tests.web.groupings import TABLE, Event
from tests.web.test_pages import Page, page

Put = Callable[..., None]


def view(event: Event, at: datetime | None = None) -> ActivityView:
    number, data = event
    moment = at or datetime(2026, 11, 22, tzinfo=UTC)
    return ActivityView(number, moment, data.get("agentId"), data["type"], None, "", data)


@pytest.fixture
def put(engine: Engine, two_agents: None) -> Put:
    """Give what appends lines to history, oldest first."""

    def write(*lines: Logged) -> None:
        with engine.connect() as conn:
            journal.commit(conn, entries(*lines, prefix=f"put{id(lines)}"))

    return write


def ended(agent_id: str = "builder", number: int = 0, **fields: Any) -> Logged:
    told = {"status": "completed", "summary": f"Fin {number}", **fields}
    return Logged("session.completed", NOW + number, agent_id, f"s{number}", "", told)


def call(agent_id: str = "builder", number: int = 0, tool: str = "exec") -> Logged:
    span = {"id": f"x{number}", "type": "tool_call", "name": tool}
    return Logged("span.started", NOW + number, agent_id, "s", "", {"span": span})


def gap(number: int = 0) -> Logged:
    told = {"started_at": NOW - 1_021_000, "ended_at": NOW, "reason": "restart"}
    return Logged("gap", NOW + number, None, None, "", told)


def rows(shown: Page) -> list[dict[str, str | None]]:
    return [row for row in shown.having("data-tone") if row["data-id"]]


def told(shown: Page) -> list[tuple[str | None, str | None]]:
    return [(row["data-type"], row["data-agent"]) for row in rows(shown)]


@pytest.mark.parametrize("name", TABLE)
def test_repeated_calls_of_a_tool_are_one_line(name: str) -> None:
    events, lines = TABLE[name]

    assert [list(line.ids) for line in feed.grouped(map(view, events))] == lines


def test_a_day_has_a_title_above_its_first_line_but_today_has_none() -> None:
    today = datetime(2026, 11, 22, 0, 1, tzinfo=UTC)
    times = [today, today, today - timedelta(minutes=2), today - timedelta(days=3)]
    lines = [feed.Line(view((4 - n, {"type": "gap"}), at), (4 - n,)) for n, at in enumerate(times)]

    assert [line.day for line in feed.dated(lines, "2026-11-22")] == [
        *(None, None, "2026-11-21", "2026-11-19")
    ]
    assert [line.day for line in feed.dated(lines[:2], None)] == ["2026-11-22", None]


@pytest.mark.parametrize(
    "query",
    [
        [("agents", "a,b"), ("types", "tools,gaps"), ("before", "7")],
        [("agents", "a"), ("agents", "b"), ("types", "gaps"), ("types", "tools"), ("before", "7")],
    ],
)
def test_a_link_and_a_form_say_the_same(query: list[tuple[str, str]]) -> None:
    wanted = feed.filters(MultiDict(query))

    assert wanted == feed.Filters(frozenset({"a", "b"}), frozenset({"tools", "gaps"}), 7)
    assert wanted.types == {"span.started", "span.completed", "gap"}
    assert wanted.query(3) == {"agents": "a,b", "types": "gaps,tools", "before": "3"}


def test_all_types_are_no_filter() -> None:
    assert feed.filters(MultiDict({"types": ",".join(feed.GROUPS)})) == feed.Filters()
    assert feed.Filters().query() == {}


@pytest.mark.parametrize(
    "query",
    [{"agents": "../x"}, {"types": "gap"}, {"before": "-1"}, {"before": "x"}, {"before": "9" * 19}],
)
def test_what_means_nothing_is_refused(client: FlaskClient, query: dict[str, str]) -> None:
    with pytest.raises(BadRequestError):
        feed.filters(MultiDict(query))
    assert client.get("/activity", query_string=query).status_code == 400


def test_every_type_of_history_is_in_the_index_s_order_and_in_one_group() -> None:
    assert TYPES - {"agent.presence"} == KINDS
    grouped = [kind for kinds in feed.GROUPS.values() for kind in kinds]
    assert sorted(grouped) == sorted(KINDS - {"session.updated"})


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", [("gap", ""), ("session.completed", "writer"), ("span.started", "builder")]),
        ("?types=tools", [("span.started", "builder")]),
        ("?types=gaps", [("gap", "")]),
        ("?types=gaps,sessions", [("gap", ""), ("session.completed", "writer")]),
        ("?types=status", []),
        ("?agents=builder", [("gap", ""), ("span.started", "builder")]),
        ("?agents=builder&types=tools", [("span.started", "builder")]),
        ("?agents=builder&agents=writer&types=sessions", [("session.completed", "writer")]),
        ("?agents=writer&types=tools", []),
        ("?agents=nobody", [("gap", "")]),
    ],
)
@pytest.mark.parametrize("path", ["/activity", "/agents"])
def test_history_is_filtered_as_the_address_says(
    client: FlaskClient, put: Put, path: str, query: str, shown: list[tuple[str, str]]
) -> None:
    put(call(), ended("writer", 1), gap(2))

    assert told(page(client, path + query)) == shown


def test_an_agent_s_own_feed_has_its_lines_and_what_nobody_saw(
    client: FlaskClient, put: Put
) -> None:
    put(call(), ended("writer", 1), gap(2), ended("builder", 3))

    own = [("session.completed", "builder"), ("gap", ""), ("span.started", "builder")]
    assert told(page(client, "/agents/builder")) == own
    assert told(page(client, "/agents/builder?types=gaps&agents=writer")) == [("gap", "")]


def test_a_group_says_how_often_and_a_gap_from_when_to_when_and_why(
    client: FlaskClient, put: Put
) -> None:
    put(call(number=1), call("writer", 2), call(number=3), gap(4))

    shown = page(client, "/activity")

    assert [row.get("data-ids") for row in rows(shown)] == [None, "3 1", None]
    assert "× 2" in shown.words
    assert "non observé" in shown.words
    assert "17 min 01 s" in shown.words
    assert "redémarrage de la passerelle" in shown.words


def test_an_end_that_nobody_saw_is_marked_as_inferred(client: FlaskClient, put: Put) -> None:
    put(ended(number=1), ended(number=2, status="lost", inferred=True))

    marks = page(client, "/activity").having("data-fact")
    hidden = ["hidden" in one for one in marks if one["data-fact"] == "inferred"]
    assert hidden[:2] == [False, True]


def test_older_pages_are_links_that_lead_to_the_beginning_and_miss_nothing(
    client: FlaskClient, put: Put
) -> None:
    put(*(ended(number=number) for number in range(300)))
    path, seen, pages = "/activity?types=sessions&agents=builder", [], 0

    while path:
        shown = page(client, path)
        seen += [int(row["data-id"] or 0) for row in rows(shown)]
        [link] = shown.having("data-older")
        path = "" if "hidden" in link else link["href"] or ""
        pages += 1

    assert seen == list(range(300, 0, -1))
    assert pages == 3
    assert "Revenir au direct" in shown.words
    assert "Revenir au direct" not in page(client, "/activity").words


def test_beside_the_court_are_few_lines_and_a_link_to_all_that_is_older(
    client: FlaskClient, put: Put
) -> None:
    put(call("writer", 1), *(ended(number=number) for number in range(60)), call("writer", 61))

    beside = page(client, "/agents")
    [link] = beside.having("data-older")
    older = page(client, link["href"] or "")

    ids = [(row.get("data-ids") or row["data-id"] or "").split() for row in rows(beside)]
    assert [*map(len, ids)] == [1] * feed.BESIDE
    ids += [(row.get("data-ids") or row["data-id"] or "").split() for row in rows(older)]
    assert [int(one) for line in ids for one in line] == list(range(62, 0, -1))


def test_noise_does_not_end_history(client: FlaskClient, put: Put, engine: Engine) -> None:
    put(ended(number=1))
    put(*(Logged("session.updated", NOW, "builder", "s", "", {}) for _ in range(130)))

    assert told(page(client, "/activity")) == [("session.completed", "builder")]
    with engine.connect() as conn:
        assert queries.activity(conn, 1, types=frozenset({"session.updated"}))


def test_the_form_keeps_what_else_the_address_says(client: FlaskClient, put: Put) -> None:
    shown = page(client, "/agents?status=idle&types=gaps&agents=builder")

    inputs = [one for one in shown.tags("input") if one.get("type") == "hidden"]
    assert ("status", "idle") in [(one["name"], one["value"]) for one in inputs]
    checked = {(one["name"], one["value"]) for one in shown.having("checked")}
    assert checked == {("types", "gaps"), ("agents", "builder")}


def test_older_sessions_are_a_link_without_scripts(client: FlaskClient, engine: Engine) -> None:
    from_seed = "INSERT INTO agents (id, name) VALUES ('thoth', 'Thoth')"
    runs = """
        INSERT INTO agent_sessions (id, run_id, agent_id, status, started_at)
        SELECT 's' || n, 'r' || n, 'thoth', 'completed', now() - n * interval '1 min'
        FROM generate_series(1, 60) n
    """
    with engine.begin() as conn:
        conn.exec_driver_sql(from_seed)
        conn.exec_driver_sql(runs)
    path, seen = "/agents/thoth", []

    while path:
        shown = page(client, path)
        found = [run["data-session-id"] for run in shown.having("data-session-id")]
        seen += [one for one in found if one != "_"]
        [link] = [one for one in shown.having("data-older") if "/agents/" in (one["href"] or "")]
        path = "" if "hidden" in link else link["href"] or ""

    assert seen == [f"s{number}" for number in range(1, 61)]
    assert client.get("/agents/thoth?before=nothing").status_code == 404
