"""The lock files: every package pinned, with its hashes, and in step with pyproject.toml."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from palais.config import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DIRECT = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
FOR_TESTS = [Requirement(line) for line in PROJECT["dependency-groups"]["dev"]]

PIN = re.compile(r"(?P<requirement>[^\s\\][^\\]*?) \\\n(?P<hashes>(?:    --hash=\S+(?: \\)?\n)+)")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


@dataclass(frozen=True)
class Pin:
    requirement: Requirement
    hashes: int

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        [one] = self.requirement.specifier
        return one.version


def pins(file: str) -> dict[str, Pin]:
    """Return what a lock file holds, and fail on a line that is anything else."""
    text = re.sub(r"^ *#.*\n", "", (ROOT / file).read_text(), flags=re.MULTILINE)
    found = list(PIN.finditer(text))
    assert "".join(one[0] for one in found) == text, "A line is no pin with hashes."
    made = [Pin(Requirement(one["requirement"]), len(_hashes(one["hashes"]))) for one in found]
    assert len({pin.name for pin in made}) == len(made), "A package is there twice."
    return {pin.name: pin for pin in made}


def _hashes(text: str) -> list[str]:
    lines = text.splitlines()
    assert all(HASH.fullmatch(line) for line in lines), lines
    return lines


RUN, DEV = pins("requirements.lock"), pins("requirements-dev.lock")


@pytest.mark.parametrize("locked", [RUN, DEV], ids=["requirements.lock", "requirements-dev.lock"])
def test_every_package_is_pinned_to_one_version_with_hashes_and_from_the_index(
    locked: dict[str, Pin],
) -> None:
    assert len(locked) > 30
    for pin in locked.values():
        assert [one.operator for one in pin.requirement.specifier] == ["=="], pin
        assert "*" not in pin.version, pin
        assert pin.requirement.url is None, pin
        assert pin.hashes >= 1, pin


@pytest.mark.parametrize(
    ("asked", "locked"),
    [(DIRECT, RUN), ([*DIRECT, *FOR_TESTS], DEV)],
    ids=["requirements.lock", "requirements-dev.lock"],
)
def test_what_the_project_asks_for_is_locked_to_a_version_that_it_allows(
    asked: list[Requirement], locked: dict[str, Pin]
) -> None:
    for one in asked:
        pin = locked[canonicalize_name(one.name)]
        assert one.specifier.contains(pin.version), f"{one} is locked to {pin.version}: make lock"


def test_tests_run_with_the_versions_that_are_served() -> None:
    assert {name: pin.version for name, pin in RUN.items()} == {
        name: DEV[name].version for name in RUN
    }


def _needed(name: str) -> Iterator[str]:
    """Yield who asks for a package, by the notes of the lock file."""
    text = (ROOT / "requirements.lock").read_text()
    block = re.search(rf"^{re.escape(name)}==.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    for found in re.finditer(r"^    #(?: via|  )? +([a-z][\w.-]*)", block[0], re.MULTILINE):
        yield canonicalize_name(found[1])


def test_nothing_is_locked_that_nobody_asks_for() -> None:
    known = {*RUN, "palais"}

    assert {name: set(_needed(name)) for name in RUN if not set(_needed(name)) & known} == {}


def test_what_is_installed_here_is_what_is_locked() -> None:
    def installed(name: str) -> str | None:
        try:
            return version(name)
        except PackageNotFoundError:
            return None

    here = {name: installed(name) for name in DEV}
    other = {name: found for name, found in here.items() if found not in {None, DEV[name].version}}

    assert other == {}, "Run: make test, which installs what is locked."
