"""The connection's protocol: how Palais introduces itself, and what it makes of the answer."""

import base64
import hashlib
import json
import sys

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from palais.errors import GatewayError, RefusedError
from palais.gateway.link import Memory
from palais.version import VERSION
from tests.gateway.frames import T0, Json, challenge, event, hello, lifecycle
from tests.gateway.replay import TOKEN, Replay

METHODS = ["agents.list", "sessions.list", "sessions.subscribe", "audit.activity.list"]
EVENTS = ["agent", "session.message", "sessions.changed", "tick"]


def introduced(token: str | None = TOKEN) -> Json:
    """Return the parameters with which Palais answers a challenge."""
    replay = Replay(token=token)
    replay.receive(challenge(T0 + 7))
    (request,) = replay.asked
    assert (request["type"], request["method"]) == ("req", "connect")
    return dict(request["params"])


def decoded(text: str) -> bytes:
    assert "=" not in text
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_palais_introduces_itself_with_these_words_and_no_others() -> None:
    params = introduced()
    device = params.pop("device")
    assert params == {
        "minProtocol": 3,
        "maxProtocol": 4,
        "client": {
            "id": "gateway-client",
            "version": VERSION,
            "platform": sys.platform,
            "mode": "backend",
            "displayName": "Palais",
        },
        "role": "operator",
        "scopes": ["operator.read"],
        "caps": ["tool-events"],
        "locale": "en",
        "userAgent": f"palais/{VERSION}",
        "auth": {"token": TOKEN},
    }
    assert set(device) == {"id", "publicKey", "signature", "signedAt", "nonce"}


def test_palais_says_nothing_before_it_is_challenged() -> None:
    replay = Replay()
    replay.wait(60_000)
    assert replay.asked == []
    assert not replay.link.greeted


def test_without_a_token_there_is_no_auth() -> None:
    assert "auth" not in introduced(token=None)


def test_palais_never_declares_itself_a_human_reviewer() -> None:
    assert not {"approvals", "exec-approvals"} & set(introduced()["caps"])


def test_the_device_is_the_digest_of_its_public_key() -> None:
    device = introduced()["device"]
    public_key = decoded(device["publicKey"])
    assert len(public_key) == 32
    assert device["id"] == hashlib.sha256(public_key).hexdigest()


@pytest.mark.parametrize("token", [TOKEN, None])
def test_the_signature_covers_the_challenge_and_what_palais_claims(token: str | None) -> None:
    device = introduced(token)["device"]
    key = Ed25519PublicKey.from_public_bytes(decoded(device["publicKey"]))
    claim = (
        f"v3|{device['id']}|gateway-client|backend|operator|operator.read"
        f"|{T0 + 7}|{token or ''}|a-nonce|{sys.platform}|"
    )
    key.verify(decoded(device["signature"]), claim.encode())
    with pytest.raises(InvalidSignature):
        key.verify(decoded(device["signature"]), claim.replace("a-nonce", "b-nonce").encode())
    assert (device["nonce"], device["signedAt"]) == ("a-nonce", T0 + 7)


@pytest.mark.parametrize("payload", [{}, {"nonce": "n"}, {"ts": T0}, {"nonce": "", "ts": T0}])
def test_a_challenge_without_its_parts_is_a_fault_and_is_not_answered(payload: Json) -> None:
    replay = Replay()
    replay.receive(event("connect.challenge", payload))
    assert replay.asked == []
    assert sum(replay.link.faults.values()) == 1


def test_the_hello_lets_palais_in_and_says_whom_it_talks_to() -> None:
    replay = Replay().connect()
    link = replay.link
    assert link.connected
    assert (link.protocol, link.server_version, link.boot_id) == (4, "2026.9.6", "boot-1")


def test_events_before_the_hello_mean_nothing() -> None:
    replay = Replay()
    replay.receive(challenge())
    replay.receive(lifecycle("early", "start"))
    replay.receive(hello())
    assert replay.runs() == []


def test_a_hello_without_a_protocol_is_no_gateway_of_ours() -> None:
    with pytest.raises(GatewayError, match="names no protocol") as caught:
        Replay().connect(protocol="four")
    assert not isinstance(caught.value, RefusedError)


@pytest.mark.parametrize("scopes", [[], ["operator.write"], None])
def test_a_hello_that_grants_nothing_to_read_is_a_refusal(scopes: object) -> None:
    with pytest.raises(RefusedError, match="did not grant operator") as caught:
        Replay().connect(auth={"role": "operator", "scopes": scopes})
    assert caught.value.code == "SCOPE_MISSING"


@pytest.mark.parametrize("scopes", [5, "operator.read.nothing", {"operator.read": 1}])
def test_scopes_that_are_no_list_grant_nothing(scopes: object) -> None:
    with pytest.raises(RefusedError):
        Replay().connect(auth={"scopes": scopes})


