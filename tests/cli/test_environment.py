"""Fresh ``flask`` commands, with an environment as an operator sets it."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLASK = Path(sys.executable).with_name("flask")


def flask(data_dir: Path, *args: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a command with nothing of this environment but what it needs to start."""
    fixed = {"PATH": os.environ["PATH"], "HOME": str(data_dir), "PALAIS_DATA_DIR": str(data_dir)}
    return subprocess.run(
        [str(FLASK), *args],
        cwd=ROOT,
        env={**fixed, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PALAIS_BIND", "nonsense"),
        ("OPENCLAW_WS_URL", "http://127.0.0.1:18789"),
        ("WEB_CONCURRENCY", "-1"),
        ("DATABASE_URL", "mysql://palais:hush@127.0.0.1/palais"),
        ("PALAIS_LOG_LEVEL", "loud"),
        ("PALAIS_PRICES", "/nowhere/prices.json"),
    ],
)
def test_a_bad_value_is_one_sentence_and_exit_code_2_before_anything_starts(
    tmp_path: Path, name: str, value: str
) -> None:
    ended = flask(tmp_path, "agents", "list", **{name: value})

    assert (ended.returncode, ended.stdout) == (2, "")
    [sentence] = ended.stderr.splitlines()
    assert sentence.startswith("Error: ")
    assert name in sentence
    assert "hush" not in sentence
    assert not (tmp_path / "postgres").exists()
    assert not (tmp_path / "postgres.log").exists()


def test_the_development_server_is_not_for_palais(tmp_path: Path) -> None:
    ended = flask(tmp_path, "run", "--host", "0.0.0.0", "--port", "0")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "Error: Palais is not served by flask run. Start it with: flask serve\n"
    )


def test_a_fresh_command_connects_to_no_gateway(tmp_path: Path, database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gateway:
        gateway.setblocking(False)
        url = f"ws://127.0.0.1:{gateway.getsockname()[1]}"

        ended = flask(tmp_path, "agents", "list", DATABASE_URL=database_url, OPENCLAW_WS_URL=url)

        assert ended.returncode == 0, ended.stderr
        assert ended.stdout == "No agents yet. Run: flask agents seed\n"
        with pytest.raises(BlockingIOError):
            gateway.accept()


def test_help_needs_no_database_and_starts_none(tmp_path: Path) -> None:
    ended = flask(tmp_path, "--help")

    assert ended.returncode == 0
    assert {"agents", "db", "gateway", "serve"} <= set(ended.stdout.split())
    assert not (tmp_path / "postgres").exists()
