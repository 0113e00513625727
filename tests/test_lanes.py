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
AFTER = """
    from pathlib import Path

    def test_comes_after_both():
        assert len(list(Path(__file__).parent.glob("*.came"))) == 2
        Path(__file__).with_suffix(".came").touch()
"""
FAILURE = """
    def test_fails():
        assert False, "as it was meant to"
"""


def lane(folder: Path, name: str, code: str) -> Lane:
    file = folder / f"test_{name}.py"
    file.write_text(dedent(code))
    return Lane(name, [file])


def test_lanes_run_side_by_side_and_stages_one_after_the_other(tmp_path: Path) -> None:
    both = [lane(tmp_path, name, MEETING) for name in ("one", "other")]
    assert lanes.run([both, [lane(tmp_path, "after", AFTER)]], beside=[]) == 0
    assert len(list(tmp_path.glob("*.came"))) == 3


def test_what_is_beside_runs_with_the_stages(tmp_path: Path) -> None:
    one, other = (lane(tmp_path, name, MEETING) for name in ("one", "other"))
    assert lanes.run([[one]], beside=[other]) == 0


def test_a_lane_that_fails_says_why_and_ends_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = lane(tmp_path, "failing", FAILURE)
    both = [lane(tmp_path, name, MEETING) for name in ("one", "other")]
    assert lanes.run([[failing], both], beside=[]) == pytest.ExitCode.TESTS_FAILED
    said = capsys.readouterr().out
    assert "as it was meant to" in said
    ends = [line.rpartition(" s, ") for line in said.splitlines() if " s, " in line]
    told = [(start.split(":")[0], end) for start, _, end in ends if start.startswith("Lane ")]
    passed = {("Lane one", "passed"), ("Lane other", "passed")}
    assert told[0] == ("Lane failing", "failed")
    assert set(told[1:]) == passed


def test_a_modest_lane_lets_others_come_first(tmp_path: Path) -> None:
    told = f"""
        import os

        def test_is_nice():
            assert os.nice(0) == {min(os.nice(0) + lanes.NICENESS, 19)}
    """
    modest = lane(tmp_path, "modest", told)
    assert lanes.run([[Lane(modest.name, modest.options, modest=True)]], beside=[]) == 0
