"""A cockpit with several workers, and what the tests ask it beyond its API."""

from collections import Counter
from pathlib import Path
from typing import Any

from tests.database import Database
from tests.e2e.cockpit import Cockpit
from tests.faults.processes import servers_of, workers_of
from tests.faults.viewer import Viewer
from tests.rig.process import wait_until

SPREAD_SECONDS = 60.0


class Palace(Cockpit):
    """See ``Cockpit``; ``settings`` are further variables of its environment."""

    def __init__(
        self,
        folder: Path,
        gateway_url: str,
        *,
        token: str = "",
        workers: int = 2,
        **settings: str,
    ) -> None:
        super().__init__(folder, gateway_url, token)
        self._environment |= {
            "WEB_CONCURRENCY": str(workers),
            "PALAIS_HEARTBEAT_SECONDS": "5",
        } | settings

    @property
    def pid(self) -> int:
        """The process of ``flask serve``."""
        return self._process.pid if self._process else 0

    @property
    def workers(self) -> set[int]:
        """The processes that serve viewers, those that are starting included."""
        return workers_of(self.pid)

    def log_tail(self) -> str:
        """Return the end of what it logged, for the message of a failure."""
        return self._process.tail(60) if self._process else ""

    def beginning(self) -> str:
        """Return the cursor from which the whole log is replayed."""
        return f"{self.health()['stream']['epoch']}.0"

    def placed(self, viewers: list[Viewer]) -> dict[Viewer, int]:
        """Say which worker serves which of these viewers now."""
        ports = {port: one for one in viewers if (port := one.local_port)}
        served = servers_of(self.port, set(ports), self.workers)
        return {ports[port]: pid for port, pid in served.items()}

    def spread(self, viewers: list[Viewer], count: int = 2) -> dict[Viewer, int]:
        """Move viewers about until so many workers have some; return who is whose."""

        def spread() -> dict[Viewer, int] | None:
            where = self.placed(viewers)
            if len(where) < len(viewers):
                return None
            crowds = Counter(where.values())
            if len(crowds) >= count:
                return where
            [(crowded, _)] = crowds.most_common(1)
            next(one for one, pid in where.items() if pid == crowded).hop()
            return None

        what = f"viewers on {count} workers"
        return wait_until(spread, timeout=SPREAD_SECONDS, step=0.05, what=what) or {}


def holder(database: Database) -> int:
    """Return the process that holds the lease, by the record."""
    pid: Any = database.value("SELECT holder_pid FROM gateway")
    return int(pid or 0)
