"""The machine: what it is, and whether others were busy on it meanwhile."""

import os
import platform
import time
from pathlib import Path

from bench import processes


def described() -> str:
    """Return processor, cores, memory, kernel and Python in one line."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{len(os.sched_getaffinity(0))} cores of {model}, {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


class Watch:
    """Notes how busy the machine is from now on, and how much of that is not the bench."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._all = _busy_seconds()
        self._own = processes.cpu_seconds(os.getpid())

    def others(self) -> float:
        """Return how many cores other programs kept busy, on average."""
        busy = _busy_seconds() - self._all
        own = processes.cpu_seconds(os.getpid()) - self._own
        return max(0.0, busy - own) / (time.monotonic() - self._began)


def _busy_seconds() -> float:
    """Return the CPU seconds of all programs; time that the hypervisor took counts as busy."""
    user, nice, system, _idle, _wait, irq, soft, steal = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + irq + soft + steal) / processes.TICKS
