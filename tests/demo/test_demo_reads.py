"""The read methods of the demo gateway: answered like the real ones, and true to the events."""

from itertools import pairwise

import pytest

from palais.demo.gateway import DemoGateway


def test_without_the_read_scope_nothing_is_told_and_nothing_answered(connect, quiet):
    client = connect(quiet)
    client.enter(scopes=[])
    quiet.run_now("tutor")
    error = client.request("sessions.list")["error"]
    assert error["code"] == "FORBIDDEN"
    assert error["details"]["missingScope"] == "operator.read"
    assert client.request("health")["ok"]
    assert {frame["event"] for frame in client.events} <= {"health"}


def test_an_unknown_method_and_an_unknown_parameter_are_refused_in_the_gateways_words(
    connect, quiet
):
    client = connect(quiet)
    client.enter()
    assert client.request("no.such")["error"]["message"] == "missing scope: operator.admin"
    assert client.request("chat.send")["error"]["message"] == "missing scope: operator.write"
    bogus = client.request("sessions.list", {"bogus": 1})["error"]["message"]
    assert bogus == "invalid sessions.list params: at root: unexpected property 'bogus'"
    assert client.request("sessions.list", {"limit": "x"})["error"]["code"] == "INVALID_REQUEST"
    admin = connect(quiet)
    admin.enter(scopes=["operator.admin"])
    assert admin.request("no.such")["error"]["message"] == "unknown method: no.such"


def test_the_roster_is_the_ten_agents_of_the_seed(subscribed):
    listed = subscribed.request("agents.list")["payload"]
    names = {agent["id"]: agent["name"] for agent in listed["agents"]}
    assert names == {
        "concierge": "Mobutoo",
        "builder": "Imhotep",
        "writer": "Thot",
        "artist": "Basquiat",
        "tutor": "Piccolo",
        "explorer": "R2D2",
        "marketer": "Marketer",
        "cfo": "CFO",
        "maintainer": "Maintainer",
        "messenger": "Hermes",
    }
    assert listed["defaultId"] == listed["agents"][0]["id"] == "concierge"
    rest = [agent["id"] for agent in listed["agents"][1:]]
    assert rest == sorted(rest)


def test_the_lists_show_a_run_while_it_lasts_and_its_outcome_after(connect):
    with DemoGateway(speed=0.001, quiet=True) as slow:
        client = connect(slow)
        client.enter()
        slow.run_now("artist")
        active = client.request("sessions.list", {"activeOnly": True})["payload"]["sessions"]
        assert [(row["key"], row["status"]) for row in active] == [("agent:artist:main", "running")]
        assert slow.busy() == {"artist"}


def test_the_reads_agree_with_what_the_events_told(quiet, subscribed, settled):
    run_id = quiet.run_now("builder", task="Compte.")
    row = subscribed.until(settled(run_id))[-1]["payload"]["session"]
    assert subscribed.request("sessions.list", {"activeOnly": True})["payload"]["count"] == 0
    described = subscribed.request("sessions.describe", {"key": row["key"]})["payload"]["session"]
    assert described | {"snapshotAt": 0} == row | {"snapshotAt": 0}
    history = subscribed.request("chat.history", {"sessionKey": row["key"]})["payload"]
    bills = [
        message["usage"]["cost"]["total"]
        for message in history["messages"]
        if message["role"] == "assistant" and message["__openclaw"]["runId"] == run_id
    ]
    assert sum(bills) == pytest.approx(row["estimatedCostUsd"])
    assert history["sessionInfo"]["activeRunIds"] == []
    assert len(history["messages"]) == history["totalMessages"]
    last = subscribed.request("chat.history", {"sessionKey": row["key"], "limit": 1})["payload"]
    assert last["messages"] == history["messages"][-1:]
    assert last["hasMore"]


