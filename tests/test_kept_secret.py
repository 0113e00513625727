"""Secrets that Palais makes and keeps: one for all processes, for their owner alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from palais.config import ROOT, kept_secret
from palais.errors import ConfigError

ASK = """
import sys
from pathlib import Path
from palais.config import kept_secret
print("ready", flush=True)
sys.stdin.readline()
print(kept_secret(Path(sys.argv[1]), lambda: sys.argv[2]))
"""


def test_of_two_that_make_a_secret_at_once_the_second_takes_the_first_s(tmp_path: Path) -> None:
    path = tmp_path / "secret"

    assert kept_secret(path, lambda: kept_secret(path, lambda: "first") and "second") == "first"
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ASK, str(path), f"secret {number}"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    told = {process.communicate("go\n", timeout=30)[0] for process in processes}

    assert told == {path.read_text() + "\n"}
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_a_kept_secret_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("kept\n")
    path.chmod(0o644)

    assert kept_secret(path, lambda: "new") == "kept"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_kept_secret_that_is_empty_is_none(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.touch()

    with pytest.raises(ConfigError, match=str(path)):
        kept_secret(path, lambda: "new")


def test_a_place_where_no_secret_can_be_kept_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "secret"

    with pytest.raises(ConfigError, match=f"^{path} cannot be kept"):
        kept_secret(path, lambda: "new")
