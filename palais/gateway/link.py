"""A connection as a whole, sans I/O: frames in, domain events out, whatever dialect is spoken."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from palais.domain.events import Blindness, Event, Unobserved
from palais.domain.secrets import masked
from palais.domain.text import LINE_LIMIT, clean
from palais.errors import DecodeError
from palais.gateway import fields
from palais.gateway.dialects.flat import FlatDialect
from palais.gateway.dialects.openclaw.dialect import OpenClawDialect
from palais.gateway.frames import EventFrame, FlatFrame, ResponseFrame, decode
from palais.gateway.identity import Identity
from palais.gateway.session import TICK_MS, Session

log = logging.getLogger(__name__)

CHALLENGE: Final = "connect.challenge"
KINDS: Final = 200
"""Kinds of faults counted apart: a gateway that makes up names fills no memory and no log."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What an earlier connection left: the gateway's boot, and until when it was observed.

    ``blindness`` says why it was not observed since.
    """

    boot_id: str | None = None
    observed_at: int | None = None
    blindness: Blindness = Blindness.PALAIS


class Link:
    """Feed ``receive`` with each text frame; send what ``outgoing`` returns; call ``tick`` often.

    Times are milliseconds since the Unix epoch. Bad frames are counted in ``faults``, logged once
    a kind, and change nothing.
    """

    def __init__(
        self,
        identity: Identity,
        token: str | None,
        memory: Memory,
        new_id: Callable[[], str],
        faults: Counter[str] | None = None,
    ) -> None:
        self._session = Session(identity, token)
        self._memory = memory
        self._new_id = new_id
        self._openclaw: OpenClawDialect | None = None
        self._flat: FlatDialect | None = None
        self._greeted = False
        self._ahead = 0
        self.faults: Counter[str] = Counter() if faults is None else faults

    @property
    def connected(self) -> bool:
        """Whether the gateway has let Palais in, and its events count."""
        return self._openclaw is not None or self._flat is not None

    @property
    def caught_up(self) -> bool:
        """Whether the first catching-up is over, and what is known of the agents is so now."""
        return self._flat is not None or (self._openclaw is not None and self._openclaw.caught_up)

    @property
    def greeted(self) -> bool:
        """Whether the gateway has sent its challenge."""
        return self._greeted

    @property
    def protocol(self) -> int | None:
        """The protocol agreed on; None for the flat dialect and before the hello."""
        return self._session.hello.protocol if self._session.hello else None

    @property
    def server_version(self) -> str | None:
        """The gateway's version, where it says one."""
        return self._session.hello.server_version if self._session.hello else None

    @property
    def boot_id(self) -> str | None:
        """The id of the gateway's process, where it says one."""
        return self._session.hello.boot_id if self._session.hello else None

    @property
    def missing(self) -> tuple[str, ...]:
        """Methods and events that Palais needs and this gateway does not offer."""
        return self._session.hello.missing if self._session.hello else ()

    @property
    def patience_ms(self) -> int:
        """How long the gateway may be silent before the connection counts as dead."""
        return 2 * (self._session.hello.tick_ms if self._session.hello else TICK_MS)

    @property
    def farewell(self) -> str | None:
        """Why the gateway said it is going away, if it did."""
        return self._openclaw.farewell if self._openclaw else None

    def outgoing(self) -> list[str]:
        """Return the texts to send now."""
        return self._session.outgoing()

    def tick(self, now: int) -> None:
        """Let requests that are due go out."""
        if self._openclaw:
            self._openclaw.tick(now)

    def receive(self, text: str, now: int) -> list[Event]:
        """Return the domain events of one text frame.

        Raises RefusedError or GatewayError where the gateway will not have Palais; a frame that
        makes no sense is counted and yields nothing.
        """
        # Not ``passed_over``: a context manager is too dear for what is done with each frame.
        try:
            return self._dispatch(text, now)
        except DecodeError as error:
            self.fault(error.kind, error.clip)
        except RecursionError:
            self.fault("a frame is nested too deeply")
        return []

    def fault(self, kind: str, clip: str = "") -> None:
        """Count a fault of this kind; log the first one with its clipped copy."""
        kind = clean(kind, LINE_LIMIT)
        if kind not in self.faults and len(self.faults) >= KINDS:
            kind = "faults of other kinds"
        self.faults[kind] += 1
        if self.faults[kind] == 1:
            log.warning("Ignored: %s. The first one reads: %.200r", kind, masked(clip))

    def _dispatch(self, text: str, now: int) -> list[Event]:
        match decode(text):
            case EventFrame(name=name) as frame if name == CHALLENGE:
                self._greeted = True
                self._session.on_challenge(frame)
                self._ahead = (fields.instant(frame.payload, "ts") or now) - now
                return []
            case EventFrame() as frame:
                return self._event(frame, now)
            case ResponseFrame() as frame:
                return self._response(frame, now)
            case FlatFrame() as frame:
                return self._flat_frame(frame, now)

    def _event(self, frame: EventFrame, now: int) -> list[Event]:
        if self._openclaw is None:
            return []
        skipped = self._session.skipped(frame)
        if skipped:
            self.fault("the gateway dropped events", f"{skipped} before seq {frame.seq}")
            self._openclaw.blinded(Blindness.SEQUENCE, now)
        return self._openclaw.event(frame, now)

    def _response(self, frame: ResponseFrame, now: int) -> list[Event]:
        answer = self._session.on_response(frame)
        if answer is None:
            return []
        if self._openclaw is None:
            hello = self._session.hello
            assert hello is not None  # noqa: S101  on_response raised, or the hello is there
            rebooted = hello.boot_id is not None and hello.boot_id != self._memory.boot_id
            self._openclaw = OpenClawDialect(
                self._session.request,
                self.fault,
                since=self._memory.observed_at,
                blindness=self._memory.blindness,
                rebooted=rebooted and self._memory.observed_at is not None,
                ahead=self._ahead,
            )
            self._openclaw.resync()
            return []
        return self._openclaw.answer(answer, now)

    def _flat_frame(self, frame: FlatFrame, now: int) -> list[Event]:
        if self._greeted:
            raise DecodeError("a flat frame on an OpenClaw connection", frame.type[:100])
        if self._flat is None:
            returned = self._memory.observed_at is not None
            self._flat = FlatDialect(self._new_id, returned=returned)
            return [*self._gap(now), *self._flat.receive(frame, now)]
        return self._flat.receive(frame, now)

    def _gap(self, now: int) -> list[Event]:
        since = self._memory.observed_at
        return [] if since is None else [Unobserved(since, now, self._memory.blindness)]
