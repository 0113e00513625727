"""The stream, from its first byte to the viewer's leaving."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from palais import create_app
from palais.live import sse
from palais.live import viewer as viewers
from palais.live.hub import Broadcast, Hub
from palais.store.models import db
from tests.database import keyed, settings
from tests.store.rows import NOW

Watch = Callable[..., "object"]
Append = Callable[..., None]

NOBODY = "postgresql+psycopg2://palais@127.0.0.1:9/palais"


def told(row_id: int, agent_id: str = "builder", kind: str = "agent.status") -> Broadcast:
    return sse.agent_event("k3f9", row_id, agent_id, kind, json.dumps({"n": row_id}))


def test_a_stream_says_at_once_where_the_log_stands(watch: Watch, append: Append) -> None:
    append("a")
    append("b")

    stream = watch()

    [connected, gateway] = stream.chunk()
    assert (gateway.name, gateway.body["state"]) == ("gateway", "offline")
    assert connected.name == "connected"
    assert (connected.body["epoch"], connected.body["head"]) == ("k3f9", 2)
    assert NOW <= connected.body["ts"] <= NOW + 3_600_000


def test_the_first_bytes_tell_a_browser_how_soon_to_come_again(watch: Watch) -> None:
    stream = watch()

    assert next(iter(stream.response.response)).startswith(b"retry: 3000\n\nevent: connected\n")


def test_no_proxy_is_to_keep_a_stream_for_itself(watch: Watch) -> None:
    headers = watch().response.headers

    assert headers["Content-Type"].split(";")[0] == "text/event-stream"
    assert set(headers["Cache-Control"].split(", ")) == {"no-store", "no-transform"}
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Length" not in headers


def test_what_is_published_reaches_every_viewer(watch: Watch, hub: Hub) -> None:
    streams = [watch(), watch()]

    hub.publish(told(1))
    hub.publish(sse.ping())
    hub.publish(told(2))
    hub.close()

    for stream in streams:
        seen = stream.rest()
        assert [one.name for one in seen] == ["connected", "gateway", "agent", "ping", "agent"]
        assert [one.last_id for one in seen] == ["", "", "k3f9.1", "k3f9.1", "k3f9.2"]


def test_a_viewer_gets_live_what_it_asked_for_and_what_is_for_everybody(
    watch: Watch, hub: Hub
) -> None:
    stream = watch("?agents=builder&types=agent.status,agent.presence")
    stream.chunk()

    hub.publish(told(1))
    hub.publish(told(2, "writer"))
    hub.publish(told(3, kind="session.started"))
    hub.publish(sse.presence_event("builder", "{}"))
    hub.publish(sse.presence_event("writer", "{}"))
    hub.publish(sse.ping())
    hub.close()

    seen = [(one.name, one.body.get("n")) for one in stream.rest()]
    assert seen == [("agent", 1), ("agent", None), ("ping", None)]


def test_a_viewer_that_cannot_keep_up_is_told_so_and_let_go(
    watch: Watch, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewers, "QUEUED", 2)
    slow = watch()
    slow.chunk()

    for number in (1, 2, 3, 4):
        hub.publish(told(number))

    assert len(hub) == 0
    seen = slow.rest()
    assert [one.name for one in seen] == ["agent", "agent", "lagged"]
    assert seen[-1].last_id == "k3f9.2"


def test_a_viewer_that_lagged_resumes_where_it_was(
    watch: Watch, hub: Hub, append: Append, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewers, "QUEUED", 2)
    slow = watch()
    slow.chunk()
    for number in (1, 2, 3, 4):
        append(str(number))
        hub.publish(told(number))
    cursor = slow.rest()[-1].last_id

    again = watch(Last_Event_ID=cursor)

    assert [one.last_id for one in again.until("k3f9.4")[2:]] == ["k3f9.3", "k3f9.4"]


def test_a_closed_hub_ends_the_stream_without_a_word(watch: Watch, hub: Hub) -> None:
    stream = watch()
    stream.chunk()

    hub.close()

    assert stream.rest() == []


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_viewer_that_goes_away_leaves_the_hub(watch: Watch, hub: Hub, chunks: int) -> None:
    stream, other = watch(), watch()
    hub.publish(told(1))
    for _ in range(chunks):
        stream.chunk()

    stream.leave()

    assert len(hub) == 1
    assert other.chunk()[0].name == "connected"


def test_whoever_asks_for_the_headers_alone_does_not_stay(client: FlaskClient, hub: Hub) -> None:
    with client.head("/api/sse") as answer:
        assert answer.status_code == 200
        assert answer.data == b""

    assert len(hub) == 0


def test_an_open_stream_keeps_no_connection_to_the_database(
    watch: Watch, app: Flask, append: Append
) -> None:
    for number in range(3):
        append(str(number))
    stream = watch(Last_Event_ID="k3f9.0")
    with app.app_context():
        pool = db.engine.pool

    assert pool.checkedout() == 0
    stream.until("k3f9.3")

    assert pool.checkedout() == 0


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?types=nonsense", "types takes only: agent.presence, agent.registered"),
        ("?types=agent.status,nonsense", "types takes only"),
        ("?agents=../etc", "agents holds something that is no agent id"),
        ("?agents=builder,%00", "agents holds something that is no agent id"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(
    client: FlaskClient, hub: Hub, query: str, said: str
) -> None:
    answer = client.get(f"/api/sse{query}")

    assert answer.status_code == 400
    assert answer.json["error"]["code"] == "bad_request"
    assert said in answer.json["error"]["message"]
    assert len(hub) == 0


@pytest.mark.parametrize("query", ["?types=&agents=", "?types=,&agents=,builder,"])
def test_an_empty_filter_lets_everything_through(watch: Watch, hub: Hub, query: str) -> None:
    stream = watch(query)
    stream.chunk()

    hub.publish(told(1))

    assert stream.chunk()[0].body["n"] == 1


@pytest.mark.parametrize("hub_of", [lambda: None, Hub])
def test_a_process_that_follows_no_log_sends_viewers_elsewhere(
    app: Flask, client: FlaskClient, hub_of: Callable[[], Hub | None]
) -> None:
    hub = hub_of()
    if hub is not None:
        hub.close()
    app.extensions["palais.hub"] = hub

    answer = client.get("/api/sse")

    assert answer.status_code == 503
    assert answer.json["error"]["code"] == "unavailable"
    assert answer.headers["Retry-After"] == "5"


def test_without_a_database_a_viewer_is_refused_and_forgotten(tmp_path: Path) -> None:
    app = create_app(settings(NOBODY, tmp_path))
    app.extensions["palais.hub"] = hub = Hub()

    answer = keyed(app).get("/api/sse")

    assert answer.status_code == 503
    assert len(hub) == 0
