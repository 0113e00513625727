"""Runs one command and lets nothing of it outlive the test run. A script of its own, stdlib only.

    python guard.py REPORT_FD PARENT_PID COMMAND...

The guard ends when the command ends, or when the test process that started it dies, however it
dies. Either way it first kills every process that descends from the command, also those that
moved to a session of their own. The pid of the command is written to REPORT_FD.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

GRACE_SECONDS = 20.0
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def prctl(option: int, value: int) -> None:
    """Ask the kernel for a promise; where there is no Linux, do without."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def children_of(pid: int) -> list[int]:
    """List the direct children of a process (Linux; elsewhere nothing is seen)."""
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            if int(entry.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.parent.name))
    return found


def descendants_of(pid: int) -> list[int]:
    """List every process below this one."""
    below = children_of(pid)
    return below + [deeper for child in below for deeper in descendants_of(child)]


def kill_all_below() -> None:
    """Kill and reap whatever is left; orphans have become this process's own children."""
    while left := descendants_of(os.getpid()):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.02)


def main(report_fd: int, parent: int, command: list[str]) -> int:
    """Run the command to its end and give back its exit code, shell style."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL),  # noqa: PLW1509 one thread
    )

    def end(_signal: int, _frame: FrameType | None) -> None:
        child.terminate()
        timer = threading.Timer(GRACE_SECONDS, child.kill)
        timer.daemon = True
        timer.start()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    os.write(report_fd, f"{child.pid}\n".encode())
    os.close(report_fd)
    if os.getppid() != parent:  # it died before the promise was given
        child.terminate()
    code = child.wait()
    kill_all_below()
    return 128 - code if code < 0 else code


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