def test_features_that_palais_needs_and_the_gateway_lacks_are_listed() -> None:
    features = {"methods": METHODS[1:], "events": EVENTS[1:]}
    assert Replay().connect(features=features).link.missing == ("agents.list", "agent")
    complete = {"methods": METHODS, "events": EVENTS}
    assert Replay().connect(features=complete).link.missing == ()


def test_a_gateway_that_lists_no_features_is_not_accused() -> None:
    assert Replay().connect().link.missing == ()


@pytest.mark.parametrize(
    ("policy", "patience"),
    [
        ({"tickIntervalMs": 30_000}, 60_000),
        ({"tickIntervalMs": 15_000}, 30_000),
        ({}, 60_000),
        ({"tickIntervalMs": 0}, 60_000),
        ({"tickIntervalMs": "soon"}, 60_000),
        ({"tickIntervalMs": 2**53}, 600_000),
    ],
)
def test_patience_lasts_two_ticks(policy: Json, patience: int) -> None:
    assert Replay().connect(policy=policy).link.patience_ms == patience


def test_patience_before_the_hello_is_a_minute() -> None:
    assert Replay().link.patience_ms == 60_000


def catching_up(replay: Replay) -> int:
    return len(replay.requests("sessions.subscribe"))


def test_a_gap_is_counted_and_makes_palais_catch_up() -> None:
    replay = Replay().connect()
    for seq in (1, 2, 3):
        replay.receive(event("tick", {}, seq))
    assert (catching_up(replay), replay.link.faults) == (1, {})
    replay.receive(event("tick", {}, 5))
    assert catching_up(replay) == 2
    assert replay.link.faults == {"the gateway dropped events": 1}


def test_the_event_after_a_gap_counts_too() -> None:
    replay = Replay().connect()
    replay.receive(event("tick", {}, 1))
    replay.receive({**lifecycle("late", "start"), "seq": 9})
    assert replay.run("late").open


@pytest.mark.parametrize("numbers", [(4, 4), (4, 3), (4, None, 5), (4, True, 5), (4, "x", 5)])
def test_a_repeated_or_missing_number_is_no_gap(numbers: tuple[object, ...]) -> None:
    replay = Replay().connect()
    for seq in numbers:
        replay.receive({**event("tick", {}), "seq": seq})
    assert replay.link.faults == {}


def test_protocol_3_numbers_mean_nothing() -> None:
    replay = Replay().connect(protocol=3)
    for seq in (12, 31, 90):
        replay.receive(event("tick", {}, seq))
    assert (catching_up(replay), replay.link.faults) == (1, {})


def test_numbers_begin_anew_with_each_connection() -> None:
    first = Replay().connect()
    first.receive(event("tick", {}, 40))
    second = Replay(memory=Memory("boot-1", first.now), court=first.court).connect()
    second.receive(event("tick", {}, 1))
    assert second.link.faults == {}


def test_an_answer_to_nobodys_question_is_passed_over() -> None:
    replay = Replay().connect()
    court, asked = replay.court, list(replay.asked)
    for request_id in ("p999", "connect", ""):
        replay.receive({"type": "res", "id": request_id, "ok": True, "payload": {"agents": []}})
        replay.receive({"type": "res", "id": request_id, "ok": False, "error": {}})
    assert (replay.court, replay.asked) == (court, asked)
    assert replay.link.faults == {}


def test_the_same_answer_twice_counts_once() -> None:
    replay = Replay(silent=True).connect()
    listed = next(one for one in replay.asked if one["method"] == "agents.list")
    for request in [one for one in replay.asked if one["method"] != "connect"]:
        replay.answer(request, ok=True, payload={"agents": [{"id": "writer"}]})
    assert set(replay.court.agents) == {"writer"}
    replay.answer(listed, ok=True, payload={"agents": [{"id": "forged"}]})
    assert set(replay.court.agents) == {"writer"}


def test_request_ids_are_never_used_twice() -> None:
    replay = Replay().connect()
    replay.receive(lifecycle("a", "start"))
    replay.wait(60_000)
    ids = [request["id"] for request in replay.asked]
    assert len(ids) > 10
    assert len(ids) == len(set(ids))


def test_the_token_is_in_no_request_but_the_first() -> None:
    replay = Replay().connect()
    replay.receive(lifecycle("a", "start"))
    replay.wait(20_000)
    assert TOKEN in json.dumps(replay.asked[0])
    assert TOKEN not in json.dumps(replay.asked[1:])


def test_nothing_but_reading_is_ever_asked() -> None:
    replay = Replay().connect()
    replay.receive(lifecycle("a", "start"))
    replay.receive(event("config.changed", {}))
    replay.wait(30_000)
    assert {request["method"] for request in replay.asked} == {
        *("connect", "agents.list", "sessions.subscribe", "sessions.list"),
        *("audit.activity.list", "sessions.messages.subscribe", "sessions.usage"),
    }
