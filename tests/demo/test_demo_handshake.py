"""The handshake refuses what the real gateway refuses, with the same words."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from palais.demo.gateway import DemoGateway
from palais.demo.handshake import Challenge, Refused, admit, signed_text

NOW = 1_795_375_737_096
CLIENT = {"id": "gateway-client", "version": "0.1.0", "platform": "Linux", "mode": "backend"}
OTHER = {**CLIENT, "id": "test", "mode": "test"}


def params(**changes):
    given = {"minProtocol": 3, "maxProtocol": 4, "client": CLIENT, "scopes": ["operator.read"]}
    return {key: value for key, value in {**given, **changes}.items() if value is not None}


def challenge(**changes):
    return Challenge(**{"nonce": "n-1", "token": None, "origin": None, "now": NOW, **changes})


def text(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def with_device(version="v3", *, given=None, **changes):
    key = Ed25519PrivateKey.generate()
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    device = {
        "id": hashlib.sha256(raw).hexdigest(),
        "publicKey": text(raw),
        "signedAt": NOW,
        "nonce": "n-1",
        **changes,
    }
    given = given or params(client=OTHER)
    signature = key.sign(signed_text(given, version, device).encode())
    return {**given, "device": {**device, "signature": text(signature)}}


def refusal(given, **of_challenge):
    with pytest.raises(Refused) as refused:
        admit("connect", given, challenge(**of_challenge))
    details = refused.value.error.get("details", {})
    return details.get("code"), refused.value.close


@pytest.mark.parametrize(("low", "high"), [(4, 4), (3, 4), (1, 99)])
def test_a_range_that_contains_protocol_4_is_admitted(low, high):
    assert admit("connect", params(minProtocol=low, maxProtocol=high), challenge()) == [
        "operator.read"
    ]


@pytest.mark.parametrize("number", [3, 5])
def test_any_other_range_is_refused_and_closed_with_1002(number):
    given = params(minProtocol=number, maxProtocol=number)
    assert refusal(given) == ("PROTOCOL_MISMATCH", 1002)


def test_a_wrong_token_is_refused_and_the_right_one_also_passes_as_password():
    wrong = params(auth={"token": "falsch"})
    assert refusal(wrong, token="echt") == ("AUTH_TOKEN_MISMATCH", 1008)
    for name in ("token", "password"):
        given = params(auth={name: "echt"})
        assert admit("connect", given, challenge(token="echt")) == ["operator.read"]


def test_without_a_token_and_without_a_device_a_client_is_not_paired():
    assert refusal(params(), token="echt") == ("DEVICE_IDENTITY_REQUIRED", 1008)


def test_an_unknown_client_enters_without_a_device_but_with_no_scopes():
    assert admit("connect", params(client=OTHER), challenge()) == []
    assert admit("connect", params(), challenge(origin="http://localhost")) == []


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_a_signed_device_gets_the_scopes_it_asks_for(version):
    assert admit("connect", with_device(version), challenge()) == ["operator.read"]


def test_a_device_that_proves_nothing_is_refused():
    other_nonce = with_device(nonce="n-0")
    too_old = with_device(signedAt=NOW - 3_600_000)
    other_id = with_device(id="0" * 64)
    changed = {**with_device(), "scopes": ["operator.admin"]}
    assert refusal(other_nonce) == ("DEVICE_AUTH_NONCE_MISMATCH", 1008)
    assert refusal(too_old) == ("DEVICE_AUTH_SIGNATURE_EXPIRED", 1008)
    assert refusal(other_id) == ("DEVICE_AUTH_DEVICE_ID_MISMATCH", 1008)
    assert refusal(changed) == ("DEVICE_AUTH_SIGNATURE_INVALID", 1008)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hello": 1}, "at root: unexpected property 'hello'"),
        ({"client": {**CLIENT, "id": "palais"}}, "at /client/id"),
        ({"client": {**CLIENT, "mode": "operator"}}, "at /client/mode"),
        ({"client": None}, "required property 'client'"),
        ({"maxProtocol": None}, "required property 'minProtocol'"),
        ({"auth": "secret"}, "at /auth"),
        ({"device": {"id": "x"}}, "at /device"),
        ({"role": "spectator"}, "invalid role"),
    ],
)
def test_connect_is_a_closed_form(changes, words):
    with pytest.raises(Refused, match=words):
        admit("connect", params(**changes), challenge())


def test_a_refusal_over_the_wire_is_an_answer_and_then_a_close(connect):
    with DemoGateway(token="echt", quiet=True) as gateway:
        client = connect(gateway)
        answer = client.request("connect", params(auth={"token": "falsch"}))
        assert answer["error"]["details"]["code"] == "AUTH_TOKEN_MISMATCH"
        assert answer["error"]["details"]["recommendedNextStep"] == "update_auth_credentials"
        _, code, reason = client.farewell()
        assert (code, reason) == (
            1008,
            "unauthorized: gateway token mismatch (provide gateway auth token)",
        )


def test_a_first_request_other_than_connect_is_refused(connect, quiet):
    client = connect(quiet)
    assert "first request must be connect" in client.request("health")["error"]["message"]
    assert client.farewell()[1] == 1008


@pytest.mark.parametrize(
    ("first", "code"),
    [("no json", 1000), (json.dumps({"type": "req", "id": "1", "method": "x" * 70_000}), 1009)],
)
def test_a_first_frame_that_is_no_request_or_too_long_ends_the_connection(
    connect, quiet, first, code
):
    client = connect(quiet)
    client.socket.send(first)
    assert client.farewell()[1] == code


def test_the_welcome_says_who_serves_what_is_allowed_and_what_is_offered(connect, quiet):
    hello = connect(quiet).enter(scopes=["operator.read", "operator.banana"])
    assert (hello["type"], hello["protocol"]) == ("hello-ok", 4)
    assert hello["server"]["version"].startswith("demo-")
    assert hello["server"]["bootId"]
    assert hello["auth"]["scopes"] == ["operator.read", "operator.banana"]
    assert hello["policy"]["tickIntervalMs"] == 30_000
    assert {"agents.list", "sessions.list"} <= set(hello["features"]["methods"])
    assert {"agent", "session.message"} <= set(hello["features"]["events"])


def test_the_boot_id_changes_when_the_gateway_starts_again(connect):
    gateway = DemoGateway(quiet=True)
    boots = []
    for _ in range(2):
        with gateway:
            boots.append((gateway.url, connect(gateway).enter()["server"]["bootId"]))
    assert boots[0][0] == boots[1][0]
    assert boots[0][1] != boots[1][1]
