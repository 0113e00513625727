"""The demo gateway from outside: what a client sees of runs, reads and the end of a connection."""

import json

import pytest
import websocket

from palais.demo.gateway import DemoGateway
from palais.demo.roster import ROSTER
from palais.errors import GatewayError


def events_of(client, name):
    return [frame["payload"] for frame in client.events if frame.get("event") == name]


def test_a_client_sees_a_whole_run(quiet, subscribed, settled):
    run_id = quiet.run_now("writer", task="Écris deux lignes.")
    subscribed.until(settled(run_id))
    phases = [
        payload["data"]["phase"]
        for payload in events_of(subscribed, "agent")
        if payload["stream"] == "lifecycle" and payload["data"].get("model", "") is not None
    ]
    assert phases[0] == "start"
    assert phases[-2:] == ["finishing", "end"]
    first = events_of(subscribed, "session.message")[0]["message"]
    assert (first["role"], first["content"]) == ("user", "Écris deux lignes.")
    assert events_of(subscribed, "chat")[-1]["state"] == "final"
    assert quiet.busy() == set()


@pytest.mark.parametrize(
    ("scenario", "status", "last"),
    [
        ("completed", "done", "final"),
        ("approval", "done", "final"),
        ("failed", "failed", "error"),
        ("aborted", "killed", "aborted"),
        ("timeout", "timeout", "error"),
    ],
)
def test_a_scenario_shows_in_the_row_and_in_the_chat(
    quiet, subscribed, settled, scenario, status, last
):
    run_id = quiet.run_now("maintainer", scenario)
    row = subscribed.until(settled(run_id))[-1]["payload"]["session"]
    assert row["status"] == status
    assert events_of(subscribed, "chat")[-1]["state"] == last


def test_an_approval_waits_and_is_resolved_for_the_same_call(quiet, subscribed, settled):
    subscribed.until(settled(quiet.run_now("cfo", "approval")))
    waits = [
        (payload["data"]["phase"], payload["data"]["toolCallId"])
        for payload in events_of(subscribed, "agent")
        if "approvalId" in payload["data"]
    ]
    assert [phase for phase, _ in waits] == ["waiting-approval", "approval-resolved"]
    assert waits[0][1] == waits[1][1]


def test_the_events_of_a_connection_are_numbered_from_one_without_a_gap(quiet, subscribed, settled):
    subscribed.until(settled(quiet.run_now("builder")))
    numbers = [frame["seq"] for frame in subscribed.events]
    assert numbers == list(range(1, len(numbers) + 1))


def test_session_events_come_only_after_subscribing(connect, quiet, subscribed, settled):
    other = connect(quiet)
    other.enter()
    run_id = quiet.run_now("tutor")
    subscribed.until(settled(run_id))
    other.until(lambda frame: frame["event"] == "task" and _status(frame) == "completed")
    names = {frame["event"] for frame in other.events}
    assert names == {"agent", "chat", "task"}


def _status(frame):
    return frame["payload"]["task"]["status"]


def test_what_is_no_request_is_ignored_after_the_handshake(connect, quiet):
    client = connect(quiet)
    client.enter()
    for text in ("no json", "[]", json.dumps({"type": "req"}), json.dumps({"type": "x"})):
        client.socket.send(text)
    assert client.request("agents.list")["ok"]


def test_a_delegated_run_takes_place_in_a_session_of_its_own_and_names_its_parent(
    quiet, subscribed, settled
):
    children = []
    while not children:
        subscribed.until(settled(quiet.run_now("concierge")))
        children = [
            payload["data"]["result"]["details"]
            for payload in events_of(subscribed, "session.tool")
            if payload["data"]["name"] == "sessions_spawn" and payload["data"]["phase"] == "result"
        ]
    child = children[0]
    row = subscribed.until(settled(child["runId"]))[-1]["payload"]["session"]
    assert row["key"] == child["childSessionKey"]
    assert row["spawnedBy"] == "agent:concierge:main"
    assert row["isBackground"]


