"""What the tests against the real gateway share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig.gateway import RealGateway
from tests.rig.install import OPENCLAW_VERSION, configured
from tests.rig.state import AGENTS, UNPRICED, Agent

NEWCOMER = Agent("archivist", "Archivist", "🗄️", model=f"mock/{UNPRICED}", portrait=False)


@pytest.fixture(scope="session")
def openclaw_home() -> Path:
    """Give the folder of the installation, or skip; where it is required, fail."""
    install = configured()
    if not install.complete:
        said = (
            f"no OpenClaw {OPENCLAW_VERSION} in {install.home}: "
            "`make test-full` fetches it (node and openclaw, 860 MB)"
        )
        if os.environ.get("PALAIS_REQUIRE_GATEWAY") == "1":
            pytest.fail(said)
        pytest.skip(said)
    return install.home


@pytest.fixture(scope="session")
def real_gateway(
    openclaw_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealGateway]:
    """Start one gateway for the whole test run: the ten agents, a newcomer, a Telegram channel."""
    gateway = RealGateway(
        openclaw_home,
        tmp_path_factory.mktemp("gateway"),
        agents=(*AGENTS, NEWCOMER),
        telegram=True,
    )
    try:
        gateway.start()
        yield gateway
    finally:
        gateway.stop()
