"""The ledger gateway as the tests hold it: started, killed, started again on the same port."""

import os
import signal
import socket
import sys
from pathlib import Path
from typing import Self

from tests.e2e.cockpit import ROOT
from tests.faults.ledger import Ledger
from tests.rig.process import Guarded, free_port, wait_until

RATE = 120.0
"""Events a second."""


class LedgerGateway:
    """See ``ledger_gateway``; everything of it is in ``folder``."""

    def __init__(self, folder: Path, *, rate: float = RATE, fat: bool = False) -> None:
        self.port = free_port()
        self.ledger = Ledger(folder / "ledger")
        self._folder = folder
        self._options = ["--rate", str(rate), *(["--fat"] if fat else [])]
        self._process: Guarded | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Start it and return when it listens."""
        command = [sys.executable, "-m", "tests.faults.ledger_gateway", "--port", str(self.port)]
        process = self._process = Guarded(
            [*command, "--ledger", self.ledger.path, *self._options],
            env={"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=ROOT,
            log=self._folder / "gateway.out",
        )
        wait_until(
            lambda: self._listens() or not process.running,
            timeout=30,
            step=0.01,
            what="the ledger gateway",
        )
        assert process.running, f"the ledger gateway did not start\n{process.tail()}"
        return self

    def kill(self) -> None:
        """SIGKILL, in the middle of whatever it says."""
        if self._process:
            self._process.kill()

    def toggle(self) -> None:
        """Let it go quiet, or speak again."""
        if self._process:
            self._process.signal(signal.SIGUSR1)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _listens(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False
