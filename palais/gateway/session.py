"""The protocol of a connection to OpenClaw, sans I/O: handshake, requests, sequence, refusals.

See PROTOCOL.md, section 1, and docs/gateway/protocol of the npm package ``openclaw``.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from palais.domain.text import LINE_LIMIT
from palais.errors import DecodeError, GatewayError, RefusedError
from palais.gateway import fields
from palais.gateway.frames import EventFrame, Json, ResponseFrame, encode_request
from palais.gateway.identity import Identity, base64url
from palais.gateway.refusals import passes, refusal
from palais.version import VERSION

MIN_PROTOCOL: Final = 3
MAX_PROTOCOL: Final = 4
ROLE: Final = "operator"
SCOPE: Final = "operator.read"
CLIENT_ID: Final = "gateway-client"
CLIENT_MODE: Final = "backend"
TICK_MS: Final = 30_000
SLOWEST_TICK_MS: Final = 10 * TICK_MS
CONNECT_ID: Final = "connect"

NEEDED_METHODS: Final = frozenset({"agents.list", "sessions.list", "sessions.subscribe"})
NEEDED_EVENTS: Final = frozenset({"agent", "session.message", "sessions.changed"})


@dataclass(frozen=True, slots=True)
class Hello:
    """What the gateway said of itself; ``boot_id`` changes with each start of it."""

    protocol: int
    server_version: str | None
    boot_id: str | None
    tick_ms: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response beside the request it answers; ``error`` is None where it succeeded.

    ``busy`` says that it did not, and may do so later.
    """

    method: str
    params: Json
    payload: Json
    error: str | None
    busy: bool = False


class Session:
    """One connection. Feed it frames with the ``on_`` methods, send what ``outgoing`` returns."""

    def __init__(self, identity: Identity, token: str | None) -> None:
        self._identity = identity
        self._token = token
        self._requests: dict[str, tuple[str, Json]] = {}
        self._outgoing: list[str] = []
        self._number = 0
        self._seq: int | None = None
        self.hello: Hello | None = None

    def outgoing(self) -> list[str]:
        """Return the texts to send now, and forget them."""
        texts, self._outgoing = self._outgoing, []
        return texts

    def request(self, method: str, params: Json) -> None:
        """Ask the gateway something; the answer comes out of ``on_response``."""
        self._number += 1
        self._ask(f"p{self._number}", method, params)

    def on_challenge(self, frame: EventFrame) -> None:
        """Answer the gateway's challenge with a signed connect request."""
        nonce = fields.required_line(frame.payload, "nonce", "a challenge", LINE_LIMIT)
        signed_at = fields.instant(frame.payload, "ts")
        if signed_at is None:
            raise DecodeError("a challenge lacks its time", str(frame.payload)[:100])
        self._ask(CONNECT_ID, "connect", self._connect(nonce, signed_at))

    def on_response(self, frame: ResponseFrame) -> Answer | None:
        """Match a response with its request; None where it belongs to none.

        Raises RefusedError where the gateway refuses the connection or grants it nothing, and
        GatewayError where it says to come back later.
        """
        asked = self._requests.pop(frame.id, None)
        if asked is None:
            return None
        method, params = asked
        if frame.id == CONNECT_ID:
            if not frame.ok:
                raise refusal(frame.error, self._identity.device_id)
            self.hello = self._welcome(frame.payload)
        error = None if frame.ok else fields.line(frame.error, "message") or "unknown error"
        if error and f"missing scope: {SCOPE}" in error:
            raise no_scope()
        busy = not frame.ok and passes(frame.error)
        return Answer(method, params, frame.payload, error, busy)

    def skipped(self, frame: EventFrame) -> int:
        """Return how many events were dropped before this one: 0 in the normal case."""
        before, self._seq = self._seq, frame.seq if frame.seq is not None else self._seq
        # Protocol 3 counts events of the whole gateway, so its numbers say nothing of ours.
        if before is None or frame.seq is None or self.hello is None or self.hello.protocol < 4:
            return 0
        return max(0, frame.seq - before - 1)

    def _ask(self, request_id: str, method: str, params: Json) -> None:
        self._requests[request_id] = (method, params)
        self._outgoing.append(encode_request(request_id, method, params))

    def _connect(self, nonce: str, signed_at: int) -> Json:
        platform = sys.platform
        signed = (
            *("v3", self._identity.device_id, CLIENT_ID, CLIENT_MODE, ROLE, SCOPE),
            *(str(signed_at), self._token or "", nonce, platform, ""),
        )
        params: dict[str, object] = {
            "minProtocol": MIN_PROTOCOL,
            "maxProtocol": MAX_PROTOCOL,
            "client": {
                "id": CLIENT_ID,
                "version": VERSION,
                "platform": platform,
                "mode": CLIENT_MODE,
                "displayName": "Palais",
            },
            "role": ROLE,
            "scopes": [SCOPE],
            "caps": ["tool-events"],
            "locale": "en",
            "userAgent": f"palais/{VERSION}",
            "device": {
                "id": self._identity.device_id,
                "publicKey": base64url(self._identity.public_key),
                "signature": self._identity.sign(signed),
                "signedAt": signed_at,
                "nonce": nonce,
            },
        }
        if self._token:
            params["auth"] = {"token": self._token}
        return params

    def _welcome(self, payload: Json) -> Hello:
        protocol = fields.whole(payload, "protocol")
        if protocol is None:
            raise GatewayError(
                "The gateway's hello names no protocol. Is it an OpenClaw gateway?",
                code="NO_PROTOCOL",
            )
        auth = payload.get("auth")
        # Protocol 3 omits auth for exempt clients; there the first read tells (see on_response).
        if isinstance(auth, dict) and not _grants(auth.get("scopes")):
            raise no_scope()
        server = fields.mapping(payload, "server")
        features = fields.mapping(payload, "features")
        tick_ms = fields.whole(fields.mapping(payload, "policy"), "tickIntervalMs") or TICK_MS
        return Hello(
            protocol=protocol,
            server_version=fields.line(server, "version"),
            boot_id=fields.line(server, "bootId"),
            tick_ms=min(tick_ms, SLOWEST_TICK_MS),
            missing=(
                *_missing(NEEDED_METHODS, features.get("methods")),
                *_missing(NEEDED_EVENTS, features.get("events")),
            ),
        )


def no_scope() -> RefusedError:
    """Return the refusal of a connection that was granted nothing to read."""
    return RefusedError(
        "SCOPE_MISSING",
        f"The gateway accepted the connection, but did not grant {SCOPE}.",
        "Approve Palais's device on the gateway's host: openclaw devices list, then openclaw "
        "devices approve <requestId>.",
        "openclaw devices list",
    )


def _grants(scopes: object) -> bool:
    return isinstance(scopes, list) and SCOPE in scopes


def _missing(needed: Iterable[str], offered: object) -> list[str]:
    if not isinstance(offered, list):
        return []
    return sorted(set(needed) - {str(name)[:LINE_LIMIT] for name in offered})
