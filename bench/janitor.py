"""Clears up when the bench is killed outright: the Postgres servers, then the folder.

Everything else ends with its parent; see ``processes.mortal``. ``python -m bench.janitor FOLDER``
waits for the end of its standard input, which comes with the end of the bench, however it ends.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from bench.build import HERE


def hire(folder: Path) -> "subprocess.Popen[bytes]":
    """Start the janitor of this folder; it stays until this process ends or closes its stdin."""
    return subprocess.Popen(
        [sys.executable, "-m", "bench.janitor", str(folder)],
        cwd=HERE.parent,
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is not for it
    )


def clear(folder: Path) -> None:
    """End the Postgres servers whose data are in the folder, and remove it."""
    for record in folder.glob("pg-*/postgres/postmaster.pid"):
        with contextlib.suppress(OSError, ValueError):
            pid = int(record.read_text().partition("\n")[0])
            if str(folder) in os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()):
                os.kill(pid, signal.SIGINT)
                _await_end(pid)
    shutil.rmtree(folder, ignore_errors=True)


def _await_end(pid: int, patience: float = 20.0) -> None:
    deadline = time.monotonic() + patience
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)


if __name__ == "__main__":
    sys.stdin.buffer.read()
    clear(Path(sys.argv[1]))
