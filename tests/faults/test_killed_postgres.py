"""Postgres dies by SIGKILL, all of its processes, while events flow and viewers listen."""

from pathlib import Path

from tests.faults.chance import ROUNDS, Chance
from tests.faults.record import viewer_faults
from tests.faults.scene import opened


def test_a_database_that_is_killed_keeps_what_viewers_were_told_and_gets_what_waited(
    folder: Path, chance: Chance
) -> None:
    with opened(folder, chance) as scene:
        scene.palace.spread(scene.viewers)
        for number in range(ROUNDS):
            chance.begin(number)
            chance.wait(0.0, 1.0)
            scene.postgres.kill()
            told = {viewer.name: viewer.seen() for viewer in scene.viewers}
            chance.wait(0.0, 1.0)
            scene.postgres.start()
            scene.record.reread()
            for name, seen in told.items():
                gone = viewer_faults(seen, scene.record.log)
                assert gone == [], f"[{chance.told}] {name} was told what is not on record"
            scene.recover()
            scene.check()
