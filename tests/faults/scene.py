"""A cockpit between a ledger gateway and its viewers, and what must hold whatever is done to it."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.database import Database
from tests.faults.chance import Chance
from tests.faults.gateways import LedgerGateway
from tests.faults.palace import Palace
from tests.faults.postgres import Postgres
from tests.faults.proxy import Proxy
from tests.faults.record import SLACK_MS, Record, clipped, log_faults, viewer_faults
from tests.faults.viewer import Viewer
from tests.rig.process import RigError, wait_until

RECOVERY_SECONDS = 60.0


class Scene:
    """Everything that one test plays with."""

    def __init__(
        self, chance: Chance, gateway: LedgerGateway, postgres: Postgres, palace: Palace
    ) -> None:
        self.chance = chance
        self.gateway = gateway
        self.postgres = postgres
        self.palace = palace
        self.database = Database(postgres.url)
        self.record = Record(self.database)
        self.viewers: list[Viewer] = []
        self.slack = SLACK_MS

    def let_in(self, stack: ExitStack, viewer: Viewer) -> None:
        """Start a viewer that is held to see everything, until the stack ends."""
        self.viewers.append(stack.enter_context(viewer))

    def recover(self, timeout: float = RECOVERY_SECONDS) -> None:
        """Return when what the gateway sends from now on is on record again."""
        sent = self.gateway.ledger.last()
        try:
            wait_until(
                lambda: self.record.newest() > sent, timeout=timeout, step=0.1, what="new rows"
            )
        except RigError as error:
            self.fail(
                f"{error} after number {sent}; the log ends at {self.record.newest()}, "
                f"the ledger at {self.gateway.ledger.last()}"
            )

    def check(self) -> None:
        """Hold the record against the ledger, and what each viewer saw against the record.

        What is compared is settled: everything up to the newest row.
        """
        self.record.refresh()
        newest = self.record.log[-1][0]
        end = time.monotonic() + RECOVERY_SECONDS
        late = [one for one in self.viewers if not one.wait_for(newest, end - time.monotonic())]
        faults = [f"{viewer.name} has not seen row {newest} in time" for viewer in late]
        # In this order: what a viewer has seen by now has long been on record.
        seen = [viewer.seen() for viewer in self.viewers]
        self.record.reread()
        sent = self.gateway.ledger.read()
        faults += log_faults(sent, self.record.log, self.record.gaps, self.slack)
        for viewer, rows in zip(self.viewers, seen, strict=True):
            said = [*viewer.wrong, *viewer_faults(rows, self.record.log)]
            faults += [f"{viewer.name} {fault}" for fault in said]
        if faults:
            self.fail(clipped(faults))

    def fail(self, what: str) -> None:
        """Fail with the seed, and with the end of the cockpit's log."""
        raise AssertionError(f"[{self.chance.told}] {what}\n--- cockpit:\n{self.palace.log_tail()}")


@contextmanager
def opened(
    folder: Path,
    chance: Chance,
    *,
    viewers: int = 4,
    workers: int = 2,
    fat: bool = False,
    gateway: LedgerGateway | None = None,
    gateway_url: str = "",
    postgres: Postgres | None = None,
    through: Proxy | None = None,
) -> Iterator[Scene]:
    """Start a scene and return when its log grows and every viewer follows; then end all of it.

    A ``gateway`` and a ``postgres`` that are given have been started; ``gateway_url`` and
    ``through`` are the cockpit's detours to them.
    """
    with ExitStack() as stack:
        if postgres is None:
            postgres = stack.enter_context(Postgres(folder / "instance"))
        if gateway is None:
            gateway = stack.enter_context(LedgerGateway(folder, fat=fat))
        detour = {"DATABASE_URL": postgres.url_through(through.port)} if through else {}
        palace = Palace(folder, gateway_url or gateway.url, workers=workers, **detour)
        scene = Scene(chance, gateway, postgres, stack.enter_context(palace))
        stack.callback(scene.database.engine.dispose)
        scene.recover()
        cursor = palace.beginning()
        for number in range(viewers):
            scene.let_in(stack, Viewer(palace.port, cursor, f"viewer {number + 1}"))
        scene.check()
        yield scene
