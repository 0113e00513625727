"""Whether Palais may open on an address."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from palais.errors import ConfigError
from palais.store import admission, password
from tests.database import settings

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HERE, NETWORK = "127.0.0.1", "192.0.2.1"


def prepare(engine: Engine, folder: Path, bind: str, given: str | None = None) -> str | None:
    config = settings(None, folder, bind_host=bind, admin_password=given)
    with engine.connect() as conn:
        made = admission.prepare(conn, config, NOW)
        admission.check(conn, config)
    return made


def test_on_this_machine_a_password_is_made_at_the_first_start_alone(
    engine: Engine, tmp_path: Path
) -> None:
    made = prepare(engine, tmp_path, HERE)

    assert made is not None
    assert len(made) == 23
    assert prepare(engine, tmp_path, HERE) is None
    with engine.connect() as conn:
        assert password.matches(password.admin(conn), made)


def test_a_password_that_palais_made_does_not_open_the_network(
    engine: Engine, tmp_path: Path
) -> None:
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"^PALAIS_BIND=192\.0\.2\.1:3300 opens"):
            prepare(engine, tmp_path, NETWORK)
        prepare(engine, tmp_path, HERE)


def test_one_of_the_operator_s_does_also_when_it_is_no_longer_in_the_environment(
    engine: Engine, tmp_path: Path
) -> None:
    assert prepare(engine, tmp_path, NETWORK, "sesame") is None
    assert prepare(engine, tmp_path, NETWORK) is None
    with engine.connect() as conn:
        assert password.matches(password.admin(conn), "sesame")


@pytest.mark.parametrize(("given", "warnings"), [("eleven-char", 1), ("twelve-chars", 0)])
def test_a_short_one_is_taken_with_a_warning_that_does_not_tell_it(
    engine: Engine,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    given: str,
    warnings: int,
) -> None:
    prepare(engine, tmp_path, NETWORK, given)

    assert caplog.text.count("has fewer than 12 characters") == warnings
    assert given not in caplog.text


def test_so_does_one_that_was_set_by_command(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as conn:
        password.keep(conn, "sesame", NOW)

    assert prepare(engine, tmp_path, NETWORK) is None


def test_no_two_passwords_are_alike() -> None:
    assert len({admission.generated() for _ in range(100)}) == 100