def test_the_audit_lists_beginnings_and_ends_newest_first(quiet, subscribed, settled):
    ids = []
    for scenario in ("completed", "failed", "aborted", "timeout"):
        ids.append(quiet.run_now("explorer", scenario))
        subscribed.until(settled(ids[-1]))
    params = {"limit": 100, "kind": "agent_run"}
    events = subscribed.request("audit.activity.list", params)["payload"]["events"]
    assert [entry["status"] for entry in events[::2]] == [
        "timed_out",
        "cancelled",
        "failed",
        "succeeded",
    ]
    assert [entry["runId"] for entry in events[1::2]] == ids[::-1]
    assert all(a["sequence"] == b["sequence"] + 1 for a, b in pairwise(events))
    assert events[-1]["action"] == "agent.run.started"
    page = subscribed.request("audit.activity.list", {"limit": 3})["payload"]
    rest = subscribed.request("audit.activity.list", {"cursor": page["nextCursor"]})["payload"]
    assert page["events"] + rest["events"] == events
    none = {"after": events[0]["occurredAt"] + 1}
    assert subscribed.request("audit.activity.list", none)["payload"]["events"] == []


def test_subscribing_to_the_messages_of_a_session_is_acknowledged(subscribed):
    answer = subscribed.request("sessions.messages.subscribe", {"key": "main"})["payload"]
    assert answer == {"subscribed": True, "key": "agent:concierge:main"}
    assert not subscribed.request("sessions.messages.subscribe")["ok"]


def test_what_happened_before_the_connection_is_in_the_reads(connect):
    with DemoGateway(speed=200, seed=5) as gateway:
        client = connect(gateway)
        client.enter()
        client.until(lambda frame: frame["event"] == "chat" and _final(frame))
        late = connect(gateway)
        late.enter()
        params = {"kind": "agent_run", "limit": 500}
        events = late.request("audit.activity.list", params)["payload"]["events"]
        assert "succeeded" in {entry["status"] for entry in events}


def _final(frame):
    return frame["payload"]["state"] == "final"


def test_the_usage_of_a_day_is_what_the_messages_billed(quiet, subscribed, settled):
    run_id = quiet.run_now("builder", task="Compte.")
    subscribed.until(settled(run_id))
    billed = [
        frame["payload"]["message"]["usage"]
        for frame in subscribed.events
        if frame["event"] == "session.message" and "usage" in frame["payload"]["message"]
    ]
    told = usage(subscribed)
    [builder] = [row for row in told["sessions"] if row["key"] == "agent:builder:main"]
    [day] = builder["usage"]["dailyBreakdown"]
    everybody = sum(row["usage"]["totalTokens"] for row in told["sessions"])
    assert everybody == sum(one["totalTokens"] for one in billed) == told["totals"]["totalTokens"]
    assert told["totals"]["totalCost"] == pytest.approx(sum(one["cost"]["total"] for one in billed))
    assert day["tokens"] == builder["usage"]["totalTokens"] > 0
    assert told["cacheStatus"]["status"] == "fresh"


def test_usage_is_told_of_the_days_the_agents_and_as_many_as_are_asked_for(
    quiet, subscribed, settled
):
    assert "cacheStatus" not in usage(subscribed)
    for agent_id in ("writer", "cfo"):
        subscribed.until(settled(quiet.run_now(agent_id)))
    assert len(usage(subscribed, limit=1)["sessions"]) == 1
    own = subscribed.request("sessions.usage", {"agentId": "cfo"})["payload"]["sessions"]
    assert {row["agentId"] for row in own} == {"cfo"}
    then = usage(subscribed, startDate="2020-01-01", endDate="2020-01-01")
    assert {row["usage"]["totalTokens"] for row in then["sessions"]} == {0}


@pytest.mark.parametrize(
    "params",
    [
        {"startDate": "2026-11-23"},
        {"startDate": "2026-11-23", "endDate": "2026-11-22"},
        {"startDate": "x", "endDate": "y"},
        {"agentScope": "all", "agentId": "cfo"},
        {"offset": 1},
    ],
)
def test_usage_of_what_means_nothing_is_refused(subscribed, params):
    assert subscribed.request("sessions.usage", params)["error"]["code"] == "INVALID_REQUEST"


def usage(client, **params):
    return client.request("sessions.usage", {"agentScope": "all", **params})["payload"]
