"""The migrations, on an empty schema of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect, make_url, text

from palais import create_app
from palais.store import queries
from palais.store.models import Base, db
from tests.database import PATIENCE, Database, eventually, settings

ROOT = Path(__file__).resolve().parents[2]
MIGRATION_LOCK = 0x70616C03


@pytest.fixture
def empty_url(postgres: Database) -> Iterator[str]:
    """Give the URL of the database with a new schema in front of the one with the tables."""
    postgres.run("CREATE SCHEMA newborn")
    url = make_url(postgres.engine.url).update_query_dict({"options": "-csearch_path=newborn"})
    yield url.render_as_string(hide_password=False)
    postgres.run("DROP SCHEMA newborn CASCADE")


@pytest.fixture
def newborn(empty_url: str, tmp_path: Path) -> Iterator[Flask]:
    app = create_app(settings(empty_url, tmp_path))
    with app.app_context():
        yield app
        db.engine.dispose()


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names(schema="newborn"))


def test_an_upgrade_from_nothing_makes_what_the_models_describe(newborn: Flask) -> None:
    upgrade()

    options = {"compare_type": True, "compare_server_default": True}
    with db.engine.connect() as conn:
        context = MigrationContext.configure(conn, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    assert tables() == {*Base.metadata.tables, "alembic_version"}


def test_a_new_database_knows_one_gateway_and_one_log(newborn: Flask) -> None:
    upgrade()

    with db.engine.connect() as conn:
        gateway = conn.execute(text("SELECT state, since IS NULL, reason FROM gateway")).all()
        log = conn.execute(text("SELECT length(epoch), floor FROM stream")).all()
    assert gateway == [("offline", False, None)]
    assert log == [(8, 0)]


def test_two_new_databases_have_logs_of_different_epochs(newborn: Flask) -> None:
    def epoch() -> str:
        upgrade()
        with db.engine.connect() as conn:
            return conn.execute(text("SELECT epoch FROM stream")).scalar_one()

    first = epoch()
    downgrade(revision="base")

    assert epoch() != first


def test_a_downgrade_leaves_nothing_behind(newborn: Flask) -> None:
    upgrade()

    downgrade(revision="base")

    assert tables() == {"alembic_version"}


def test_a_second_upgrade_changes_nothing(newborn: Flask) -> None:
    upgrade()
    with db.engine.begin() as conn:
        conn.execute(text("INSERT INTO agents (id, name) VALUES ('builder', 'Imhotep')"))

    upgrade()

    with db.engine.connect() as conn:
        assert conn.execute(text("SELECT id FROM agents")).scalars().all() == ["builder"]
        assert conn.execute(text("SELECT count(*) FROM gateway")).scalar_one() == 1


def test_lines_from_before_it_was_noted_count_as_recorded_at_the_upgrade(newborn: Flask) -> None:
    upgrade(revision="0002")
    line = "INSERT INTO activity_log (key, at, type, data) VALUES ('k', '1999-01-01Z', 'gap', '{}')"
    with db.engine.begin() as conn:
        conn.execute(text(line))
        before = conn.execute(text("SELECT now()")).scalar_one()

    upgrade(revision="0003")

    with db.engine.connect() as conn:
        recorded = conn.execute(text("SELECT recorded_at FROM activity_log")).scalar_one()
        assert before < recorded < conn.execute(text("SELECT now()")).scalar_one()


def test_of_two_hosts_that_upgrade_at_once_one_waits_for_the_other(
    empty_url: str, postgres: Database, tmp_path: Path
) -> None:
    engine = create_engine(empty_url)
    environment = {**os.environ, "DATABASE_URL": empty_url, "PALAIS_DATA_DIR": str(tmp_path)}
    with engine.begin() as conn:
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        hosts = [
            subprocess.Popen(
                [sys.executable, "-m", "flask", "db", "upgrade"],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        waiting = "SELECT count(*) = 2 FROM pg_locks WHERE NOT granted"
        eventually(lambda: postgres.value(waiting))
    said = [host.communicate(timeout=PATIENCE)[1] for host in hosts]

    assert [host.returncode for host in hosts] == [0, 0], said
    with engine.connect() as conn:
        assert conn.execute(text("SELECT count(*) FROM gateway")).scalar_one() == 1
    engine.dispose()


BEFORE_THE_LEDGER = """
    INSERT INTO agents (id, name) VALUES ('builder', 'Imhotep');
    INSERT INTO agent_sessions (id, run_id, agent_id, status, started_at, tokens, cost)
    VALUES ('called', 'called', 'builder', 'completed', now(), 10, 0.5),
           ('free', 'free', 'builder', 'completed', now(), 10, 0),
           ('whole', 'whole', 'builder', 'completed', now(), 7, 0.25),
           ('none', 'none', 'builder', 'completed', now(), NULL, NULL);
    INSERT INTO usage (session_id, key, at, tokens_in, tokens_out, cache_read, cache_write, cost)
    VALUES ('called', 'k', now(), 1, 2, 3, 4, 0.5), ('free', 'k', now(), 10, 0, 0, 0, 0);
