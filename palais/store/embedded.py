"""The default Postgres, for whoever has set no DATABASE_URL: several processes share it.

Beside the data, ``postgres.users`` is locked (shared) by every process for as long as it uses the
server, and ``postgres.lock`` (exclusive) by the one that starts or stops it. The kernel drops
the locks of a process that dies, so no count can go wrong.
"""

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import URL

from palais.errors import EmbeddedDatabaseError
from palais.store.cluster import PORT, Cluster, try_exclusive
from palais.store.privileges import open_owned

_LOCK_SECONDS = 180
_POLL_SECONDS = 0.02
_SOCKET_PATH_BYTES = 107 if sys.platform == "linux" else 103


class EmbeddedPostgres:
    """One use of the server, from ``join`` to ``leave``; a context manager that leaves at its end.

    It belongs to the process that joined: in a forked child, ``leave`` does nothing to the server.
    """

    def __init__(self, cluster: Cluster, users: int) -> None:
        self._cluster = cluster
        self._users: int | None = users
        self._process = os.getpid()

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the database ``palais``, as the role ``palais`` that owns it."""
        return address(self._cluster.data_dir)

    def leave(self) -> None:
        """Stop using the server; the last process to leave stops it, and waits until it is gone.

        Calling it again does nothing. Raise EmbeddedDatabaseError if its files have gone or if
        another process is starting or stopping for 180 s; the use ends nevertheless.
        """
        users, self._users = self._users, None
        if users is None:
            return
        try:
            if os.getpid() == self._process:
                self._stop_if_last(users)
        finally:
            os.close(users)

    def _stop_if_last(self, users: int) -> None:
        data_dir = self._cluster.data_dir
        with _explained(data_dir), _exclusive(data_dir / "postgres.lock"):
            _end_use(self._cluster, users)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()


def address(data_dir: Path) -> str:
    """Return the SQLAlchemy URL of this folder's database, whether its server runs or not."""
    # The port is named, for else PGPORT in the user's environment would replace it.
    where = {"host": str(Cluster(data_dir.absolute()).pgdata), "port": PORT}
    url = URL.create("postgresql+psycopg2", username="palais", database="palais", query=where)
    return str(url)


def join(data_dir: Path) -> EmbeddedPostgres:
    """Use the server of this folder: the one that runs, or else started, made if need be.

    A process may join more than once; each use needs its own ``leave``. A forked child has to
    join by itself. Raise EmbeddedDatabaseError if the server cannot be had.
    """
    cluster = Cluster(data_dir.absolute())
    _check_socket_path(cluster.pgdata)
    with _explained(cluster.data_dir):
        cluster.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _exclusive(cluster.data_dir / "postgres.lock"):
            return EmbeddedPostgres(cluster, _begin_use(cluster))


def _begin_use(cluster: Cluster) -> int:
    users = open_owned(cluster.data_dir / "postgres.users", os.O_RDWR)
    try:
        fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
        cluster.ensure_running()
    except BaseException:
        # Interrupted (Ctrl-C) while it starts, it must not stay behind without a user.
        try:
            _end_use(cluster, users)
        finally:
            os.close(users)
        raise
    return users


def _end_use(cluster: Cluster, users: int) -> None:
    try:
        if try_exclusive(users):
            cluster.stop()
    finally:
        # Closing is not enough: a child forked since has this very lock open too.
        fcntl.flock(users, fcntl.LOCK_UN)


@contextmanager
def _explained(data_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EmbeddedDatabaseError(
            f"The embedded Postgres cannot be used: {error}. Let the user who runs Palais own "
            f"{data_dir}, choose another PALAIS_DATA_DIR, or set DATABASE_URL."
        ) from error


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    lock = open_owned(path, os.O_RDWR)
    try:
        _lock_patiently(lock)
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)
        os.close(lock)


def _lock_patiently(lock: int) -> None:
    # Polled: a blocking flock would stop every greenlet, the one that holds the lock included.
    deadline = time.monotonic() + _LOCK_SECONDS
    while not try_exclusive(lock):
        if time.monotonic() > deadline:
            raise EmbeddedDatabaseError(
                "Another process has been starting or stopping the embedded Postgres for "
                f"{_LOCK_SECONDS} s. End it, then try again."
            )
        time.sleep(_POLL_SECONDS)


def _check_socket_path(pgdata: Path) -> None:
    size = len(os.fsencode(pgdata / f".s.PGSQL.{PORT}"))
    if size > _SOCKET_PATH_BYTES:
        raise EmbeddedDatabaseError(
            f"The path of the embedded Postgres's socket in {pgdata} has {size} bytes, and the "
            f"system allows {_SOCKET_PATH_BYTES}. Choose a shorter PALAIS_DATA_DIR, or set "
            "DATABASE_URL to a Postgres of your own."
        )
    # A comma divides host names in a Postgres address.
    if "," in str(pgdata):
        raise EmbeddedDatabaseError(
            f"The embedded Postgres cannot live in {pgdata}, which has a comma in its name. "
            "Choose a PALAIS_DATA_DIR without one, or set DATABASE_URL to a Postgres of your own."
        )
