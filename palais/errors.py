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

    ``code`` is the kind of reason (``LOST``, ``SILENT``, …), by which pages say it in the reader's
    language; ``retry_after`` is how many seconds the gateway itself asks to wait, where it does.
    """

    def __init__(
        self, message: str, retry_after: float | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.code = code


class RefusedError(GatewayError):
    """The gateway answered and said no; trying again soon will not help.

    ``code`` is the gateway's own reason (``AUTH_TOKEN_MISMATCH``, ``PAIRING_REQUIRED``, …),
    ``remedy`` is what the operator has to do, as a sentence, and ``command`` what to run for it.
    """

    def __init__(self, code: str, message: str, remedy: str, command: str | None = None) -> None:
        super().__init__(f"{message} {remedy}", code=code)
        self.remedy = remedy
        self.command = command


class PictureError(PalaisError):
    """A picture could not be had, or is none; what was there before stays."""


class NotFoundError(PalaisError):
    """No such agent, session or page."""


class BadRequestError(PalaisError):
    """A caller sent a parameter that means nothing."""