"""


def test_what_was_counted_before_the_ledger_is_in_it(newborn: Flask) -> None:
    upgrade(revision="0009")
    with db.engine.begin() as conn:
        conn.execute(text(BEFORE_THE_LEDGER))

    upgrade(revision="0010")

    with db.engine.connect() as conn:
        ledger = "SELECT session_id, key, tokens, tokens_in, cost::float, basis FROM usage"
        entries = {tuple(row) for row in conn.execute(text(ledger))}
        costs = "SELECT id FROM agent_sessions WHERE cost IS NULL ORDER BY id"
        unknown = conn.execute(text(costs)).scalars().all()
        hours = conn.execute(text("SELECT sum(tokens), sum(unpriced_calls) FROM usage_hourly"))
        assert tuple(hours.one()) == (27, 1)
    assert entries == {
        ("called", "k", 10, 1, 0.5, "gateway"),
        ("free", "k", 10, 10, None, "unknown"),
        ("whole", "total", 7, None, 0.25, "gateway"),
    }
    assert unknown == ["free", "none"]


A_MONTH_OF_RUNS = """
    INSERT INTO agents (id, name) VALUES ('builder', 'Imhotep');
    INSERT INTO agent_sessions (id, run_id, agent_id, status, started_at, ended_at, tokens, cost)
    SELECT 'run' || n, 'run' || n, 'builder', 'completed', at, at + interval '90 min', 10 * n,
      CASE n % 4 WHEN 0 THEN NULL ELSE n / 100.0 END
    FROM (SELECT n, now() - n * interval '7 hours' AS at FROM generate_series(1, 60) n) AS run;
    INSERT INTO usage (session_id, key, at, tokens_in, tokens_out, cache_read, cache_write, cost)
    SELECT id, 'k' || part, started_at + part * interval '1 hour', tokens / 2, 0, 0, 0, cost / 2
    FROM agent_sessions, generate_series(0, 1) part WHERE tokens % 3 > 0;
"""
BY_SESSIONS = "SELECT sum(tokens), sum(cost) FROM agent_sessions"
CALLS = "SELECT session_id, key, at, tokens_in, cost FROM usage ORDER BY 1, 2"


def test_an_installation_keeps_its_totals_through_the_ledger_and_back(newborn: Flask) -> None:
    upgrade(revision="0008")
    with db.engine.begin() as conn:
        conn.execute(text(A_MONTH_OF_RUNS))
        before, calls = conn.execute(text(BY_SESSIONS)).one(), conn.execute(text(CALLS)).all()

    upgrade()

    with db.engine.connect() as conn:
        [view] = queries.agents(conn)
        hours = conn.execute(text("SELECT sum(tokens), sum(cost) FROM usage_hourly")).one()
        assert hours == before == conn.execute(text(BY_SESSIONS)).one()
        assert (view.tokens_30d, view.cost_30d) == (before[0], float(before[1]))
        unpriced = "SELECT count(*) FROM usage WHERE basis = 'unknown'"
        assert view.unpriced_calls_30d == conn.execute(text(unpriced)).scalar_one() > 0

    downgrade(revision="0008")

    with db.engine.connect() as conn:
        assert conn.execute(text(BY_SESSIONS)).one() == before
        assert conn.execute(text(CALLS)).all() == calls
