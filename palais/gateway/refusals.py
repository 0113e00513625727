"""What a refused connect means, and what the operator has to run. See PROTOCOL.md, "Refusals"."""

from typing import Final, NamedTuple

from palais.domain.text import is_id
from palais.errors import GatewayError, RefusedError
from palais.gateway import fields
from palais.gateway.backoff import CEILING
from palais.gateway.frames import Json

SOON: Final = 0.5
RETRYABLE: Final = frozenset({"UNAVAILABLE"})


class Remedy(NamedTuple):
    """What mends a refusal, as a sentence, and what to run for it."""

    words: str
    command: str | None = None


SHOW_TOKEN: Final = "openclaw config get gateway.auth.token"  # noqa: S105  the command, not one
LIST_DEVICES: Final = "openclaw devices list"

SET_TOKEN: Final = Remedy("Set OPENCLAW_GATEWAY_TOKEN to the gateway's token.", SHOW_TOKEN)
REMEDIES: Final = {
    "AUTH_TOKEN_MISMATCH": Remedy(
        f"Set OPENCLAW_GATEWAY_TOKEN to the gateway's token (on its host: {SHOW_TOKEN}).",
        SHOW_TOKEN,
    ),
    "AUTH_TOKEN_MISSING": SET_TOKEN,
    "AUTH_SCOPE_MISMATCH": Remedy(
        f"Approve Palais's device again on the gateway's host: {LIST_DEVICES}, then openclaw "
        "devices approve <requestId>.",
        LIST_DEVICES,
    ),
    "PROTOCOL_MISMATCH": Remedy("Palais speaks protocols 3 and 4: update the gateway or Palais."),
    "DEVICE_IDENTITY_REQUIRED": SET_TOKEN,
    "DEVICE_AUTH_SIGNATURE_EXPIRED": Remedy("Set the clocks of both hosts by NTP."),
    "CONTROL_UI_ORIGIN_NOT_ALLOWED": Remedy(
        "Connect without a browser's Origin header in between."
    ),
}
NEW_DEVICE: Final = Remedy(
    "Delete device_key in PALAIS_DATA_DIR, start Palais again and approve the new device."
)


def refusal(error: Json, device_id: str) -> GatewayError:
    """Return the error for a refused connect: RefusedError where only a person can mend it."""
    details = fields.mapping(error, "details")
    code = fields.line(details, "code") or fields.line(error, "code") or "REFUSED"
    if "expectedProtocol" in details:  # protocol 3 gives no code
        code = "PROTOCOL_MISMATCH"
    message = fields.line(error, "message") or "no reason given"
    if passes({**error, "code": code}):
        asked = fields.whole(error, "retryAfterMs")
        seconds = None if asked is None else min(max(asked / 1000, SOON), CEILING)
        return GatewayError(f"The gateway is not ready yet: {message}.", seconds, "NOT_READY")
    said = f"The gateway refused the connection: {message.rstrip('.')}."
    return RefusedError(code, said, *_remedy(code, details, device_id))


def passes(error: Json) -> bool:
    """Whether the gateway refuses only for now: the same may be asked again later."""
    return fields.word(error, "code") in RETRYABLE or fields.flag(error, "retryable") is True


def _remedy(code: str, details: Json, device_id: str) -> Remedy:
    if code in {"PAIRING_REQUIRED", "NOT_PAIRED"}:
        request_id = fields.word(details, "requestId")
        # It becomes part of a command that a person is told to run.
        request_id = request_id if is_id(request_id) else "<requestId>"
        command = f"openclaw devices approve {request_id}"
        device = f"(Palais is device {device_id[:12]}…)"
        return Remedy(f"On the gateway's host run: {command} {device}.", command)
    if code in REMEDIES:
        return REMEDIES[code]
    if code.startswith("AUTH_"):
        return REMEDIES["AUTH_TOKEN_MISMATCH"]
    if code.startswith("DEVICE_"):
        return NEW_DEVICE
    return Remedy("Run: flask gateway check.")
