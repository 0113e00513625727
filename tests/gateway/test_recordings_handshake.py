"""Recorded answers to a connect request: who is let in, and what everybody else has to run."""

import json

import pytest

from palais.errors import RefusedError
from tests.gateway.frames import challenge
from tests.gateway.recording import FRAMES, Connection, connections
from tests.gateway.replay import IDENTITY, Replay

LET_IN = {
    "01": {
        *("gateway-client/backend token, read, no device", "cli/cli token, read, no device"),
        *("gateway-client/backend token, admin+approvals, no device", "token as password"),
        *("gateway-client/backend Host palais.local", "proto 3-4", "proto 1-99", "scope bogus"),
        *("device cli/cli read", "device cli/cli read again", "device gateway-client/ui"),
        *("device cli/cli read+approvals (scope upgrade)", "device test/test v2 signature"),
        *("device gateway-client/backend", "caps many"),
    },
    "01b": {
        *("shared token + device, cli/cli read", "deviceToken only in auth.token"),
        *("deviceToken in auth.deviceToken (signature over it)", "after approve"),
        "autoApproveLocal=false: new device gateway-client/backend",
        "autoApproveLocal=false: no device gateway-client/backend",
        "autoApproveLocal=false: no device cli/cli",
    },
}
TOKEN = "OPENCLAW_GATEWAY_TOKEN"
APPROVE = "openclaw devices approve"
DEVICE_KEY = "device_key in PALAIS_DATA_DIR"
CHECK = "flask gateway check"
LIMITS = "17-limits-and-bad-frames.jsonl"

REFUSED = [
    ("01", "gateway-client/backend token, scopes []", "SCOPE_MISSING", APPROVE),
    ("01", "gateway-client/ui token no device", "SCOPE_MISSING", APPROVE),
    ("01", "gateway-client/cli mode no device", "SCOPE_MISSING", APPROVE),
    ("01", "test/test no device", "SCOPE_MISSING", APPROVE),
    ("01", "openclaw-probe/probe no device", "SCOPE_MISSING", APPROVE),
    ("01", "openclaw-linux/ui no device", "SCOPE_MISSING", APPROVE),
    ("01", "gateway-client/backend + Origin header", "SCOPE_MISSING", APPROVE),
    ("01", "webchat/webchat no device", "CONTROL_UI_ORIGIN_NOT_ALLOWED", "Origin"),
    ("01", "openclaw-control-ui/ui no device no origin", "CONTROL_UI_ORIGIN_NOT_ALLOWED", "Origin"),
    ("01", "unknown client id palais", "INVALID_REQUEST", CHECK),
    ("01", "unknown mode operator", "INVALID_REQUEST", CHECK),
    ("01", "role bogus", "INVALID_REQUEST", CHECK),
    ("01", "extra param", "INVALID_REQUEST", CHECK),
    ("01", "wrong token", "AUTH_TOKEN_MISMATCH", TOKEN),
    ("01", "no token", "DEVICE_IDENTITY_REQUIRED", TOKEN),
    ("01", "role node no device", "DEVICE_IDENTITY_REQUIRED", TOKEN),
    ("01", "proto 3-3", "PROTOCOL_MISMATCH", "protocols 3 and 4"),
    ("01", "proto 5-5", "PROTOCOL_MISMATCH", "protocols 3 and 4"),
    ("01", "device wrong nonce", "DEVICE_AUTH_NONCE_MISMATCH", DEVICE_KEY),
    ("01", "device old signedAt", "DEVICE_AUTH_SIGNATURE_EXPIRED", "clocks"),
    ("01", "device bad signature", "DEVICE_AUTH_SIGNATURE_INVALID", DEVICE_KEY),
    ("01", "device id mismatch", "DEVICE_AUTH_DEVICE_ID_MISMATCH", DEVICE_KEY),
    ("01b", "deviceToken, more scopes than approved", "AUTH_SCOPE_MISMATCH", APPROVE),
    ("01b", "deviceToken with another device", "AUTH_TOKEN_MISMATCH", TOKEN),
    ("01b", "deviceToken without device block", "AUTH_TOKEN_MISMATCH", TOKEN),
    ("01b", "autoApproveLocal=false: new device cli/cli", "PAIRING_REQUIRED", APPROVE),
    ("22", "wrong token", "AUTH_TOKEN_MISMATCH", TOKEN),
]


def variant(name: str, what: str) -> Connection:
    (found,) = (one for one in connections(name) if one.name == what)
    return found


@pytest.mark.parametrize(("name", "what", "code", "remedy"), REFUSED)
def test_a_refusal_has_a_code_and_says_what_to_do(
    name: str, what: str, code: str, remedy: str
) -> None:
    replay = Replay()
    with pytest.raises(RefusedError) as caught:
        replay.play(variant(name, what))
    assert caught.value.code == code
    assert remedy in caught.value.remedy
    assert str(caught.value).endswith(caught.value.remedy)
    assert caught.value.remedy.endswith(".")
    assert not replay.link.connected


@pytest.mark.parametrize(("name", "let_in"), LET_IN.items())
def test_exactly_these_variants_are_let_in(name: str, let_in: set[str]) -> None:
    found = set()
    for recorded in connections(name):
        replay = Replay()
        try:
            replay.play(recorded)
        except RefusedError:
            continue
        assert replay.link.connected
        found.add(recorded.name)
    assert found == let_in


def test_a_pairing_wait_names_the_very_command_and_the_device() -> None:
    recorded = variant("01b", "autoApproveLocal=false: new device cli/cli")
    with pytest.raises(RefusedError) as caught:
        Replay().play(recorded)
    assert "openclaw devices approve c41a704b-1334-480c-aff5-d9058d1f6304 " in caught.value.remedy
    assert IDENTITY.device_id[:12] in caught.value.remedy
    assert caught.value.command == "openclaw devices approve c41a704b-1334-480c-aff5-d9058d1f6304"


@pytest.mark.parametrize("request_id", ["x; rm -rf ~", "$(reboot)", "a b", "`id`", 7, None])
def test_a_request_id_that_is_no_plain_word_is_not_put_into_a_command(request_id: object) -> None:
    details = {"code": "PAIRING_REQUIRED", "requestId": request_id}
    error = {"code": "NOT_PAIRED", "message": "pairing required", "details": details}
    replay = Replay()
    replay.receive(challenge())
    with pytest.raises(RefusedError) as caught:
        replay.receive({"type": "res", "id": "connect", "ok": False, "error": error})
    assert "openclaw devices approve <requestId> " in caught.value.remedy
    assert caught.value.command == "openclaw devices approve <requestId>"


def test_a_refusal_repeats_the_gateways_own_words() -> None:
    with pytest.raises(RefusedError, match="at /client/id: must be equal to one of the allowed"):
        Replay().play(variant("01", "unknown client id palais"))


def test_what_the_gateway_said_to_bad_frames_of_others_lets_nobody_in() -> None:
    notes = [json.loads(line)["frame"] for line in (FRAMES / LIMITS).read_text().splitlines()]
    texts = [text for note in notes for text in note.get("got", []) if text.startswith("{")]
    assert len(texts) == 2
    replay = Replay()
    for text in texts:
        replay.receive(text)
    assert replay.link.greeted
    assert not replay.link.connected
    assert [request["method"] for request in replay.asked] == ["connect"]
