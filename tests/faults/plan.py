"""Which fault tests run beside which: they mostly wait. All of them have the same seed."""

import os
import sys
from itertools import chain
from pathlib import Path

from tests.faults.chance import NAME, SEED
from tests.lanes import Lane

HERE = Path(__file__).parent
FILES = {
    "openclaw": ["killed_openclaw"],
    "killed": ["record", "killed_gateway", "killed_postgres", "thousand_cuts"],
    "cut": ["proxied_gateway", "proxied_postgres", "proxied_viewer"],
    "mute": ["killed_holder", "mute_database", "deaf_viewer"],
}


def lanes() -> list[Lane]:
    """Give the lanes of all fault tests, and prepare the seed for whatever is started."""
    _check()
    os.environ[NAME] = SEED
    print(f"Fault tests: {NAME}={SEED} makes the same choices", flush=True)
    return [Lane(f"faults-{name}", _files(names)) for name, names in FILES.items()]


def _files(names: list[str]) -> list[Path]:
    return [HERE / f"test_{name}.py" for name in names]


def _check() -> None:
    listed = sorted(chain.from_iterable(map(_files, FILES.values())))
    there = sorted(HERE.glob("test_*.py"))
    if listed != there:
        sys.exit(f"tests/faults: the lanes have {listed}, but there are {there}")
