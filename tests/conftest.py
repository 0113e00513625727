"""What the tests share: a real Postgres, an app on it, and somebody who writes events."""

import logging
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, create_engine

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # however pytest was started, `tests.database` is importable
    sys.path.insert(0, str(ROOT))

from palais import create_app  # noqa: E402
from palais.store import passes  # noqa: E402
from palais.store.database import OPTIONS  # noqa: E402
from palais.store.models import db  # noqa: E402
from tests import database as databases  # noqa: E402
from tests.database import Database, Scribe  # noqa: E402

# In CI the same examples every time: what a random one finds belongs to whoever can mend it.
hypothesis_settings.register_profile(
    "palais", deadline=None, derandomize=os.environ.get("CI") == "true"
)
hypothesis_settings.load_profile("palais")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Bring up the server, with its tables, once for all tests."""
    with databases.server() as url:
        databases.migrate(url, tmp_path_factory.mktemp("migrate"))
        database = Database(url)
        yield database
        database.engine.dispose()


@pytest.fixture
def database(postgres: Database) -> Database:
    """Give the database with empty tables, as fresh from the migrations."""
    postgres.empty()
    return postgres


@pytest.fixture
def database_url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Give an engine with the options of the app's own."""
    engine = create_engine(database_url, **OPTIONS)
    yield engine
    engine.dispose()


@pytest.fixture
def scribe(engine: Engine) -> Scribe:
    return Scribe(engine)


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """Give the app on the empty database; it does not listen."""
    app = create_app(databases.settings(database_url, tmp_path))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a program that may read."""
    return databases.keyed(app)


@pytest.fixture
def writer(app: Flask) -> FlaskClient:
    """Give a program that may write, too."""
    with app.app_context(), db.engine.begin() as conn:
        key = passes.create_key(conn, "writer", datetime.now(UTC), write=True)
    assert key is not None
    return databases.keyed(app, key)


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    """Give somebody who brings nothing."""
    return app.test_client()


@pytest.fixture
def palais_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> pytest.LogCaptureFixture:
    """Give what Palais logs; its loggers pass nothing on by themselves."""
    monkeypatch.setattr(logging.getLogger("palais"), "propagate", True)
    caplog.set_level(logging.INFO, logger="palais")
    return caplog
