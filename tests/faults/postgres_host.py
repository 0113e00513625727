"""Keeps the embedded Postgres of a folder running. A process, so that its guard ends the server.

    python -m tests.faults.postgres_host FOLDER

SIGUSR1 makes it see to it that the server runs again; SIGTERM ends its use of it.
"""

import signal
import sys
import time
from pathlib import Path

from palais.store import embedded


class Orders:
    """What signals have asked for; a handler only notes it."""

    def __init__(self) -> None:
        self.again = self.end = False
        signal.signal(signal.SIGUSR1, self._again)
        signal.signal(signal.SIGTERM, self._end)

    def _again(self, *_: object) -> None:
        self.again = True

    def _end(self, *_: object) -> None:
        self.end = True


def main(folder: Path) -> None:
    """Keep it running until told to end."""
    orders = Orders()
    use = embedded.join(folder)
    while not orders.end:
        if orders.again:
            orders.again = False
            before, use = use, embedded.join(folder)
            before.leave()
        time.sleep(0.02)
    use.leave()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
