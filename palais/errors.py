"""Every error Palais raises on purpose; a message is a sentence with a remedy."""


class PalaisError(Exception):
    """The root: anything that Palais can explain to the person who runs it."""


class ConfigError(PalaisError):
    """A setting is missing or wrong; nothing has been started."""


class EmbeddedDatabaseError(PalaisError):
    """The embedded Postgres could not be created, started or joined."""


class DatabaseUnavailableError(PalaisError):
    """Postgres does not answer; the same call may work later."""


class DecodeError(PalaisError):
    """A frame, or a part of one, is not what the protocol says.

    ``kind`` groups equal faults, so that each is logged once; ``clip`` is the start of the
    offending text, short enough for a log line.
    """

    def __init__(self, kind: str, clip: str = "") -> None:
        super().__init__(f"{kind}: {clip}" if clip else kind)
        self.kind = kind
        self.clip = clip


class GatewayError(PalaisError):
    """The gateway cannot be reached, or the connection to it ended.

    ``retry_after`` is how many seconds the gateway itself asks to wait, where it does.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RefusedError(GatewayError):
    """The gateway answered and said no; trying again soon will not help.

    ``code`` is the gateway's own reason (``AUTH_TOKEN_MISMATCH``, ``PAIRING_REQUIRED``, …) and
    ``remedy`` is what the operator has to do, as a sentence.
    """

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.code = code
        self.remedy = remedy


class NotFoundError(PalaisError):
    """No such agent, session or page."""


class BadRequestError(PalaisError):
    """A caller sent a parameter that means nothing."""
