"""Two cockpits on one database; the one that holds the lease is cut off from it without a word.

Its connections stay open and say nothing any more, as when a host, a firewall or a NAT is lost.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.faults.chance import ROUNDS, Chance
from tests.faults.palace import Palace, holder
from tests.faults.postgres import Postgres
from tests.faults.proxy import Proxy, opened, to_path
from tests.faults.scene import Scene
from tests.faults.scene import opened as scene_opened
from tests.faults.viewer import Viewer
from tests.rig.process import free_port, wait_until

TAKEOVER = timedelta(seconds=5)
"""The contract: so long after Postgres sees the connection gone, another process listens."""


@dataclass(frozen=True)
class Rivals:
    """Two cockpits, each behind a proxy of its own."""

    scene: Scene
    palaces: tuple[Palace, Palace]
    proxies: tuple[Proxy, Proxy]

    def holding(self) -> Proxy:
        """Return the proxy of the cockpit that holds the lease."""
        pid = holder(self.scene.database)
        [proxy] = [
            proxy
            for palace, proxy in zip(self.palaces, self.proxies, strict=True)
            if pid in palace.workers
        ]
        return proxy

    def mute_the_holder(self) -> Proxy:
        """Let the holder's connections go dead, and return when the other has taken over."""
        proxy, held = self.holding(), holder(self.scene.database)
        proxy.stall()
        self.scene.chance.wait(0.1, 2.0)
        gone_at: Any = self.scene.database.value("SELECT clock_timestamp()")
        proxy.abandon()
        wait_until(
            lambda: holder(self.scene.database) != held, timeout=60, step=0.05, what="a takeover"
        )
        since: Any = self.scene.database.value("SELECT holder_since FROM gateway")
        if since - gone_at > TAKEOVER:
            self.scene.fail(f"the connection was gone at {gone_at}, the takeover at {since}")
        return proxy


@pytest.fixture
def rivals(folder: Path, chance: Chance) -> Iterator[Rivals]:
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres(folder / "instance"))
        first, second = (
            stack.enter_context(opened(free_port(), to_path(postgres.socket))) for _ in range(2)
        )
        scene = stack.enter_context(
            scene_opened(folder, chance, workers=1, viewers=2, postgres=postgres, through=first)
        )
        other = stack.enter_context(_beside(scene, folder / "other", second))
        for number in range(2):
            viewer = Viewer(other.port, other.beginning(), f"viewer {number + 1} of the other")
            scene.let_in(stack, viewer)
        yield Rivals(scene, (scene.palace, other), (first, second))


@contextmanager
def _beside(scene: Scene, folder: Path, through: Proxy) -> Iterator[Palace]:
    folder.mkdir()
    url = scene.postgres.url_through(through.port)
    with Palace(folder, scene.gateway.url, workers=1, DATABASE_URL=url) as palace:
        yield palace


def test_a_holder_whose_database_line_goes_dead_is_succeeded_and_writes_no_more(
    rivals: Rivals, chance: Chance
) -> None:
    for number in range(ROUNDS // 2):
        chance.begin(number)
        proxy = rivals.mute_the_holder()
        rivals.scene.recover()
        proxy.cut(reset=True)
        proxy.flow()
        rivals.scene.check()


def test_a_process_whose_database_line_stays_dead_gives_it_up_and_comes_back_by_itself(
    rivals: Rivals, chance: Chance
) -> None:
    proxy = rivals.mute_the_holder()
    rivals.scene.recover()
    proxy.admit()
    rivals.scene.check()
