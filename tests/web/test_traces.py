"""A session's steps by the API, and whole, to take away."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests.web.test_openapi import valid
from tests.web.traced import agents, at, delegated, session, step, steps

BASE = "/api/v1/agents/builder/sessions/s1"


@pytest.fixture(autouse=True)
def two_sessions(engine: Engine) -> None:
    agents(engine)
    delegated(engine)


def test_a_session_s_steps_are_a_flat_list_as_the_contract_has_it(client: FlaskClient) -> None:
    found = client.get(f"{BASE}/spans").json

    valid_list(found)
    assert [one["id"] for one in found] == ["m1", "t1", "t2", "d1", "a1"]
    assert found[1] == {
        "id": "t1",
        "parentId": "m1",
        "type": "tool_call",
        "name": "exec",
        "title": None,
        "status": "ok",
        "durationMs": 3000,
        "model": None,
        "tokensIn": None,
        "tokensOut": None,
        "startedAt": "2026-11-23T08:00:02.000Z",
        "endedAt": "2026-11-23T08:00:05.000Z",
        "cacheRead": None,
        "cacheWrite": None,
        "cost": None,
        "error": None,
        "input": '{"path": "/tmp"}',
        "output": "ok",
        "inputClipped": False,
        "outputClipped": False,
        "childSessionId": None,
        "childAgentId": None,
    }


def valid_list(found: list[dict[str, Any]]) -> None:
    assert found
    for one in found:
        valid("SessionSpan", one)


def test_content_is_left_out_and_sub_agents_are_added_where_that_is_asked(
    client: FlaskClient,
) -> None:
    found = client.get(f"{BASE}/spans?content=false&children=true").json

    valid_list(found)
    assert not any(one["input"] or one["output"] for one in found)
    owners = {one["id"]: (one["agentId"], one["sessionId"], one["parentId"]) for one in found}
    assert owners["t1"] == ("builder", "s1", "m1")
    assert owners["s2/m1"] == ("writer", "s2", "d1")
    assert owners["s2/t1"] == ("writer", "s2", "s2/m1")


def test_one_step_is_told_whole_whatever_is_in_its_id(client: FlaskClient, engine: Engine) -> None:
    steps(engine, "s1", step("call/7 ?#é", input="whole"))

    found = client.get(f"{BASE}/spans/call%2F7%20%3F%23%C3%A9").json

    valid("SessionSpan", found)
    assert (found["id"], found["input"]) == ("call/7 ?#é", "whole")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/spans?content=0", 400),
        ("/spans?children=yes", 400),
        ("/spans/none", 404),
        ("/spans/%00", 404),
    ],
)
def test_what_means_nothing_or_is_not_there_is_refused(
    client: FlaskClient, path: str, status: int
) -> None:
    answer = client.get(f"{BASE}{path}")

    assert answer.status_code == status
    valid("Error", answer.json)


@pytest.mark.parametrize("path", ["spans", "spans/t1", "trace.json", "otlp.json"])
def test_a_session_is_its_agent_s_alone(client: FlaskClient, path: str) -> None:
    assert client.get(f"/api/v1/agents/writer/sessions/s1/{path}").status_code == 404


def test_the_whole_trace_is_a_list_in_the_order_of_its_tree(client: FlaskClient) -> None:
    answer = client.get(f"{BASE}/trace.json")

    valid("Trace", answer.json)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="s1.trace.json"'
    assert answer.json["session"]["task"] == "Lever le plan"
    assert answer.json["begunBy"] is None
    told = [(one["depth"], one["id"]) for one in answer.json["spans"]]
    assert told == [
        *((0, "m1"), (1, "t1"), (1, "t2"), (1, "d1"), (2, "s2/m1"), (3, "s2/t1"), (0, "a1")),
    ]
    assert answer.json["spans"][0]["total"] == {
        "steps": 6,
        "errors": 1,
        "durationMs": 40_000,
        "ownMs": 5000,
        "tokens": 1015,
        "uncounted": 0,
        "cost": 0.02,
        "unpriced": 1,
    }


def test_a_sub_agent_s_trace_says_which_step_began_it(client: FlaskClient) -> None:
    body = client.get("/api/v1/agents/writer/sessions/s2/trace.json").json

    valid("Trace", body)
    assert body["begunBy"] == {"agentId": "builder", "sessionId": "s1", "spanId": "d1"}


def attributes(told: dict[str, Any]) -> dict[str, Any]:
    return {one["key"]: next(iter(one["value"].values())) for one in told["attributes"]}


def otlp(client: FlaskClient, path: str = BASE) -> dict[str, dict[str, Any]]:
    """Return the spans by the id they have here; a session's by its id."""
    found = {}
    for resource in client.get(f"{path}/otlp.json").json["resourceSpans"]:
        service = attributes(resource["resource"])["service.name"]
        for span in resource["scopeSpans"][0]["spans"]:
            known = attributes(span) | {"service": service}
            own = known["palais.session.id"]
            key = f"{own}/{known['palais.span.id']}" if "palais.span.id" in known else own
            found[key] = span | {"known": known}
    return found


