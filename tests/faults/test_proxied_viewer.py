"""Between the cockpit and its viewers: stalls, delays, and cuts, also within an event."""

from contextlib import ExitStack
from pathlib import Path

from tests.faults.chance import ROUNDS, Chance
from tests.faults.proxy import Proxy, opened, to_port
from tests.faults.scene import Scene
from tests.faults.scene import opened as scene_opened
from tests.faults.viewer import Viewer
from tests.rig.process import free_port

BEHIND = 3
"""Viewers behind the proxy; others are beside it."""


def _trouble(proxy: Proxy, chance: Chance) -> str:
    """Do one thing to the line, and say which."""
    match chance.randrange(4):
        case 0:
            proxy.stall()
            chance.wait(0.1, 1.5)
            proxy.flow()
            return "stalled for a while"
        case 1:
            proxy.stall()
            chance.wait(0.1, 1.5)
            proxy.cut(reset=chance.random() < 0.5)
            proxy.flow()
            return "stalled and cut"
        case 2:
            proxy.delay = chance.uniform(0.0, 0.3)
            chance.wait(0.1, 1.0)
            proxy.cut(reset=chance.random() < 0.5)
            proxy.delay = 0.0
            return "delayed and cut"
        case _:
            proxy.cut(reset=chance.random() < 0.5, after=chance.randrange(1, 5000))
            return "cut within an event"


def _follow_through(proxy: Proxy, scene: Scene, stack: ExitStack) -> None:
    cursor = scene.palace.beginning()
    for number in range(BEHIND):
        scene.let_in(stack, Viewer(proxy.port, cursor, f"viewer {number + 1} behind the proxy"))


def test_a_viewer_on_a_bad_line_sees_every_row_once_and_the_others_notice_nothing(
    folder: Path, chance: Chance
) -> None:
    with (
        scene_opened(folder, chance, viewers=2) as scene,
        opened(free_port(), to_port(scene.palace.port)) as proxy,
        ExitStack() as stack,
    ):
        beside = list(scene.viewers)
        _follow_through(proxy, scene, stack)
        scene.check()
        for number in range(ROUNDS):
            chance.begin(number)
            chance.wait(0.0, 0.5)
            chance.told += f", {_trouble(proxy, chance)}"
            scene.recover()
            scene.check()
        assert [viewer.connections for viewer in beside] == [1, 1], chance.told
