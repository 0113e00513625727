"""The only file that opens a WebSocket. It reads and writes text frames, and understands none."""

import socket
import ssl
import time
from collections.abc import Callable
from typing import Final, Self
from urllib.parse import urlsplit

import websocket
from websocket._abnf import continuous_frame, frame_buffer

from palais.domain.text import LINE_LIMIT, clean
from palais.errors import GatewayError

MESSAGE_LIMIT: Final = 32 * 1024 * 1024
"""Bytes of the largest message taken in: more than the 25 MiB that OpenClaw ever sends."""

READ_BYTES: Final = 64 * 1024
FINAL_TEXT: Final = 0x81
EXTENDED_16: Final = 126

DIAL_SECONDS: Final = 10.0
PROBE_SECONDS: Final = 1.0

Fault = Callable[[str, str], None]


class Transport:
    """One open WebSocket. ``read`` belongs to one greenlet, the rest to another."""

    def __init__(
        self, ws: websocket.WebSocket, frames: "_BoundedFrames", bounds: "_Bounds"
    ) -> None:
        self._ws = ws
        self._frames = frames
        self._bounds = bounds
        self.heard_at = time.monotonic()

    @classmethod
    def dial(cls, url: str, fault: Fault) -> Self:
        """Open a connection to ``ws://…`` or ``wss://…``; raise GatewayError where it fails.

        ``fault`` is told of messages that are passed over.
        """
        ws = websocket.WebSocket(skip_utf8_validation=True, enable_multithread=True)
        bounds = _Bounds(fault)
        frames = ws.frame_buffer = _BoundedFrames(ws._recv, bounds)
        ws.cont_frame = _BoundedMessage(bounds)
        try:
            # An Origin header would make the gateway grant no scopes (PROTOCOL.md, section 1);
            # a redirect could lead the token astray.
            ws.connect(  # type: ignore[no-untyped-call]
                url, timeout=DIAL_SECONDS, suppress_origin=True, redirect_limit=0
            )
        except (websocket.WebSocketException, OSError, ValueError) as error:
            ws.shutdown()  # type: ignore[no-untyped-call]
            raise GatewayError(
                f"The gateway at {url} does not answer ({_said(error)}).", code="UNREACHABLE"
            ) from None
        ws.settimeout(None)
        return cls(ws, frames, bounds)

    @staticmethod
    def reachable(url: str) -> bool:
        """Whether something listens at the address: a bare TCP connection, closed at once."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "wss" else 80)
        try:
            with socket.create_connection((parts.hostname, port), timeout=PROBE_SECONDS):
                return True
        except OSError:
            return False

    def read(self) -> str:
        """Return the next text frame; raise GatewayError when the connection is over.

        Pings are answered here, so somebody has to be reading at all times.
        """
        while True:
            if not self._ws.cont_frame.recving_frames:
                text = self._frames.plain_text()
                if text is not None:
                    self.heard_at = time.monotonic()
                    return text
            try:
                opcode, data = self._ws.recv_data(control_frame=True)
            except (websocket.WebSocketException, OSError, AttributeError) as error:
                raise GatewayError(
                    f"The connection was lost ({_said(error)}).", code="LOST"
                ) from None
            self.heard_at = time.monotonic()
            if self._bounds.passed_over():
                continue
            if opcode == websocket.ABNF.OPCODE_TEXT:
                return bytes(data).decode("utf-8", "replace")
            if opcode == websocket.ABNF.OPCODE_BINARY:
                self._bounds.fault("a frame is binary", repr(bytes(data[:80])))
            elif opcode == websocket.ABNF.OPCODE_CLOSE:
                raise GatewayError(
                    f"The gateway closed the connection ({_close_said(data)}).", code="CLOSED"
                )

    def send(self, text: str) -> None:
        """Send one text frame; raise GatewayError where the connection is over."""
        self._put(lambda: self._ws.send(text))

    def ping(self) -> None:
        """Send a WebSocket ping, so that a gateway with nothing to say is heard as well."""
        self._put(self._ws.ping)

    def limit(self, seconds: float) -> None:
        """Let ``read`` and ``send`` fail after so many seconds, where nobody else watches."""
        self._ws.settimeout(seconds)

    def close(self) -> None:
        """Close at once; the reading greenlet gets a GatewayError."""
        self._ws.shutdown()  # type: ignore[no-untyped-call]

    def _put(self, put: Callable[[], object]) -> None:
        try:
            put()
        except (websocket.WebSocketException, OSError, AttributeError) as error:
            raise GatewayError(f"The connection was lost ({_said(error)}).", code="LOST") from None


class _Bounds:
    """Tells of messages that are too large, and that the one just read was such a one."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self._exceeded = False

    def exceed(self, kind: str, clip: str) -> None:
        self._exceeded = True
        self.fault(kind, clip)

    def passed_over(self) -> bool:
        exceeded, self._exceeded = self._exceeded, False
        return exceeded


class _BoundedFrames(frame_buffer):
    """Reads frames; the payload of one that is too large is passed over, not kept.

    It reads ahead: the library alone makes three system calls and eight objects a frame.
    """

    def __init__(self, receive: Callable[[int], bytes], bounds: _Bounds) -> None:
        super().__init__(self._ahead, skip_utf8_validation=True)
        self._receive = receive
        self._bounds = bounds
        self._data = b""
        self._at = 0

    def plain_text(self) -> str | None:
        """Return the next frame if it is a whole text message that is here already, and short.

        None leaves everything else (RFC 6455, section 5.2) to the library.
        """
        data, at = self._data, self._at
        if len(data) < at + 4 or data[at] != FINAL_TEXT:
            return None
        size, start = data[at + 1], at + 2
        if size == EXTENDED_16:
            size, start = data[at + 2] << 8 | data[at + 3], at + 4
        elif size > EXTENDED_16:
            return None
        end = start + size
        if end > len(data):
            return None
        self._at = end
        return data[start:end].decode("utf-8", "replace")

    def recv_strict(self, bufsize: int) -> bytes:
        if bufsize <= MESSAGE_LIMIT:
            return bytes(super().recv_strict(bufsize))
        self._bounds.exceed("a frame is too large", f"{bufsize} bytes")
        while bufsize > 0:
            bufsize -= len(super().recv_strict(min(bufsize, 65536)))
        return b""

    def _ahead(self, size: int) -> bytes:
        """Return up to so many of the bytes that are here; read more where there are none."""
        if self._at == len(self._data):
            self._data, self._at = self._receive(READ_BYTES), 0
        start = self._at
        self._at = min(start + size, len(self._data))
        return self._data[start : self._at]


class _BoundedMessage(continuous_frame):
    """Joins the fragments of a message, up to the limit."""

    def __init__(self, bounds: _Bounds) -> None:
        super().__init__(fire_cont_frame=False, skip_utf8_validation=True)
        self._bounds = bounds

    def add(self, frame: websocket.ABNF) -> None:
        super().add(frame)
        if self.cont_data and len(self.cont_data[1]) > MESSAGE_LIMIT:
            self._bounds.exceed("a fragmented message is too large", "")
            self.cont_data[1] = b""


def _said(error: Exception) -> str:
    if isinstance(error, websocket.WebSocketBadStatusException):
        return f"HTTP {error.status_code}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or error}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return clean(str(error), LINE_LIMIT) or type(error).__name__


def _close_said(data: bytes) -> str:
    code = int.from_bytes(data[:2], "big") if len(data) >= 2 else 1005
    reason = clean(data[2:].decode("utf-8", "replace"), 100)
    return f"{code} {reason}".strip()
