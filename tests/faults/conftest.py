"""What the fault tests share: a seed, and a folder whose name is short enough for a socket."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.chance import NAME, SEED, Chance


def pytest_report_header() -> str:
    return f"faults: {NAME}={SEED} makes the same random choices again"


def pytest_runtest_setup() -> None:
    if sys.platform != "linux":
        pytest.skip("the fault tests find processes and connections in Linux's /proc")


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> Chance:
    return Chance(request.node.name)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give an empty folder; it is gone at the end."""
    path = Path(tempfile.mkdtemp(prefix="palais-fault-", dir="/tmp"))
    (path / "instance").mkdir(mode=0o700)
    yield path
    shutil.rmtree(path, ignore_errors=True)
