"""The gateway dies by SIGKILL at random moments, while it speaks and viewers listen."""

from pathlib import Path

from tests.faults.chance import ROUNDS, Chance
from tests.faults.scene import opened


def test_a_gateway_that_is_killed_leaves_no_number_missing_outside_a_gap(
    folder: Path, chance: Chance
) -> None:
    with opened(folder, chance) as scene:
        scene.palace.spread(scene.viewers)
        connections = [viewer.connections for viewer in scene.viewers]
        for number in range(ROUNDS):
            chance.begin(number)
            chance.wait(0.0, 1.0)
            gaps = len(scene.record.gaps)
            scene.gateway.kill()
            chance.wait(0.0, 0.5)
            scene.gateway.start()
            scene.recover()
            scene.check()
            if len(scene.record.gaps) != gaps + 1:
                scene.fail(f"one outage made {len(scene.record.gaps) - gaps} gaps")
        # It is nothing to the viewers: their streams go on.
        assert [viewer.connections for viewer in scene.viewers] == connections, chance.told
