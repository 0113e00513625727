"""The Postgres of a cockpit as the tests hold it: the embedded one, killed and started again."""

import os
import signal
import sys
from pathlib import Path
from typing import Self

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from palais.store import embedded
from palais.store.cluster import PORT
from tests.e2e.cockpit import ROOT
from tests.faults.processes import kill_with_children
from tests.rig.process import Guarded, wait_until

ANSWER_SECONDS = 60.0


class Postgres:
    """The server of one data folder, in use by a process of its own (see ``postgres_host``)."""

    def __init__(self, data_dir: Path) -> None:
        self.url = embedded.address(data_dir)
        self._data_dir = data_dir
        self._host: Guarded | None = None

    @property
    def socket(self) -> str:
        """The path of the server's socket."""
        return str(self._data_dir / "postgres" / f".s.PGSQL.{PORT}")

    def url_through(self, port: int) -> str:
        """Return the database's URL by way of a proxy on this port."""
        return f"postgresql+psycopg2://palais@127.0.0.1:{port}/palais"

    def start(self) -> Self:
        """Start it, or start it again, and return when it answers."""
        if self._host is None:
            self._host = Guarded(
                [sys.executable, "-m", "tests.faults.postgres_host", str(self._data_dir)],
                env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONDONTWRITEBYTECODE": "1"},
                cwd=ROOT,
                log=self._data_dir.parent / "postgres.out",
            )
        else:
            self._host.signal(signal.SIGUSR1)
        host = self._host
        wait_until(
            lambda: self._answers() or not host.running,
            timeout=ANSWER_SECONDS,
            step=0.02,
            what="Postgres",
        )
        assert host.running, f"Postgres did not start\n{host.tail()}"
        return self

    def kill(self) -> None:
        """SIGKILL the postmaster and all its children; nothing of it is left when this returns."""
        record = self._data_dir / "postgres" / "postmaster.pid"
        kill_with_children(int(record.read_text().partition("\n")[0]))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self._host:
            self._host.stop(grace=30)

    def _answers(self) -> bool:
        engine = create_engine(self.url, poolclass=NullPool)
        try:
            with engine.connect() as conn:
                conn.execute(text("SELECT 1"))
        except OperationalError:
            return False
        return True
