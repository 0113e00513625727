"""Processes as /proc tells of them: who descends from whom, CPU seconds, resident memory."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")
PAGE: Final = os.sysconf("SC_PAGE_SIZE")
PR_SET_CHILD_SUBREAPER: Final = 36

_MORTAL: Final = """
import ctypes, os, signal, sys
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


def family(pid: int) -> list[int]:
    """Return a process and everything that descends from it."""
    children = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        if fields := _stat(path):
            children[int(fields[1])].append(int(path.parent.name))
    found, rest = [], [pid]
    while rest:
        found.append(rest.pop())
        rest += children[found[-1]]
    return found


def cpu_seconds(pid: int, name: str = "") -> float:
    """Return the user and system time of a process, its family, and its ended children.

    With a name, only of those that are called so.
    """
    ticks = 0
    for one in family(pid):
        if name and _name(one) != name:
            continue
        if fields := _stat(Path(f"/proc/{one}/stat")):
            ticks += sum(map(int, fields[11:15]))
    return ticks / TICKS


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process and its family, shared pages counted by each."""
    pages = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
    return pages * PAGE


def end(process: "subprocess.Popen[bytes]", grace: float = 10.0) -> None:
    """End a process and its family: SIGTERM and patience for it, SIGKILL for what is left."""
    kin = family(process.pid)
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    for pid in kin:
        if pid == process.pid and process.poll() is not None:
            continue
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def adopt_orphans() -> None:
    """Become the parent of every orphan below, so that ``end_family`` finds them all."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_family(patience: float = 20.0) -> None:
    """Kill whatever still descends from this process, and wait until it is gone."""
    deadline = time.monotonic() + patience
    while (left := family(os.getpid())[1:]) and time.monotonic() < deadline:
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.02)


def mortal(command: list[str]) -> list[str]:
    """Return a command line that runs this one, and ends it when its parent dies."""
    return [sys.executable, "-I", "-c", _MORTAL, *command]


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _stat(path: Path) -> list[str]:
    """Return the fields after the name; the first is the state, the second the parent."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except OSError:
        return []
