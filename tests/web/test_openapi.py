"""The API's description says what there is, and nothing else."""

import json
import re
import tomllib
from contextlib import suppress
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient

from palais.config import ROOT
from palais.domain.changes import Change, Logged, Presence
from palais.domain.events import Blindness, Unobserved
from palais.errors import GatewayError
from palais.live import sse
from palais.live.hub import LAGGED
from palais.store import wire
from palais.store.link import LinkState
from palais.store.views import GatewayView, Head
from palais.version import VERSION
from palais.web.openapi import DOCUMENT
from tests.gateway.recording import connections, recordings
from tests.gateway.replay import Replay
from tests.live.reading import events
from tests.store.rows import NOW

AUTOMATIC = {"HEAD", "OPTIONS"}


@cache
def shape(name: str) -> jsonschema_rs.Draft202012Validator:
    root = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(root, validate_formats=True)


def valid(name: str, body: object) -> None:
    """Fail where this is not of the shape that the document gives this name."""
    shape(name).validate(body)


def described() -> set[tuple[str, str]]:
    return {(path, method.upper()) for path, item in DOCUMENT["paths"].items() for method in item}


def test_every_route_of_the_api_is_described_and_no_other(app: Flask) -> None:
    def path(rule: str) -> str:
        found = re.sub(r"<(?:\w+:)?(\w+)>", lambda name: "{" + wire.camel(name[1]) + "}", rule)
        return str(found)

    routes = {
        (path(rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.methods
        for method in rule.methods - AUTOMATIC
    }

    assert len(routes) >= 7
    assert described() == routes


def test_the_document_is_openapi_3_1_and_is_served_as_it_is(client: FlaskClient) -> None:
    answer = client.get("/api/openapi.json")

    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json == DOCUMENT
    assert answer.json["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(answer.json).validate()


def test_every_schema_that_is_referred_to_exists() -> None:
    def refs(part: Any) -> set[str]:
        if isinstance(part, dict):
            own = {part["$ref"]} if "$ref" in part else set()
            return own.union(*map(refs, part.values()))
        return set().union(*map(refs, part)) if isinstance(part, list) else set()

    def found(ref: str) -> object:
        part: Any = DOCUMENT
        for name in ref.removeprefix("#/").split("/"):
            part = part[name]
        return part

    assert len(refs(DOCUMENT)) > 15
    assert all(found(ref) for ref in refs(DOCUMENT))


def test_every_parameter_of_a_path_is_described() -> None:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            told = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert told == set(re.findall(r"{(\w+)}", path)), (path, method)


@pytest.fixture(scope="module")
def caused() -> list[Change]:
    """Give what was caused by all that real gateways were recorded to say."""
    found: list[Change] = []
    for name in recordings():
        for recorded in connections(name.partition("-")[0]):
            replay = Replay()
            with suppress(GatewayError):
                replay.play(recorded)
            found += replay.changes
    return found


def test_what_real_gateways_cause_on_the_stream_is_of_the_shape_that_is_described(
    caused: list[Change],
) -> None:
    lines = {wire.event_text(one) for one in caused if isinstance(one, Logged)}
    signs = {wire.presence_text(one) for one in caused if isinstance(one, Presence)}

    assert lines
    assert signs
    for text in lines | signs:
        event = json.loads(text)
        if event["type"] == "agent.registered":
            event["avatarUrl"] = None  # Postgres knows the portrait, and adds it to the line
        valid("AgentEvent", event)


def test_all_types_of_events_are_described_and_were_seen_in_recordings(
    caused: list[Change],
) -> None:
    types = {change.type for change in caused if isinstance(change, Logged)}

    mapping = DOCUMENT["components"]["schemas"]["AgentEvent"]["discriminator"]["mapping"]
    assert types | {"agent.presence", "budget.warning", "gap"} == set(mapping)


def test_a_gap_is_of_the_shape_that_is_described() -> None:
    for reason in Blindness:
        gap = Unobserved(NOW - 1, NOW, reason)
        fields = {"started_at": gap.started_at, "ended_at": gap.ended_at, "reason": reason.value}
        told = Logged("gap", NOW, None, None, reason.value, fields)
        valid("AgentEvent", json.loads(wire.event_text(told)))


@pytest.mark.parametrize("state", list(LinkState))
def test_what_frames_a_stream_is_of_the_shape_that_is_described(state: LinkState) -> None:
    view = GatewayView(state.value, wire.instant(NOW), None, None, None, None, None, None, None)
    told = sse.connected(Head("k3f9", 7)) + sse.gateway_event(view).data + sse.ping().data
    for seen in events(told + sse.RESET + LAGGED):
        valid(f"{seen.name.capitalize()}Event", seen.body)


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "agent.status", "agentId": "a", "status": "asleep", "ts": 1},
        {"type": "agent.presence", "agentId": "a", "activity": None, "ts": 1, "token": "x"},
        {"type": "nonsense", "ts": 1},
    ],
)
def test_what_the_stream_never_carries_is_not_of_that_shape(wrong: object) -> None:
    with pytest.raises(jsonschema_rs.ValidationError):
        valid("AgentEvent", wrong)


def test_there_is_one_version(client: FlaskClient) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert "version" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "palais.version.VERSION"}
    assert client.get("/api/openapi.json").json["info"]["version"] == VERSION
    assert client.get("/api/health").json["version"] == VERSION
    assert f'palais_build_info{{version="{VERSION}"}} 1.0' in client.get("/metrics").text


@pytest.mark.parametrize(("path", "method"), sorted(described()))
def test_without_credentials_only_the_open_part_of_health_is_told(
    anonymous: FlaskClient, path: str, method: str
) -> None:
    answer = anonymous.open(path.replace("{agentId}", "builder"), method=method, json={})

    if path == "/api/health":
        assert answer.json == {"status": "ok"}
    else:
        assert answer.status_code == 401
        valid("Error", answer.json)