def test_a_run_of_a_busy_agent_starts_at_once_in_another_conversation(connect):
    with DemoGateway(speed=0.001, quiet=True) as slow:
        client = connect(slow)
        client.enter()
        slow.run_now("writer")
        slow.run_now("writer")
        active = client.request("sessions.list", {"activeOnly": True})["payload"]["sessions"]
        assert len({row["key"] for row in active}) == 2


def test_a_run_that_begins_later_goes_at_the_speed_of_then(connect, settled):
    with DemoGateway(speed=0.001, quiet=True) as gateway:
        client = connect(gateway)
        client.enter()
        client.request("sessions.subscribe")
        gateway.speed = 2000
        client.until(settled(gateway.run_now("writer")))
        assert gateway.busy() == set()


def test_the_day_goes_on_by_itself_until_everyone_had_a_turn(connect):
    with DemoGateway(speed=200, seed=5) as gateway:
        client = connect(gateway)
        client.enter()
        seen = set()

        def complete(frame):
            seen.add(frame["payload"].get("agentId"))
            return {agent.id for agent in ROSTER} <= seen

        client.until(complete)


def test_the_day_goes_on_after_a_restart(connect):
    gateway = DemoGateway(speed=200, seed=5)
    for _ in range(2):
        with gateway:
            client = connect(gateway)
            client.enter()
            client.until(lambda frame: frame["event"] == "chat" and _final(frame))


def test_a_gateway_in_which_nothing_happens_still_ticks_and_reports_its_health(
    connect, monkeypatch
):
    monkeypatch.setattr("palais.demo.gateway.TICK_MS", 20)
    monkeypatch.setattr("palais.demo.gateway.HEALTH_MS", 50)
    with DemoGateway(quiet=True) as gateway:
        client = connect(gateway)
        client.enter()
        client.until(lambda frame: frame["event"] == "health")
        client.until(lambda frame: frame["event"] == "tick")
        assert len(events_of(client, "health")[0]["agents"]) == 10


def _final(frame):
    return frame["payload"]["state"] == "final"


def test_a_stop_is_announced_and_closed_with_1012(connect):
    with DemoGateway(quiet=True) as gateway:
        client = connect(gateway)
        client.enter()
        gateway.run_now("cfo")
        gateway.stop()
        events, code, reason = client.farewell()
        assert events[-1]["event"] == "shutdown"
        assert events[-1]["payload"] == {"reason": "gateway stopping"}
        assert (code, reason) == (1012, "service restart")


def test_after_a_restart_the_interrupted_run_is_over_and_the_port_is_the_same(connect):
    gateway = DemoGateway(speed=0.001, quiet=True)
    with gateway:
        gateway.run_now("cfo")
        first = gateway.url
    with gateway:
        assert gateway.url == first
        assert gateway.busy() == set()
        client = connect(gateway)
        client.enter()
        (row,) = client.request("sessions.list")["payload"]["sessions"]
        assert (row["status"], row["activeRunIds"]) == ("killed", [])


def test_a_dropped_connection_ends_without_a_close_frame(connect, quiet):
    client = connect(quiet)
    client.enter()
    quiet.drop_connections()
    with pytest.raises(websocket.WebSocketConnectionClosedException):
        client.farewell()
    assert connect(quiet).enter()["type"] == "hello-ok"


def test_a_taken_port_is_explained():
    with DemoGateway(quiet=True) as gateway:
        port = int(gateway.url.rpartition(":")[2])
        with pytest.raises(GatewayError, match="Choose another port"):
            DemoGateway(port=port).start()


def test_starting_or_stopping_twice_changes_nothing():
    gateway = DemoGateway(quiet=True)
    gateway.stop()
    with gateway:
        url = gateway.url
        gateway.start()
        assert gateway.url == url
    gateway.stop()
