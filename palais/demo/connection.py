"""One client of the demo gateway: its rights, its numbering and the frames waiting for it."""

import json
import logging
from collections.abc import Sequence
from queue import SimpleQueue
from socket import SHUT_RDWR
from threading import Thread
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from palais.demo.events import Frame

log = logging.getLogger(__name__)

BACKLOG = 20_000
"""Frames that may wait for a client before it counts as stalled and is cut off."""
FOR_EVERYONE = {"health", "tick", "shutdown"}


def encode(value: Any) -> str:
    """Write JSON as compactly as the real gateway does."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Connection:
    """A WebSocket that passed the handshake.

    Sending never blocks the caller: a thread of its own writes, so that a client that does not
    read holds up nobody else.
    """

    def __init__(self, websocket: ServerConnection, scopes: Sequence[str]) -> None:
        self.scopes = scopes
        self.subscribed = False
        self._websocket = websocket
        self._sequence = 0
        self._outbox: SimpleQueue[str | tuple[int, str]] = SimpleQueue()
        self._writer = Thread(target=self._write, name="demo-writer", daemon=True)
        self._writer.start()

    def wants(self, frame: Frame) -> bool:
        """Whether its rights and its subscription entitle it to this event."""
        if frame.event in FOR_EVERYONE:
            return True
        return "operator.read" in self.scopes and (self.subscribed or not frame.subscribers_only)

    def tell(self, event: str, payload: str) -> None:
        """Send an event whose payload is JSON already; it gets the next number."""
        self._sequence += 1
        seq = self._sequence
        self._put(f'{{"type":"event","event":"{event}","payload":{payload},"seq":{seq}}}')

    def reply(self, ident: object, payload: Any) -> None:
        """Answer a request."""
        self._put(encode({"type": "res", "id": ident, "ok": True, "payload": payload}))

    def refuse(self, ident: object, error: Any) -> None:
        """Answer a request with an error."""
        self._put(encode({"type": "res", "id": ident, "ok": False, "error": error}))

    def close(self, code: int, reason: str) -> None:
        """Close once everything that waits is sent."""
        self._outbox.put((code, reason))

    def wait_closed(self, seconds: float) -> None:
        """Wait until the last frame is out; cut the connection if that takes too long."""
        self._writer.join(seconds)
        if self._writer.is_alive():
            self.cut()

    def cut(self) -> None:
        """End the TCP connection without a word, as a crash or a network failure does."""
        try:
            self._websocket.socket.shutdown(SHUT_RDWR)
        except OSError:
            log.debug("The connection to cut had ended already.")

    def _put(self, text: str) -> None:
        if self._outbox.qsize() > BACKLOG:
            log.warning("A client of the demo gateway does not read; it is cut off.")
            self.cut()
        else:
            self._outbox.put(text)

    def _write(self) -> None:
        try:
            while isinstance(message := self._outbox.get(), str):
                self._websocket.send(message)
            self._websocket.close(*message)
        except (ConnectionClosed, OSError):
            log.debug("A client of the demo gateway is gone.")
