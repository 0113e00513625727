"""The ledger by the API: pages, periods, and a CSV that no spreadsheet runs."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from palais.domain.changes import UsageAdded
from palais.domain.events import Usage
from palais.store import journal
from palais.web.ledger import export
from tests.database import Database
from tests.store.rows import DAY, MINUTE, NOW, court, entries, named, run

ENTRY = [
    *("sessionId", "key", "agentId", "runId", "at", "model", "provider", "tokens", "tokensIn"),
    *("tokensOut", "cacheRead", "cacheWrite", "cost", "basis"),
]
WRITER = named(id="writer", name="Thot")
BUILT, WROTE = run("run-1"), run("run-2", "writer")


def call(key: str, at: int = NOW, job: Any = BUILT, **said: Any) -> UsageAdded:
    return UsageAdded(job, key, Usage(**{"tokens_in": 5, "cost": 0.25, "at": at, **said}))


def put(engine: Engine, *calls: UsageAdded) -> None:
    with engine.connect() as conn:
        journal.commit(conn, entries(*court(BUILT), *court(WROTE, agent=WRITER), *calls))


def get(client: FlaskClient, **query: Any) -> Any:
    answer = client.get("/api/v1/ledger", query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def keys(told: list[dict[str, Any]]) -> str:
    return "".join(entry["key"] for entry in told)


def exported(client: FlaskClient, **query: Any) -> list[list[str]]:
    answer = client.get("/api/v1/ledger.csv", query_string=query)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.text.endswith("\r\n")
    return list(csv.reader(io.StringIO(answer.text)))


def iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat().replace("+00:00", "Z")


def test_an_entry_has_all_that_is_known_and_null_for_what_is_not(
    client: FlaskClient, engine: Engine
) -> None:
    known = {"model": "a/large", "provider": "a", "priced": "2026-11-23"}
    whole = {"tokens_in": 0, "total": 7, "cost": None}
    put(engine, call("a", tokens_out=2, cache_read=3, **known), call("b", NOW - 1, **whole))

    first, second = get(client)

    assert list(first) == ENTRY
    assert (first["sessionId"], first["agentId"], first["runId"]) == ("run-1", "builder", "run-1")
    assert [first[name] for name in ENTRY[5:]] == [
        *("a/large", "a", 10, 5, 2, 3, 0, 0.25, "prices 2026-11-23")
    ]
    assert [second[name] for name in ENTRY[5:]] == [None, None, 7, *[None] * 5, "unknown"]


def test_pages_follow_each_other_each_entry_once_also_of_the_same_moment(
    client: FlaskClient, engine: Engine
) -> None:
    put(engine, *(call(key, NOW - MINUTE * (key > "c")) for key in "abcdefg"))

    told, before = "", {}
    while page := get(client, limit=2, **before):
        told += keys(page)
        before = {"before": f"{page[-1]['sessionId']}:{page[-1]['key']}"}

    assert told == "cbagfed"


@pytest.mark.parametrize("agents", ["", "builder", "builder,writer", "writer,builder,nobody"])
def test_a_page_of_some_agents_is_what_a_page_of_all_has_of_them(
    client: FlaskClient, engine: Engine, agents: str
) -> None:
    put(engine, *(call(key, NOW - ord(key), (BUILT, WROTE)[ord(key) % 2]) for key in "abcdefgh"))
    wanted = agents.split(",") if agents else ["builder", "writer"]
    everything = [one for one in get(client) if one["agentId"] in wanted]

    page = get(client, agents=agents, limit=3)
    last = page[-1]
    rest = get(client, agents=agents, before=f"{last['sessionId']}:{last['key']}")

    assert [*page, *rest] == everything


def test_a_key_may_have_a_colon_in_it(client: FlaskClient, engine: Engine) -> None:
    put(engine, call("a", NOW - 1), call("span:total:x"))

    assert keys(get(client, before="run-1:span:total:x")) == "a"


@pytest.mark.parametrize("agents", ["", "builder"])
def test_a_period_begins_with_its_first_moment_and_ends_before_its_last(
    client: FlaskClient, engine: Engine, agents: str
) -> None:
    put(engine, *(call(key, NOW + place * MINUTE) for place, key in enumerate("abcd")))
    period = {"from": iso(NOW + MINUTE), "to": iso(NOW + 3 * MINUTE), "agents": agents}

    assert keys(get(client, **period)) == "cb"
    assert keys(get(client, **period, before="run-1:c")) == "b"
    assert keys(get(client, **period, before="run-1:d")) == "cb", "one beyond the period"


def test_a_date_is_its_midnight_in_utc(client: FlaskClient, engine: Engine) -> None:
    midnight = NOW - NOW % DAY
    put(engine, call("a", midnight - 1), call("b", midnight))
    day = iso(midnight)[:10]

    assert (keys(get(client, **{"from": day})), keys(get(client, to=day))) == ("b", "a")


@pytest.mark.parametrize(
    "query",
    [
        *("from=yesterday", "to=2026-13-01", "from=2026-11-23T08:00", "to=20261123", "to=5"),
        *("agents=a%00b", "to=", "from=2026-11-23T25:00:00Z"),
    ],
)
@pytest.mark.parametrize("path", ["ledger", "ledger.csv"])
def test_a_parameter_that_means_nothing_is_refused(
    client: FlaskClient, path: str, query: str
) -> None:
    assert client.get(f"/api/v1/{path}?{query}").status_code == 400


@pytest.mark.parametrize("before", ["run-1:nothing", "run-1", ":", "run-9:a", "%00:%00", "é:é"])
def test_an_entry_that_there_is_not_is_no_place_to_go_on_from(
    client: FlaskClient, engine: Engine, before: str
) -> None:
    put(engine, call("a"))
    assert client.get(f"/api/v1/ledger?before={before}").status_code == 404


@pytest.mark.parametrize("period", ["from=0001-01-01", "from=0001-01-01T00:00:00%2B14:00"])
@pytest.mark.parametrize("until", ["to=9999-12-31T23:59:59-14:00", "to=9999-12-31", ""])
def test_the_ends_of_all_calendars_are_a_period_too(
    client: FlaskClient, engine: Engine, period: str, until: str
) -> None:
    put(engine, call("a", NOW - MINUTE))
    for path in ("ledger", "ledger.csv"):
        answer = client.get(f"/api/v1/{path}?{period}&{until}")
        assert answer.status_code == 200
        assert "run-1" in answer.text


def test_an_empty_ledger_is_a_header(client: FlaskClient) -> None:
    assert get(client) == []
    assert exported(client) == [ENTRY]


def test_a_csv_has_all_of_the_period_however_many_chunks_it_takes(
    client: FlaskClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, *(call(f"k{n:02}", NOW - n % 5) for n in range(30)), call("old", NOW - 40 * DAY))
    everything = [one for one in get(client, limit=200) if one["key"] != "old"]

    for size in (1, 7, 30, 31):
        monkeypatch.setitem(export.__globals__, "CHUNK", size)
        header, *rows = exported(client)
        assert header == ENTRY
        assert [row[1] for row in rows] == [one["key"] for one in everything], size


def test_a_csv_holds_no_connection_while_its_reader_is_slow(
    client: FlaskClient, engine: Engine, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, *(call(f"k{n}") for n in range(9)))
    monkeypatch.setitem(export.__globals__, "CHUNK", 2)
    busy = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"

    answer = client.get("/api/v1/ledger.csv", buffered=False)
    parts = answer.iter_encoded()
    told = [next(parts), next(parts), next(parts)]

    assert database.value(busy) == 0
    assert b"".join([*told, *parts]).count(b"\r\n") == 10


def test_no_cell_is_a_formula(client: FlaskClient, engine: Engine) -> None:
    evil = ["=1+1", "+1", "-1", "@SUM(A1)"]
    put(engine, *(call(name, model=name, provider=name, cost=1e-7) for name in evil))

    _, *rows = exported(client)

    assert {row[1] for row in rows} == {f"'{name}" for name in evil}
    assert {row[5] for row in rows} == {row[6] for row in rows} == {f"'{name}" for name in evil}
    assert {row[12] for row in rows} == {"0.0000001"}


def test_what_is_unknown_is_an_empty_cell(client: FlaskClient, engine: Engine) -> None:
    put(engine, call("a", NOW - MINUTE, total=7, cost=None))

    _, row = exported(client, to=(datetime.now(UTC) + timedelta(days=1)).date().isoformat())

    assert row[5:] == ["", "", "7", "", "", "", "", "", "unknown"]


def test_nobody_reads_the_ledger_without_being_let_in(anonymous: FlaskClient) -> None:
    for path in ("/api/v1/ledger", "/api/v1/ledger.csv"):
        assert anonymous.get(path).status_code == 401
