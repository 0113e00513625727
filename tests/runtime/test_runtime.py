"""What joins the moving parts of a process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from palais import create_app
from palais.errors import ConfigError
from palais.live.hub import Filter
from palais.runtime import Runtime
from palais.store.models import db
from tests.database import Database, eventually, settings

ROOT = Path(__file__).resolve().parents[2]

# A process as gunicorn makes one, without gunicorn: it lives through one beat and until old history
# is pruned, and is stopped.
LISTENING = """
from gevent import monkey; monkey.patch_all()
import gevent, sys
from pathlib import Path
from palais import create_app
from palais.config import Settings
from palais.live.hub import Filter
from palais.store import queries
from palais.store.models import db
settings = Settings(
    sys.argv[1], secret_key="test", data_dir=Path(sys.argv[2]), heartbeat_seconds=0.1
)
app = create_app(settings, listen=True)
hub = app.extensions["palais.hub"]
with app.app_context():
    engine = db.engine
def pruned():
    with engine.connect() as conn:
        return queries.floor(conn) == 1
names = set()
with gevent.Timeout(30):
    for broadcast in hub.join(Filter()):
        names.add(broadcast.data.partition(b"event: ")[2].partition(b"\\n")[0].decode())
        if names >= {"gateway", "agent", "ping"} and pruned():
            break
viewer = hub.join(Filter())
app.extensions["palais.runtime"].stop(20)
print(*sorted(names), "ended" if [one for one in viewer] == [] else "open")
"""

OLD = """
    INSERT INTO activity_log (key, at, type, data, recorded_at)
    VALUES ('old', now(), 'agent.status', '{}', now() - interval '91 days')
"""


def test_a_process_that_gevent_has_not_patched_is_refused_with_the_remedy(
    database_url: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="flask serve"):
        create_app(settings(database_url, tmp_path), listen=True)


def test_an_app_that_does_not_listen_has_no_hub(app: Flask) -> None:
    assert not {"palais.hub", "palais.runtime"} & set(app.extensions)


def test_stopping_a_runtime_that_never_started_ends_its_streams(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        runtime = Runtime(db.engine, app.extensions["palais.settings"])
    viewer = runtime.hub.join(Filter())

    runtime.stop(timeout=1)

    assert list(viewer) == []


def test_a_patched_process_follows_the_demo_and_stops_with_everything(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    database.run(OLD)
    ended = subprocess.run(
        [sys.executable, "-c", LISTENING, database_url, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == ["agent", "gateway", "ping", "ended"]
    assert database.run("SELECT state, reason FROM gateway") == [("offline", "Palais was stopped.")]
    free = "SELECT count(*) = 0 FROM pg_locks WHERE locktype = 'advisory'"
    eventually(lambda: database.value(free))
    assert database.value("SELECT count(*) FROM agents") == 10


FAILING = """
from gevent import monkey; monkey.patch_all()
import gevent, sys
from pathlib import Path
from palais import create_app
from palais.config import Settings
settings = Settings(sys.argv[1], secret_key="test", data_dir=Path(sys.argv[2]), log_format="json")
app = create_app(settings, listen=True)
def fail():
    raise RuntimeError("out of\\nthe blue")
gevent.joinall([gevent.spawn(fail)])
app.extensions["palais.runtime"].stop(20)
"""


def test_what_a_greenlet_died_of_is_a_log_line_like_any_other(
    database_url: str, tmp_path: Path
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FAILING, database_url, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    [told] = [line for line in lines if line["logger"] == "palais.runtime"]
    assert told["level"] == "ERROR"
    assert told["exc"].endswith("RuntimeError: out of\nthe blue")
