"""What a refused connect means, and what the operator has to run. See PROTOCOL.md, "Refusals"."""

from typing import Final

from palais.domain.text import is_id
from palais.errors import GatewayError, RefusedError
from palais.gateway import fields
from palais.gateway.backoff import CEILING
from palais.gateway.frames import Json

SOON: Final = 0.5
RETRYABLE: Final = frozenset({"UNAVAILABLE"})

REMEDIES: Final = {
    "AUTH_TOKEN_MISMATCH": "Set OPENCLAW_GATEWAY_TOKEN to the gateway's token (on its host: "
    "openclaw config get gateway.auth.token).",
    "AUTH_TOKEN_MISSING": "Set OPENCLAW_GATEWAY_TOKEN to the gateway's token.",
    "AUTH_SCOPE_MISMATCH": "Approve Palais's device again on the gateway's host: openclaw devices "
    "list, then openclaw devices approve <requestId>.",
    "PROTOCOL_MISMATCH": "Palais speaks protocols 3 and 4: update the gateway or Palais.",
    "DEVICE_IDENTITY_REQUIRED": "Set OPENCLAW_GATEWAY_TOKEN to the gateway's token.",
    "DEVICE_AUTH_SIGNATURE_EXPIRED": "Set the clocks of both hosts by NTP.",
    "CONTROL_UI_ORIGIN_NOT_ALLOWED": "Connect without a browser's Origin header in between.",
}
DEVICE_REMEDY: Final = (
    "Delete device_key in PALAIS_DATA_DIR, start Palais again and approve the new device."
)


def refusal(error: Json, device_id: str) -> GatewayError:
    """Return the error for a refused connect: RefusedError where only a person can mend it."""
    details = fields.mapping(error, "details")
    code = fields.line(details, "code") or fields.line(error, "code") or "REFUSED"
    if "expectedProtocol" in details:  # protocol 3 gives no code
        code = "PROTOCOL_MISMATCH"
    message = fields.line(error, "message") or "no reason given"
    if code in RETRYABLE or fields.flag(error, "retryable"):
        asked = fields.whole(error, "retryAfterMs")
        seconds = None if asked is None else min(max(asked / 1000, SOON), CEILING)
        return GatewayError(f"The gateway is not ready yet: {message}.", seconds)
    said = f"The gateway refused the connection: {message.rstrip('.')}."
    return RefusedError(code, said, _remedy(code, details, device_id))


def _remedy(code: str, details: Json, device_id: str) -> str:
    if code in {"PAIRING_REQUIRED", "NOT_PAIRED"}:
        request_id = fields.word(details, "requestId")
        # It becomes part of a command that a person is told to run.
        request_id = request_id if is_id(request_id) else "<requestId>"
        return (
            f"On the gateway's host run: openclaw devices approve {request_id} "
            f"(Palais is device {device_id[:12]}…)."
        )
    if code in REMEDIES:
        return REMEDIES[code]
    if code.startswith("AUTH_"):
        return REMEDIES["AUTH_TOKEN_MISMATCH"]
    if code.startswith("DEVICE_"):
        return DEVICE_REMEDY
    return "Run: flask gateway check."
