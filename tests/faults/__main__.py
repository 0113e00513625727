"""Runs the fault tests in lanes, side by side, since they mostly wait: ``python -m tests.faults``.

What the lanes say is shown one after the other when they have ended; the exit code is that of the
first lane that failed. All lanes have the same seed.
"""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.chance import NAME, SEED
from tests.rig.process import Guarded

HERE = Path(__file__).parent
LANES = (
    ("killed_openclaw", "first"),
    ("killed_openclaw", "second"),
    ("record", "killed_gateway", "killed_holder", "killed_postgres", "thousand_cuts"),
    ("proxied_gateway", "proxied_postgres", "proxied_viewer", "mute_database", "deaf_viewer"),
)
HALVES = frozenset({"first", "second"})
"""The rounds of one test, in two lanes: a gateway takes ten seconds to come back."""

POLL_SECONDS = 0.2
PARTING_SECONDS = 60.0


def _start(lane: tuple[str, ...], log: Path) -> Guarded:
    files = [HERE / f"test_{name}.py" for name in lane if name not in HALVES]
    options = ["-p", "no:cacheprovider", "--durations=0", "--durations-min=1"]
    options += [f"-k{name}" for name in lane if name in HALVES]
    return Guarded(
        [sys.executable, "-m", "pytest", *options, *files],
        env={**os.environ, NAME: SEED},
        cwd=HERE.parents[1],
        log=log,
    )


def _run(folder: Path) -> int:
    """Run all lanes to their end; show what they said, and give back the exit code."""
    lanes = [_start(lane, folder / f"lane-{number}") for number, lane in enumerate(LANES)]
    try:
        while any(lane.running for lane in lanes):
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        _interrupt(lanes)
        raise
    codes = [lane.stop() for lane in lanes]
    for lane in lanes:
        print(lane.log.read_text(errors="replace"), flush=True)
    return next((code for code in codes if code), 0)


def _interrupt(lanes: list[Guarded]) -> None:
    """Let the tests that run clean up after themselves; then end whatever is left."""
    for lane in lanes:
        lane.signal(signal.SIGINT)
    deadline = time.monotonic() + PARTING_SECONDS
    while any(lane.running for lane in lanes) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    for lane in lanes:
        lane.stop()


def _check_lanes() -> None:
    """Every file of tests is in a lane."""
    files = {name for lane in LANES for name in lane} - HALVES
    listed = sorted(f"test_{name}.py" for name in files)
    there = sorted(path.name for path in HERE.glob("test_*.py"))
    if listed != there:
        sys.exit(f"tests/faults: the lanes have {listed}, but there are {there}")


def main() -> int:
    """Run everything, and say how long it took."""
    _check_lanes()
    print(f"Fault tests in {len(LANES)} lanes; {NAME}={SEED} makes the same choices", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="palais-faults-") as folder:
        code = _run(Path(folder))
    print(f"Fault tests: {time.monotonic() - began:.0f} s, {'failed' if code else 'passed'}")
    return code


if __name__ == "__main__":
    # Ended by SIGTERM, it ends its lanes as it does by Ctrl-C, which a shell may have disabled.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