def test_otlp_has_one_trace_of_both_sessions_each_under_its_agent(client: FlaskClient) -> None:
    found = otlp(client)
    ids = {one["spanId"] for one in found.values()}

    assert set(found) == {
        *("s1", "s1/m1", "s1/t1", "s1/t2", "s1/d1", "s1/a1", "s2", "s2/m1", "s2/t1"),
    }
    assert len({one["traceId"] for one in found.values()}) == 1
    assert len(ids) == len(found)
    assert all(len(one["spanId"]) == 16 and int(one["spanId"], 16) for one in found.values())
    assert all(len(one["traceId"]) == 32 and int(one["traceId"], 16) for one in found.values())
    parents = {
        key: next((k for k, v in found.items() if v["spanId"] == one.get("parentSpanId")), None)
        for key, one in found.items()
    }
    assert parents == {
        "s1": None,
        "s1/m1": "s1",
        "s1/t1": "s1/m1",
        "s1/t2": "s1/m1",
        "s1/d1": "s1/m1",
        "s1/a1": "s1",
        "s2": "s1/d1",
        "s2/m1": "s2",
        "s2/t1": "s2/m1",
    }
    assert {key: one["known"]["service"] for key, one in found.items()} == {
        key: "writer" if key.startswith("s2") else "builder" for key in found
    }


def test_otlp_is_written_as_its_json_encoding_wants_it(client: FlaskClient) -> None:
    found = otlp(client)
    call, failed, open_ = found["s1/m1"], found["s1/t2"], found["s1/a1"]

    assert call["startTimeUnixNano"] == "1795420800000000000"
    assert call["endTimeUnixNano"] == "1795420809000000000"
    assert (call["name"], call["kind"], call["status"]) == ("chat pharaon-2", 3, {"code": 1})
    assert call["known"]["gen_ai.operation.name"] == "chat"
    assert call["known"]["gen_ai.provider.name"] == "acme"
    assert call["known"]["gen_ai.request.model"] == "pharaon-2"
    assert call["known"]["gen_ai.usage.input_tokens"] == "920"
    assert call["known"]["gen_ai.usage.cache_read.input_tokens"] == "20"
    assert call["known"]["gen_ai.usage.output_tokens"] == "80"
    assert call["known"]["palais.cost.usd"] == 0.02
    assert failed["status"] == {"code": 2, "message": "No such file"}
    assert failed["known"]["error.type"] == "_OTHER"
    assert failed["name"] == "execute_tool exec"
    assert found["s1/t1"]["known"]["gen_ai.tool.call.arguments"] == '{"path": "/tmp"}'
    assert found["s1/d1"]["name"] == "invoke_agent writer"
    assert open_["endTimeUnixNano"] == open_["startTimeUnixNano"]
    assert (open_["status"], open_["known"]["palais.end.observed"]) == ({"code": 0}, False)


def test_both_sessions_of_a_delegation_are_exported_under_the_same_ids(
    client: FlaskClient,
) -> None:
    whole, part = otlp(client), otlp(client, "/api/v1/agents/writer/sessions/s2")

    assert {key: one["spanId"] for key, one in part.items()} == {
        key: one["spanId"] for key, one in whole.items() if key.startswith("s2")
    }
    assert part["s2"]["traceId"] == whole["s1"]["traceId"]
    assert part["s2"]["parentSpanId"] == whole["s1/d1"]["spanId"]


def test_a_session_without_steps_has_an_empty_list(client: FlaskClient, engine: Engine) -> None:
    session(engine, "s9")

    assert client.get("/api/v1/agents/builder/sessions/s9/spans").json == []
    assert list(otlp(client, "/api/v1/agents/builder/sessions/s9")) == ["s9"]


def test_a_tree_deeper_than_json_may_be_can_be_taken_away(
    client: FlaskClient, engine: Engine
) -> None:
    session(engine, "deep")
    chain = [step(f"{n:04}", f"{n - 1:04}", started_at=at(n)) for n in range(1000)]
    steps(engine, "deep", *chain)

    found = client.get("/api/v1/agents/builder/sessions/deep/trace.json").json["spans"]

    assert [one["depth"] for one in found] == list(range(1000))
    assert found[0]["total"]["steps"] == 1000


HOSTILE = {
    "endless": {"status": "running", "duration_ms": 2**53},
    "backwards": {"started_at": at(9), "ended_at": at(1)},
    "far": {"started_at": datetime(9999, 12, 31, 23, tzinfo=UTC), "duration_ms": 10**9},
    "old": {"started_at": datetime(1970, 1, 1, tzinfo=UTC), "ended_at": at(1)},
}


@pytest.mark.parametrize("which", HOSTILE)
def test_times_that_make_no_sense_break_no_page_and_no_export(
    client: FlaskClient, engine: Engine, which: str
) -> None:
    session(engine, "odd")
    parents = [step("p", "q"), step("q", "p"), step("self", "self")]
    steps(engine, "odd", *parents, step(which, "p", **HOSTILE[which]))

    base = "/api/v1/agents/builder/sessions/odd"
    paths = [f"{base}/{name}" for name in ("spans", f"spans/{which}", "trace.json", "otlp.json")]
    answers = [client.get(path) for path in [*paths, "/agents/builder/traces/odd"]]

    assert [answer.status_code for answer in answers] == [200] * 5
    valid("Trace", answers[2].json)
    assert all((one["total"]["durationMs"] or 0) >= 0 for one in answers[2].json["spans"])
    for span in answers[3].json["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        start, end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
        assert 0 <= start <= end < 2**64


def said(client: FlaskClient, path: str) -> str:
    html = client.get(path, headers={"Accept-Language": "fr"}).get_data(as_text=True)
    return " ".join(html.replace("&nbsp;", " ").replace("&lt;", "<").split())


def test_a_page_says_what_is_with_and_what_without_the_sub_agents(client: FlaskClient) -> None:
    above = said(client, "/agents/builder/traces/s1")
    below = said(client, "/agents/writer/traces/s2").split("<main")[1].split("</main")[0]

    assert "avec les sous-agents : 1 015 jetons, ≥ 0,0200 $" in above
    assert "data-alone>hors sous-agents" in above
    assert "data-fine>0,0500 $" in above
    assert "avec les sous-agents :" not in below
    assert "data-alone hidden>hors sous-agents" in below
