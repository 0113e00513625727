"""Folders for embedded servers, and guests that use them from other processes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.store.embedded_server import Guest, end_server, private_folder


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
