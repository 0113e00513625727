"""The worker that holds the lease dies by SIGKILL, while events flow and viewers listen."""

import os
import signal
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.faults.chance import ROUNDS, Chance
from tests.faults.palace import holder
from tests.faults.scene import Scene, opened
from tests.rig.process import wait_until

TAKEOVER = timedelta(seconds=5)
"""The contract: by then another process listens."""


def test_another_worker_takes_over_from_a_killed_one_and_every_row_is_seen_once(
    folder: Path, chance: Chance
) -> None:
    with opened(folder, chance) as scene:
        for number in range(ROUNDS):
            chance.begin(number)
            _kill_the_holder(scene)
            scene.recover()
            scene.check()


def _kill_the_holder(scene: Scene) -> None:
    """Kill it, and return when another process has taken over in time."""
    placed = scene.palace.spread(scene.viewers)
    scene.chance.wait(0.0, 1.0)
    held = holder(scene.database)
    assert held in scene.palace.workers, scene.chance.told
    spared = {viewer: viewer.connections for viewer, pid in placed.items() if pid != held}
    killed_at: Any = scene.database.value("SELECT clock_timestamp()")
    os.kill(held, signal.SIGKILL)
    wait_until(lambda: holder(scene.database) != held, timeout=60, step=0.05, what="another holder")
    since: Any = scene.database.value("SELECT holder_since FROM gateway")
    _assert_in_time(scene, killed_at, since)
    interrupted = [one.name for one, before in spared.items() if one.connections != before]
    assert interrupted == [], scene.chance.told


def _assert_in_time(scene: Scene, killed_at: datetime, since: datetime) -> None:
    if not timedelta() <= since - killed_at <= TAKEOVER:
        scene.fail(f"killed at {killed_at}, and another holds the lease only since {since}")
