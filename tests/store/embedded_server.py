"""What the tests of the embedded Postgres share: folders, guests in other processes, questions."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import NullPool, create_engine

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
