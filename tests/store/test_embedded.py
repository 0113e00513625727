"""The embedded Postgres, for real: every test runs the server that the wheel brings."""

import os
import signal

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from palais.errors import EmbeddedDatabaseError
from palais.store import embedded
from tests.store.embedded_server import (
    FORKED,
    GREEN,
    Guest,
    ask,
    postmaster,
    script,
)


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
