"""What the tests of the moving parts share."""

import itertools
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine

from palais.gateway import attempts, conversation
from palais.gateway import listener as listeners
from palais.store import committer
from palais.store.database import OPTIONS
from tests.database import Database
from tests.runtime.peer import Faults
from tests.runtime.scripted import Outage, Script, States


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing wait that waits for time alone."""
    monkeypatch.setattr(attempts, "delays", lambda _random: itertools.repeat(0.001))
    monkeypatch.setattr(attempts, "REFUSED", 0.001)
    monkeypatch.setattr(listeners, "LEASE_SECONDS", 0.001)
    monkeypatch.setattr(committer, "RETRY_SECONDS", (0.001,))
    monkeypatch.setattr(conversation, "BEAT_SECONDS", 0.005)
    monkeypatch.setattr(conversation, "LINGER_SECONDS", 0.001)


@pytest.fixture
def script(engine: Engine) -> Iterator[Script]:
    script = Script(engine)
    yield script
    script.end()


@pytest.fixture
def other_engine(database_url: str) -> Iterator[Engine]:
    """Give what another process would have."""
    engine = create_engine(database_url, **OPTIONS)
    yield engine
    engine.dispose()


@pytest.fixture
def states(database: Database) -> States:
    return States(database)


@pytest.fixture
def outage(script: Script, database: Database) -> Outage:
    return Outage(script.engine, database)


@pytest.fixture
def faults() -> Faults:
    return Faults()
