"""Tests in lanes: what runs beside what, and what becomes of a failure."""

import os
from pathlib import Path
from textwrap import dedent

import pytest

from tests import lanes
from tests.lanes import Lane

MEETING = """
    import time
    from pathlib import Path

    def test_meets_the_other():
        here = Path(__file__)
        here.with_suffix(".came").touch()
        end = time.monotonic() + 60
        while len(list(here.parent.glob("*.came"))) < 2:
            assert time.monotonic() < end
            time.sleep(0.01)
"""
FAILURE = """
    def test_fails():
        assert False, "as it was meant to"
"""


def lane(folder: Path, name: str, code: str) -> Lane:
    file = folder / f"test_{name}.py"
    file.write_text(dedent(code))
    return Lane(name, [file])


def test_lanes_run_side_by_side(tmp_path: Path) -> None:
    assert lanes.run([lane(tmp_path, name, MEETING) for name in ("one", "other")]) == 0


def test_a_lane_that_fails_says_why_and_ends_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = lane(tmp_path, "failing", FAILURE)
    both = [lane(tmp_path, name, MEETING) for name in ("one", "other")]
    assert lanes.run([failing, *both]) == pytest.ExitCode.TESTS_FAILED
    said = capsys.readouterr().out
    assert "as it was meant to" in said
    ends = [line.rpartition(" s, ") for line in said.splitlines() if " s, " in line]
    told = [(start.split(":")[0], end) for start, _, end in ends if start.startswith("Lane ")]
    passed = {("Lane one", "passed"), ("Lane other", "passed")}
    assert set(told) == {("Lane failing", "failed"), *passed}


def test_a_modest_lane_lets_others_come_first(tmp_path: Path) -> None:
    told = f"""
        import os

        def test_is_nice():
            assert os.nice(0) == {min(os.nice(0) + lanes.NICENESS, 19)}
    """
    modest = lane(tmp_path, "modest", told)
    assert lanes.run([Lane(modest.name, modest.options, modest=True)]) == 0
