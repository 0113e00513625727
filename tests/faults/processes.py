"""Who is who among the processes of a cockpit, and which worker serves which viewer (/proc)."""

import contextlib
import os
import signal
from pathlib import Path

from tests.rig.guard import descendants_of
from tests.rig.process import wait_until

LOOPBACK = "0100007F"
CONNECTED = "01"


def workers_of(cockpit: int) -> set[int]:
    """Return the gunicorn workers below ``flask serve``, those that are starting included."""
    return {worker for master in _children(cockpit) for worker in _children(master)}


def servers_of(port: int, viewers: set[int], among: set[int]) -> dict[int, int]:
    """Say which of these processes serves which viewer; both ends of a connection are here.

    ``port`` is the server's, ``viewers`` are those of the viewers.
    """
    inodes = _inodes(port, viewers)
    files = {pid: _open_files(pid) for pid in among}
    return {
        viewer: pid
        for viewer, inode in inodes.items()
        for pid, links in files.items()
        if f"socket:[{inode}]" in links
    }


def kill_with_children(pid: int) -> None:
    """SIGKILL a process and everything below it, the process first; return when all are dead."""
    doomed = [pid, *descendants_of(pid)]
    for one in doomed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    wait_until(
        lambda: not any(_lives(one) for one in doomed), timeout=60, step=0.01, what=f"{doomed} dead"
    )


def resident_bytes(pid: int) -> int:
    """Return the memory of a process that is in RAM."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in {"Z", "X"}


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, path.read_text().split())
    return found


def _inodes(port: int, viewers: set[int]) -> dict[int, str]:
    found = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        here, there, state, inode = (line.split()[column] for column in (1, 2, 3, 9))
        viewer = int(there.partition(":")[2], 16)
        if here == f"{LOOPBACK}:{port:04X}" and state == CONNECTED and viewer in viewers:
            found[viewer] = inode
    return found


def _open_files(pid: int) -> set[str]:
    files = set()
    with contextlib.suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                files.add(str(link.readlink()))
    return files
