"""A gateway of the flat dialect that numbers its events and keeps a ledger of them. A process.

    python -m tests.faults.ledger_gateway --port 15000 --ledger FILE --rate 200

It goes on numbering where the ledger ends, and does so whether or not anybody is connected: what
happens while nobody listens is in the ledger too. SIGUSR1 makes it go quiet, or speak again.
"""

import argparse
import logging
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from tests.faults.ledger import FAT_RUN, GREETING, Ledger, encode, event, fat_event


class Speaker:
    """Says the same to everybody who is connected."""

    def __init__(self, ledger: Path, *, fat: bool) -> None:
        self._number = Ledger(ledger).last()
        self._file = os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._lock = Lock()
        self._listeners: set[ServerConnection] = set()
        self._greeting = (*GREETING, FAT_RUN) if fat else GREETING
        self._event = fat_event if fat else event
        self.quiet = Event()

    def attend(self, listener: ServerConnection) -> None:
        """Greet a client and speak to it for as long as it is there."""
        with self._lock:
            for frame in self._greeting:
                listener.send(encode(frame))
            self._listeners.add(listener)
        with suppress(ConnectionClosed):
            for _ in listener:
                pass
        with self._lock:
            self._listeners.discard(listener)

    def speak(self, rate: float) -> None:
        """Send one numbered event after the other, for ever, at a steady rate."""
        due = time.monotonic()
        while True:
            due = max(due + 1 / rate, time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))
            if not self.quiet.is_set():
                with self._lock:
                    self._say()

    def _say(self) -> None:
        self._number += 1
        os.write(self._file, f"{self._number} {time.time_ns() // 1_000_000}\n".encode())
        text = encode(self._event(self._number))
        for listener in tuple(self._listeners):
            try:
                listener.send(text)
            except ConnectionClosed:
                self._listeners.discard(listener)


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--fat", action="store_true")
    given = parser.parse_args()
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    speaker = Speaker(given.ledger, fat=given.fat)

    def toggle(*_: object) -> None:
        (speaker.quiet.clear if speaker.quiet.is_set() else speaker.quiet.set)()

    signal.signal(signal.SIGUSR1, toggle)
    # Nobody is waited for: a client that is slow to leave would silence it for the others.
    with serve(
        speaker.attend, "127.0.0.1", given.port, compression=None, close_timeout=0.5
    ) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        speaker.speak(given.rate)


if __name__ == "__main__":
    main()
