"""The JSON API: exactly the shapes of the contract (docs/api.md)."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from palais.domain.changes import AgentChanged, RunChanged, UsageAdded
from palais.domain.events import RunStatus, Status, Usage
from palais.live.hub import Filter, Hub
from palais.store import journal
from palais.store.link import LinkFacts, LinkState, record
from palais.store.recorder import Recorder
from tests.database import Database
from tests.store.rows import MINUTE, NOW, entries, line, named, run

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
AGENT = [
    *("id", "name", "persona", "bio", "emoji", "avatarUrl", "model", "status", "statusSince"),
    *("statusObserved", "activity", "currentTaskId", "currentTask", "activeSessions"),
    *("lastSeenAt", "tokens30d", "cost30d", "avgQuality", "unpricedCalls30d"),
]
SESSION = [
    *("id", "runId", "conversation", "status", "startedAt", "endedAt", "model", "tokens"),
    *("cost", "task", "summary", "error", "inferred", "confidence"),
]
ACTIVITY = ["id", "at", "agentId", "type", "sessionId", "summary"]

pytestmark = pytest.mark.usefixtures("two_agents")


def put(engine: Engine, *changes: Any) -> None:
    with engine.connect() as conn:
        journal.commit(conn, entries(*changes, prefix="more"))


def get(client: FlaskClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.data
    assert answer.mimetype == "application/json"
    return answer.json


def test_health_tells_how_everything_stands(client: FlaskClient, engine: Engine, hub: Hub) -> None:
    recorder = Recorder(engine)
    assert recorder.acquire()
    recorder.record(LinkFacts(LinkState.CONNECTED, "Fine.", None, 4, "2026.9.6", "boot"))
    put(engine, line())
    hub.join(Filter())

    told = get(client, "/api/health")

    assert set(told) == {"status", "version", "database", "gateway", "lease", "stream"}
    assert (told["status"], told["database"]) == ("ok", "ok")
    assert ISO.fullmatch(told["gateway"].pop("since"))
    assert told["gateway"] == {
        "state": "connected",
        "reason": "Fine.",
        "protocol": 4,
        "serverVersion": "2026.9.6",
    }
    assert set(told["lease"]) == {"host", "pid", "since"}
    assert ISO.fullmatch(told["lease"]["since"])
    assert told["stream"] == {"epoch": "k3f9", "head": 1, "viewers": 1}


def test_health_where_nobody_listens_yet_has_nulls_and_no_viewers(client: FlaskClient) -> None:
    told = get(client, "/api/health")

    assert told["lease"] == {"host": None, "pid": None, "since": None}
    assert told["gateway"]["state"] == "offline"
    assert told["stream"]["viewers"] == 0


def test_an_agent_has_the_fields_of_the_contract_and_no_others(
    client: FlaskClient, engine: Engine
) -> None:
    agent = named(
        persona="Architecte",
        status=Status.BUSY,
        activity="tool:exec",
        task="Draw",
        task_id=12,
        active_sessions=1,
        last_seen_at=NOW + 1,
    )
    spent = UsageAdded(run(), "k", Usage(tokens_in=5, cost=0.25, at=NOW))
    put(engine, AgentChanged(agent), RunChanged(run()), spent)

    told = get(client, "/api/v1/agents/builder")

    assert list(told) == AGENT
    assert ISO.fullmatch(told["statusSince"])
    assert ISO.fullmatch(told["lastSeenAt"])
    assert told["statusObserved"] is False
    assert (told["status"], told["activity"], told["activeSessions"]) == ("busy", "tool:exec", 1)
    assert (told["currentTask"], told["currentTaskId"]) == ("Draw", 12)
    assert (told["tokens30d"], told["cost30d"], told["avgQuality"]) == (5, 0.25, None)


def test_what_is_not_known_of_an_agent_is_null(client: FlaskClient) -> None:
    told = get(client, "/api/v1/agents/writer")

    unknown = ("emoji", "model", "activity", "currentTaskId", "currentTask")
    assert {told[name] for name in (*unknown, "lastSeenAt", "tokens30d", "cost30d")} == {None}
    assert (told["persona"], told["activeSessions"]) == ("", 0)


def test_all_agents_are_listed_as_each_is_told_alone(client: FlaskClient) -> None:
    told = get(client, "/api/v1/agents")

    assert told == [get(client, f"/api/v1/agents/{name}") for name in ("builder", "writer")]


@pytest.mark.parametrize("state", list(LinkState))
def test_a_status_is_observed_only_while_the_gateway_is_connected(
    client: FlaskClient, engine: Engine, state: LinkState
) -> None:
    with engine.connect() as conn:
        record(conn, LinkFacts(state))

    told = get(client, "/api/v1/agents")

    assert {one["statusObserved"] for one in told} == {state is LinkState.CONNECTED}
    assert {one["status"] for one in told} == {"idle"}


def test_a_session_has_the_fields_of_the_contract_and_no_others(
    client: FlaskClient, engine: Engine
) -> None:
    ended = run(
        "run/1",
        status=RunStatus.FAILED,
        conversation="agent:builder:main",
        started_at=1_764_000_000_000,
        ended_at=1_764_000_000_123,
        model="opus",
        reported_tokens=7,
        reported_cost=0.5,
        summary="Almost.",
        error="no",
        inferred=True,
    )
    put(engine, RunChanged(ended), RunChanged(run("run-2", started_at=NOW)))

    running, done = get(client, "/api/v1/agents/builder/sessions")

    assert list(done) == list(running) == SESSION
    assert done == {
        "id": ended.id,
        "runId": "run/1",
        "conversation": "agent:builder:main",
        "status": "failed",
        "startedAt": "2025-11-24T16:00:00.000Z",
        "endedAt": "2025-11-24T16:00:00.123Z",
        "model": "opus",
        "tokens": 7,
        "cost": 0.5,
        "task": None,
        "summary": "Almost.",
        "error": "no",
        "inferred": True,
        "confidence": None,
    }
    unknown = ("conversation", "endedAt", "model", "tokens", "cost", "summary", "error")
    assert {running[name] for name in unknown} == {None}
    assert (running["status"], running["inferred"]) == ("running", False)


def test_sessions_are_paged_by_the_last_one_seen(client: FlaskClient, engine: Engine) -> None:
    put(engine, *(RunChanged(run(f"run-{n}", started_at=NOW - n * MINUTE)) for n in range(5)))
    pages, before = [], ""
    for _ in range(3):
        page = get(client, f"/api/v1/agents/builder/sessions?limit=2&before={before}")
        pages.append([one["id"] for one in page])
        before = pages[-1][-1]

    assert pages == [["run-0", "run-1"], ["run-2", "run-3"], ["run-4"]]


def test_fifty_sessions_are_told_where_nobody_says_how_many(
    client: FlaskClient, engine: Engine
) -> None:
    put(engine, *(RunChanged(run(f"run-{n}")) for n in range(60)))

    assert len(get(client, "/api/v1/agents/builder/sessions")) == 50
    assert len(get(client, "/api/v1/agents/builder/sessions?limit=200")) == 60


def test_a_line_of_history_has_the_fields_of_the_contract_and_no_others(
    client: FlaskClient, engine: Engine
) -> None:
    put(engine, line("first"), line("second", at=1_764_000_000_123, session_id="run-1"))

    second, first = get(client, "/api/v1/activity")

    assert list(first) == ACTIVITY
    assert second == {
        "id": 2,
        "at": "2025-11-24T16:00:00.123Z",
        "agentId": "builder",
        "type": "agent.status",
        "sessionId": "run-1",
        "summary": "second",
    }


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", [4, 3, 2, 1]),
        ("?limit=3", [4, 3, 2]),
        ("?before=3", [2, 1]),
        ("?before=0", []),
        ("?before=9223372036854775807", [4, 3, 2, 1]),
        ("?agents=writer", [4, 3]),
        ("?agents=writer,builder", [4, 3, 2, 1]),
        ("?types=session.started", [3, 1]),
        ("?types=agent.status&agents=builder", [2]),
        ("?types=gap", []),
        ("?types=&agents=&before=&limit=", [4, 3, 2, 1]),
    ],
)
def test_history_is_filtered_and_paged(
    client: FlaskClient, engine: Engine, query: str, told: list[int]
) -> None:
    for agent_id in ("builder", "writer"):
        lines = [line(type=kind, agent_id=agent_id) for kind in ("session.started", "agent.status")]
        with engine.connect() as conn:
            journal.commit(conn, entries(*lines, prefix=agent_id))

    assert [one["id"] for one in get(client, f"/api/v1/activity{query}")] == told


@pytest.mark.parametrize("path", ["/api/v1/agents", "/api/v1/activity", "/api/health"])
def test_no_answer_is_kept_by_a_cache(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_text_of_any_language_arrives_as_it_was_written(
    client: FlaskClient, engine: Engine, database: Database
) -> None:
    database.run("UPDATE agents SET name = :name WHERE id = 'writer'", name="Thot «ⲑⲱⲟⲩⲧ» 🖋️")

    assert get(client, "/api/v1/agents/writer")["name"] == "Thot «ⲑⲱⲟⲩⲧ» 🖋️"
