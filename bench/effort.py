"""How much is measured: a whole run, or a quick one."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Effort:
    """How often each measure is run, interleaved, and how long its parts last in seconds."""

    runs: int
    peak_seconds: float
    calm_seconds: float
    idle_viewers: int
    due_bytes: int
    answers_seconds: float
    others: int
    """Runs of the baselines where the goals are absolute."""

    @property
    def due_megabytes(self) -> int:
        """The bytes due to a viewer that never reads, in MB."""
        return self.due_bytes // 1_000_000


WHOLE: Final = Effort(
    runs=3,
    peak_seconds=2.5,
    calm_seconds=5.0,
    idle_viewers=1_000,
    due_bytes=48_000_000,
    answers_seconds=6.0,
    others=1,
)
QUICK: Final = Effort(
    runs=1,
    peak_seconds=1.0,
    calm_seconds=3.0,
    idle_viewers=1_000,
    due_bytes=12_000_000,
    answers_seconds=3.0,
    others=0,
)
