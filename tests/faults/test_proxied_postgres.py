"""Between the cockpit and its database: stalls, delays, and cuts, also within an answer."""

from pathlib import Path

from tests.faults.chance import ROUNDS, Chance
from tests.faults.postgres import Postgres
from tests.faults.proxy import Proxy, opened, to_path
from tests.faults.scene import opened as scene_opened
from tests.rig.process import free_port


def _trouble(proxy: Proxy, chance: Chance) -> str:
    """Do one thing to the line, and say which."""
    reset = chance.random() < 0.5
    match chance.randrange(4):
        case 0:
            proxy.stall()
            chance.wait(0.1, 1.5)
            proxy.flow()
            return "stalled for a while"
        case 1:
            proxy.stall()
            chance.wait(0.1, 1.5)
            proxy.cut(reset=reset)
            proxy.flow()
            return "stalled and cut"
        case 2:
            proxy.delay = chance.uniform(0.0, 0.2)
            chance.wait(0.1, 1.0)
            proxy.cut(reset=reset)
            proxy.delay = 0.0
            return "delayed and cut"
        case _:
            # A commit whose answer is lost has been made, or it has not.
            proxy.cut(reset=reset, after=chance.randrange(1, 3000))
            return "cut within an answer"


def test_a_line_to_the_database_that_stalls_lags_and_breaks_loses_nothing_and_doubles_nothing(
    folder: Path, chance: Chance
) -> None:
    with (
        Postgres(folder / "instance") as postgres,
        opened(free_port(), to_path(postgres.socket)) as proxy,
        scene_opened(folder, chance, postgres=postgres, through=proxy) as scene,
    ):
        scene.palace.spread(scene.viewers)
        for number in range(ROUNDS):
            chance.begin(number)
            chance.wait(0.0, 0.5)
            chance.told += f", {_trouble(proxy, chance)}"
            scene.recover()
            scene.check()
