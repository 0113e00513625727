"""Folders for embedded servers, and guests that use them from other processes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from palais.store.database import OPTIONS
from tests.store.embedded_server import Guest, end_server, private_folder
from tests.store.stalling import Proxy


@pytest.fixture(autouse=True)
def wary_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each connection asked whether it lives: here many end at once, and others follow."""
    monkeypatch.setattr("palais.store.database.REST_SECONDS", 0)


@pytest.fixture
def fresh_dir() -> Iterator[Path]:
    with private_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def used_dir() -> Iterator[Path]:
    with private_folder() as folder:
        yield folder


@pytest.fixture
def data_dir(used_dir: Path) -> Iterator[Path]:
    """A folder that may hold data already, with no server over it."""
    yield used_dir
    end_server(used_dir)


@pytest.fixture
def guest(data_dir: Path) -> Iterator[Callable[[], Guest]]:
    guests: list[Guest] = []

    def invite() -> Guest:
        guests.append(Guest(data_dir))
        assert guests[-1].says() == "joined"
        return guests[-1]

    yield invite
    for each in guests:
        each.kill()


@pytest.fixture
def proxy(database_url: str) -> Iterator[Proxy]:
    proxy = Proxy(database_url)
    yield proxy
    proxy.close()


@pytest.fixture
def far(proxy: Proxy) -> Iterator[Engine]:
    """Give the engine of a process whose database is behind the proxy."""
    engine = create_engine(proxy.url, **OPTIONS)
    yield engine
    engine.dispose()
