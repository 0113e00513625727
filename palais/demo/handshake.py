"""Who may connect to the demo gateway: the checks of the real one, in its order, without I/O."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PROTOCOL = 4
SKEW_MS = 120_000
CLIENT_IDS = {"gateway-client", "cli", "test", "node-host", "fingerprint"} | {
    f"openclaw-{name}"
    for name in ("tui", "macos", "linux", "ios", "watchos", "android", "worker", "probe")
}
"""The real list also has the browser clients, which need an allowed Origin."""
MODES = {"webchat", "cli", "ui", "backend", "node", "worker", "probe", "test"}
KEYS = {"minProtocol", "maxProtocol", "client", "role", "scopes", "caps", "auth", "device"} | {
    "locale",
    "userAgent",
    "commands",
    "permissions",
    "pathEnv",
}
TRUSTED_WITHOUT_DEVICE = {("gateway-client", "backend"), ("cli", "cli")}

Params = Mapping[str, Any]


class Refused(Exception):  # noqa: N818 - the gateway refuses; nothing went wrong here
    """The gateway says no, with an error for the answer and a code for the close frame."""

    def __init__(
        self, message: str, details: Params | None = None, *, kind: str = "", close: int = 1008
    ) -> None:
        super().__init__(message)
        self.error: dict[str, Any] = {"code": kind or "INVALID_REQUEST", "message": message}
        if details:
            self.error["details"] = dict(details)
        self.close = close


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the gateway knows before the client speaks; ``now`` in milliseconds."""

    nonce: str
    token: str | None
    origin: str | None
    now: int


def admit(method: str, params: Params, challenge: Challenge) -> list[str]:
    """Return the scopes of this client after its first request, or raise Refused."""
    if method != "connect":
        raise Refused("invalid handshake: first request must be connect")
    _check_shape(params)
    _check_protocol(params)
    device = params.get("device")
    if device:
        _check_device(params, device, challenge)
    _check_token(params, challenge)
    client = params["client"]
    trusted = (client["id"], client["mode"]) in TRUSTED_WITHOUT_DEVICE and not challenge.origin
    return list(params.get("scopes", ())) if device or trusted else []


def signed_text(params: Params, version: str, device: Params) -> str:
    """Return what the client signs to prove that it holds the key of its device."""
    client, auth = params["client"], params.get("auth", {})
    parts = [
        version,
        device["id"],
        client["id"],
        client["mode"],
        params.get("role", "operator"),
        ",".join(params.get("scopes", ())),
        str(device["signedAt"]),
        auth.get("token", ""),
        device["nonce"],
    ]
    if version == "v3":
        parts += [client.get("platform", "").lower(), client.get("deviceFamily", "").lower()]
    return "|".join(parts)


def _check_shape(params: Params) -> None:
    client = params.get("client")
    if not isinstance(client, Mapping):
        raise _invalid("at root: must have required property 'client'")
    for key in params.keys() - KEYS:
        raise _invalid(f"at root: unexpected property '{key}'")
    if client.get("id") not in CLIENT_IDS:
        raise _invalid("at /client/id: must be equal to one of the allowed values")
    if client.get("mode") not in MODES:
        raise _invalid("at /client/mode: must be equal to one of the allowed values")
    if params.get("role", "operator") != "operator":
        raise Refused("invalid role")
    if not isinstance(params.get("auth", {}), Mapping):
        raise _invalid("at /auth: must be object")
    if not all(isinstance(params.get(key), int) for key in ("minProtocol", "maxProtocol")):
        raise _invalid("at root: must have required property 'minProtocol'")


def _check_protocol(params: Params) -> None:
    low, high = params["minProtocol"], params["maxProtocol"]
    if not low <= PROTOCOL <= high:
        details = {
            "code": "PROTOCOL_MISMATCH",
            "clientMinProtocol": low,
            "clientMaxProtocol": high,
            "expectedProtocol": PROTOCOL,
            "minimumProbeProtocol": 3,
        }
        raise Refused("protocol mismatch", details, close=1002)


def _check_token(params: Params, challenge: Challenge) -> None:
    if challenge.token is None:
        return
    auth = params.get("auth", {})
    given = str(auth.get("token") or auth.get("password") or "")
    if not given and not params.get("device"):
        details = {"code": "DEVICE_IDENTITY_REQUIRED"}
        raise Refused("device identity required", details, kind="NOT_PAIRED")
    if not compare_digest(given.encode(), challenge.token.encode()):
        raise Refused(
            "unauthorized: gateway token mismatch (provide gateway auth token)",
            {
                "code": "AUTH_TOKEN_MISMATCH",
                "authReason": "token_mismatch",
                "canRetryWithDeviceToken": False,
                "recommendedNextStep": "update_auth_credentials",
            },
        )


def _check_device(params: Params, device: Params, challenge: Challenge) -> None:
    try:
        key = _decode(device["publicKey"])
        signature = _decode(device["signature"])
        signed_at, nonce, ident = int(device["signedAt"]), device["nonce"], device["id"]
        public = Ed25519PublicKey.from_public_bytes(key)
    except (KeyError, TypeError, ValueError):
        raise _invalid("at /device") from None
    if ident != hashlib.sha256(key).hexdigest():
        raise _device("device identity mismatch", "DEVICE_ID_MISMATCH", "device-id-mismatch")
    if abs(challenge.now - signed_at) > SKEW_MS:
        raise _device("device signature expired", "SIGNATURE_EXPIRED", "device-signature-stale")
    if nonce != challenge.nonce:
        raise _device("device nonce mismatch", "NONCE_MISMATCH", "device-nonce-mismatch")
    if not any(_verified(public, signature, signed_text(params, v, device)) for v in ("v3", "v2")):
        raise _device("device signature invalid", "SIGNATURE_INVALID", "device-signature")


def _verified(key: Ed25519PublicKey, signature: bytes, text: str) -> bool:
    try:
        key.verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _invalid(where: str) -> Refused:
    return Refused(f"invalid connect params: {where}")


def _device(message: str, code: str, reason: str) -> Refused:
    return Refused(message, {"code": f"DEVICE_AUTH_{code}", "reason": reason})
