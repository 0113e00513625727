"""Between the gateway and the cockpit: stalls, delays, and cuts, also within a frame."""

from collections.abc import Callable
from pathlib import Path

from tests.faults.chance import ROUNDS, Chance
from tests.faults.gateways import LedgerGateway
from tests.faults.proxy import Proxy, opened, to_port
from tests.faults.scene import opened as scene_opened
from tests.rig.process import free_port

LATE = 0.3
"""Seconds that every byte may be late."""

SILENCE_SECONDS = 120.0
"""Twice the patience of a listener with a gateway that promises no other rhythm."""

Fault = Callable[[Proxy, Chance], None]


def pause(proxy: Proxy, chance: Chance) -> None:
    """Stall for a while, and then pass on all that waited."""
    proxy.stall()
    chance.wait(0.1, 1.5)
    proxy.flow()


def silence(proxy: Proxy, chance: Chance) -> None:
    """Stall for a while, and then lose all that waited."""
    proxy.stall()
    chance.wait(0.1, 1.5)
    proxy.leave()
    proxy.cut(reset=chance.random() < 0.5)
    proxy.flow()


def delay(proxy: Proxy, chance: Chance) -> None:
    """Be late for a while, and lose what is on its way."""
    proxy.delay = chance.uniform(0.0, LATE)
    chance.wait(0.1, 1.0)
    proxy.leave()
    proxy.cut(reset=chance.random() < 0.5)
    proxy.delay = 0.0


def cut(proxy: Proxy, chance: Chance) -> None:
    """End the connection between two frames or within one."""
    proxy.leave()
    proxy.cut(reset=chance.random() < 0.5, after=chance.randrange(1, 2000))


FAULTS: tuple[Fault, ...] = (pause, silence, delay, cut)


def test_a_line_to_the_gateway_that_stalls_lags_and_breaks_costs_only_what_gaps_tell(
    folder: Path, chance: Chance
) -> None:
    with (
        LedgerGateway(folder) as gateway,
        opened(free_port(), to_port(gateway.port)) as proxy,
        scene_opened(
            folder, chance, gateway=gateway, gateway_url=f"ws://127.0.0.1:{proxy.port}"
        ) as scene,
    ):
        # What was on its way when it was cut had been sent before: nobody can know how long.
        scene.slack += round(LATE * 1000)
        for number in range(ROUNDS):
            chance.begin(number)
            chance.wait(0.0, 0.5)
            fault = FAULTS[number % len(FAULTS)]
            chance.told += f", fault: {fault.__name__}"
            fault(proxy, chance)
            if fault is not pause:
                # It comes back once it is missed: so it is dialled at once when it does.
                assert scene.viewers[0].wait_told("offline"), chance.told
                proxy.come_back()
            scene.recover()
            scene.check()


def test_a_gateway_that_falls_silent_is_given_up_and_the_gap_begins_where_it_was_last_heard(
    folder: Path, chance: Chance
) -> None:
    with (
        LedgerGateway(folder, rate=20) as gateway,
        opened(free_port(), to_port(gateway.port)) as proxy,
        scene_opened(
            folder, chance, gateway=gateway, gateway_url=f"ws://127.0.0.1:{proxy.port}", viewers=1
        ) as scene,
    ):
        proxy.stall()
        proxy.admit()  # only the present connection is half-open
        assert scene.viewers[0].wait_told("offline", SILENCE_SECONDS), chance.told
        scene.recover()
        scene.check()
