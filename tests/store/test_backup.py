"""A dump brings everything back, and no viewer takes the past for the present."""

import subprocess
from pathlib import Path

from sqlalchemy import Engine

from palais.store import queries
from palais.store.cluster import programs
from tests.database import Database, Scribe
from tests.store.rows import NOW, registered, seen

# The last step of a restore, as docs/operate.md has it.
NEW_EPOCH = "UPDATE stream SET epoch = substr(md5(random()::text || clock_timestamp()::text), 1, 8)"


def run(program: str, engine: Engine, *arguments: str) -> None:
    url = engine.url.set(drivername="postgresql").update_query_dict({"options": ""})
    where = f"--dbname={url.render_as_string(hide_password=False)}"
    command = [str(programs() / program), *arguments, where]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr


def test_a_restore_brings_back_all_that_was_there_under_a_new_epoch(
    engine: Engine, database: Database, scribe: Scribe, tmp_path: Path
) -> None:
    dump = str(tmp_path / "palais.dump")
    scribe.write(registered(), seen("run-1"), seen("run-2", at=NOW + 1))
    with engine.connect() as conn:
        before = (queries.agents(conn), queries.activity(conn, 100), queries.head(conn))
    assert len(before[1]) > 2

    run("pg_dump", engine, "--format=custom", f"--file={dump}")
    scribe.write(registered("writer"), seen("run-3", "writer"))
    engine.dispose()
    restore = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
    run("pg_restore", engine, *restore, dump)
    database.run(NEW_EPOCH)

    with engine.connect() as conn:
        after = (queries.agents(conn), queries.activity(conn, 100), queries.head(conn))
    assert after[:2] == before[:2]
    assert after[2].id == before[2].id
    assert after[2].epoch != before[2].epoch
    scribe.write(registered("tutor"))
    with engine.connect() as conn:
        assert queries.head(conn).id > before[2].id
