"""``flask serve``, which is ``make run``: database, tables, agents, gunicorn, then waiting."""

import logging
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from palais.cli.avatars import hang_missing
from palais.cli.exits import explained
from palais.cli.password import link_address, local_address
from palais.config import ROOT, Settings
from palais.errors import PalaisError
from palais.store import admission, passes, password
from palais.store import seed as seeds
from palais.store.models import db

AGAIN_SECONDS = 2.0
STOP_SECONDS = 10.0


@click.command("serve")
@with_appcontext
@explained
def serve() -> None:
    """Set up the database and serve the cockpit until told to stop."""
    settings: Settings = current_app.extensions["palais.settings"]
    _await_database()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    upgrade()
    with db.engine.connect() as conn:
        seeds.seed(conn, seeds.read(seeds.DEFAULT), time.time_ns() // 1_000_000)
    hang_missing(db.engine, settings)
    entry = _entry(settings)
    db.engine.dispose()
    _supervise(settings, entry)


def _entry(settings: Settings) -> str:
    """Return how to get in, where the password is not one that the operator chose."""
    now = datetime.now(UTC)
    with db.engine.connect() as conn:
        made = admission.prepare(conn, settings, now)
    with db.engine.begin() as conn:
        admin = password.admin(conn)
        if admin is None or not admin.generated:
            return ""
        link = link_address(settings, passes.create_link(conn, now))
    lines = [f"Password, shown this once: {made}"] if made else []
    return "\n  ".join(["", *lines, f"Log in, once, within ten minutes: {link}"])


def _await_database() -> None:
    told = False
    while True:
        try:
            with db.engine.connect() as conn:
                conn.execute(text("SELECT 1"))
        except OperationalError as error:
            if not told:
                said = str(error.orig).strip().splitlines()[0]
                click.echo(f"Postgres does not answer ({said}). Waiting for it.", err=True)
            told = True
            time.sleep(AGAIN_SECONDS)
        else:
            return


def _supervise(settings: Settings, entry: str) -> None:
    # In a session of its own, so that Ctrl-C reaches gunicorn only through this process, as one
    # orderly SIGTERM.
    server = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py")],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("FLASK_")},
        start_new_session=True,
    )

    def forward(_number: int, _frame: FrameType | None) -> None:
        server.terminate()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, forward)
    try:
        if not _announce(settings, server, entry) and entry:
            # What was made for this start is shown at no other.
            click.echo(f"\n  Palais did not open.{entry}\n")
        code = server.wait()
    finally:
        _end(server)
    if code not in {0, -signal.SIGTERM}:
        raise PalaisError(f"The server ended with exit code {code}; its log above says why.")


def _announce(settings: Settings, server: "subprocess.Popen[bytes]", entry: str) -> bool:
    """Say that Palais is open as soon as it is; return False where its server ended before."""
    address = local_address(settings)
    while server.poll() is None:
        if _answers(f"{address}/api/health"):
            demo = " (DEMO: a simulated gateway)" if settings.demo else ""
            click.echo(f"\n  Palais is open: {address}{demo}{entry}\n  Ctrl-C closes it.\n")
            return True
        time.sleep(0.1)
    return False


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _end(server: "subprocess.Popen[bytes]") -> None:
    if server.poll() is not None:
        return
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
