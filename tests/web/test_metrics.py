"""What Prometheus is told."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text
from sqlalchemy import Engine, create_engine

from palais.domain.changes import AgentChanged, Change, GapNoted, UsageAdded
from palais.domain.events import Blindness, Status, Unobserved, Usage
from palais.live.hub import Broadcast, Filter, Hub
from palais.store import journal
from palais.store.link import LinkFacts, LinkState, record
from palais.store.recorder import Recorder
from palais.tally import Board, Count, Level, Tally
from palais.version import VERSION
from palais.web.metrics import scrape
from palais.web.request import reading
from tests.database import Database
from tests.store.rows import DAY, MINUTE, NOW, court, entries, line, named, run

NOBODY = "postgresql+psycopg2://palais@127.0.0.1:9/palais"

Told = dict[tuple[str, ...], float]


def scraped(client: FlaskClient) -> Told:
    """Return the value of each series, by its name and the values of its labels."""
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.data
    told: Told = {}
    for family in plain_text(answer.text):
        for sample in family.samples:
            key = (sample.name, *sample.labels.values())
            assert key not in told, key
            told[key] = sample.value
    return told


def put(engine: Engine, *changes: Change, prefix: str = "test") -> None:
    with engine.connect() as conn:
        journal.commit(conn, entries(*changes, prefix=prefix))


def test_each_agent_has_one_status_of_four(client: FlaskClient, engine: Engine) -> None:
    put(engine, AgentChanged(named(status=Status.BUSY, active_sessions=2), profile=True))

    told = scraped(client)

    statuses = {key[2]: value for key, value in told.items() if key[0] == "palais_agent_status"}
    assert statuses == {"idle": 0, "busy": 1, "error": 0, "offline": 0}
    assert told["palais_agent_active_sessions", "builder"] == 2


def test_tokens_and_cost_are_those_of_the_whole_ledger(client: FlaskClient, engine: Engine) -> None:
    first, second = run("run-1"), run("run-2")
    long_ago = NOW - 400 * DAY
    put(
        engine,
        *court(first, second),
        UsageAdded(first, "a", Usage(tokens_in=1, tokens_out=2, cache_read=3, cache_write=4)),
        UsageAdded(first, "b", Usage(tokens_in=10, cost=0.5, at=long_ago)),
        UsageAdded(second, "a", Usage(tokens_in=100, cost=0.25, at=NOW)),
    )

    told = scraped(client)

    assert told["palais_agent_tokens_total", "builder"] == 120
    assert told["palais_agent_cost_usd_total", "builder"] == 0.75


def test_an_agent_that_spent_nothing_counts_from_zero(client: FlaskClient, engine: Engine) -> None:
    put(engine, *court())

    told = scraped(client)

    assert told["palais_agent_tokens_total", "builder"] == 0
    assert told["palais_agent_cost_usd_total", "builder"] == 0


def test_a_ledger_that_takes_too_long_to_add_up_is_left_out_and_the_rest_told(
    client: FlaskClient,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    palais_log: pytest.LogCaptureFixture,
) -> None:
    put(engine, *court())
    monkeypatch.setattr("palais.store.figures.PATIENCE_MS", 20)
    with engine.begin() as conn:
        conn.exec_driver_sql("LOCK TABLE usage_hourly")

        told = scraped(client)

    assert told["palais_database_up",] == 1
    assert told["palais_agent_active_sessions", "builder"] == 0
    assert not [key for key in told if key[0] == "palais_agent_tokens_total"]
    assert "takes too long" in palais_log.text


@pytest.mark.parametrize(
    "strange", ['a"b', "a\\b", "a\nb", "a{b}=1", "\u202eagent", "é" * 3000, "a\tb", "–"]
)
def test_whatever_an_agent_is_called_the_answer_stays_well_formed(
    client: FlaskClient, database: Database, strange: str
) -> None:
    for agent_id in (strange, strange + "!"):
        database.run("INSERT INTO agents (id, name) VALUES (:id, 'x')", id=agent_id)

    names = [key[1] for key in scraped(client) if key[0] == "palais_agent_active_sessions"]

    assert len(set(names)) == 2
    assert all(len(name) <= 110 and name.isprintable() for name in names)


@pytest.mark.parametrize("state", list(LinkState))
def test_the_gateway_is_in_one_state(client: FlaskClient, engine: Engine, state: LinkState) -> None:
    with engine.connect() as conn:
        record(conn, LinkFacts(state))

    told = scraped(client)

    assert {one: told["palais_gateway_state", one] for one in LinkState} == {
        one: float(one is state) for one in LinkState
    }


def test_gaps_are_counted_from_their_table(client: FlaskClient, engine: Engine) -> None:
    put(
        engine,
        GapNoted(Unobserved(NOW - 9 * MINUTE, NOW - 8 * MINUTE, Blindness.GATEWAY)),
        GapNoted(Unobserved(NOW - 7 * MINUTE, NOW - 6 * MINUTE - 500, Blindness.SEQUENCE)),
        GapNoted(Unobserved(NOW - 5 * MINUTE, NOW - 4 * MINUTE, Blindness.PALAIS)),
    )

    told = scraped(client)

    assert told["palais_gateway_reconnects_total",] == 2
    assert told["palais_gateway_gap_seconds_total",] == 179.5


def test_before_the_first_gap_both_of_its_counters_are_zero(client: FlaskClient) -> None:
    told = scraped(client)

    assert told["palais_gateway_reconnects_total",] == 0
    assert told["palais_gateway_gap_seconds_total",] == 0


def test_the_lag_is_the_age_of_the_oldest_row_that_was_not_published(
    client: FlaskClient, engine: Engine, hub: Hub, database: Database
) -> None:
    put(engine, line("1"), line("2"), line("3"))
    database.run("UPDATE activity_log SET recorded_at = now() - (9 - id) * interval '1 minute'")

    hub.tally.set(Level.SEEN, 1)
    behind = scraped(client)["palais_stream_lag_seconds",]
    hub.tally.set(Level.SEEN, 3)
    caught_up = scraped(client)["palais_stream_lag_seconds",]

    assert 420 <= behind < 480
    assert caught_up == 0


def test_where_nobody_follows_the_log_there_is_no_lag(client: FlaskClient) -> None:
    assert not [key for key in scraped(client) if key[0] == "palais_stream_lag_seconds"]


@pytest.fixture
def other(hub: Hub) -> Tally:
    """Give what another process of this host counts in."""
    board = Board(3)
    hub.tally.join(board, board.claim())
    other = Tally()
    other.join(board, board.claim())
    return other


def test_one_scrape_sees_all_processes_of_the_host(
    client: FlaskClient, engine: Engine, hub: Hub, other: Tally, database: Database
) -> None:
    put(engine, line("1"), line("2"))
    database.run("UPDATE activity_log SET recorded_at = now() - interval '1 minute' WHERE id = 2")
    hub.join(Filter())
    hub.publish(Broadcast(b"1"), Broadcast(b"2"))
    hub.tally.set(Level.SEEN, 2)
    other.add(Count.EVENTS, 2)
    other.add(Count.DROPPED)
    other.set(Level.VIEWERS, 40)
    other.set(Level.SEEN, 1)

    told = scraped(client)

    assert told["palais_stream_viewers",] == 41
    assert told["palais_stream_events_total",] == 4
    assert told["palais_stream_dropped_viewers_total",] == 1
    assert told["palais_stream_lag_seconds",] >= 60


def test_batches_are_counted_with_the_time_they_took(
    client: FlaskClient, engine: Engine, hub: Hub
) -> None:
    recorder = Recorder(engine, hub.tally)
    assert recorder.acquire()
    recorder.write(entries(*court(), line("1")), None)
    recorder.write(entries(line("2"), prefix="more"), None)
    recorder.release()

    told = scraped(client)

    assert told["palais_ingest_events_total",] == 3
    assert told["palais_ingest_batch_seconds_count",] == 2
    assert told["palais_ingest_batch_seconds_bucket", "+Inf"] == 2
    assert told["palais_ingest_batch_seconds_sum",] > 0


def test_the_version_and_the_process_are_told(client: FlaskClient) -> None:
    told = scraped(client)

    assert told["palais_build_info", VERSION] == 1
    assert {key[0] for key in told if key[0].startswith("process_")} >= {
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "process_open_fds",
    }


def test_open_metrics_is_spoken_where_it_is_asked_for(client: FlaskClient, engine: Engine) -> None:
    put(engine, *court())

    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text"})

    assert answer.content_type.startswith("application/openmetrics-text; version=1.0.0")
    names = {family.name for family in open_metrics(answer.text)}
    assert {"palais_agent_tokens", "palais_ingest_batch_seconds", "palais_database_up"} <= names


def test_without_a_database_what_the_process_knows_is_still_told(
    client: FlaskClient,
    hub: Hub,
    monkeypatch: pytest.MonkeyPatch,
    palais_log: pytest.LogCaptureFixture,
) -> None:
    away = create_engine(NOBODY)
    monkeypatch.setitem(scrape.__globals__, "reading", lambda: reading(away))
    hub.publish(Broadcast(b"ping"))

    told = scraped(client)

    assert told["palais_database_up",] == 0
    assert told["palais_stream_events_total",] == 1
    assert not [key for key in told if key[0].startswith(("palais_agent", "palais_gateway"))]
    assert "got no answer from the database" in palais_log.text
    assert "127.0.0.1" not in palais_log.text


def test_a_scrape_gives_its_connection_back_and_its_patience_with_it(
    app: Flask, client: FlaskClient
) -> None:
    scraped(client)

    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
        assert engine.pool.checkedout() == 0
        with engine.connect() as conn:
            assert conn.exec_driver_sql("SHOW statement_timeout").scalar() == "0"
