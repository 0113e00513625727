"""The real gateway dies by SIGKILL at random moments: at work, and while Palais catches up."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.database import Database
from tests.faults import openclaw_books as books
from tests.faults.chance import ROUNDS, Chance
from tests.faults.palace import Palace
from tests.faults.postgres import Postgres
from tests.faults.record import Gap, Record, clipped, viewer_faults
from tests.faults.viewer import Viewer
from tests.rig.gateway import RealGateway
from tests.rig.install import configured
from tests.rig.process import RigError, wait_until
from tests.rig.state import AGENTS
from tests.rig.wire import Wire

pytestmark = pytest.mark.gateway

COURT = tuple(agent for agent in AGENTS if agent.id in {"builder", "writer", "artist", "cfo"})
MANNERS = ("[[slow 1]]", "[[tools]]", "", "[[hold {nonce}]]", "[[slow 3]]")
LAG_MS = 3000
"""How long after a kill the cockpit may get to know of it, on a busy machine."""

NEAR_MS = 60_000


@dataclass
class Outage:
    """By when the gateway was dead, and when its successor was launched (ms)."""

    killed_at: int
    launched_at: int

    def within(self, gap: Gap) -> bool:
        """Whether it is on record as not observed."""
        return gap.started_at <= self.killed_at + LAG_MS and self.launched_at <= gap.ended_at


@dataclass(frozen=True)
class Begun:
    """A run that was begun, in a conversation of its own: one that is cut too often is ended."""

    nonce: str
    conversation: str


@dataclass
class Play:
    """A real gateway and a cockpit, and what was done so far.

    ``runs`` are by their ids; ``told`` are those that the gateway spoke of to an observer.
    """

    gateway: RealGateway
    palace: Palace
    database: Database
    chance: Chance
    outages: list[Outage] = field(default_factory=list)
    runs: dict[str, Begun] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    observer: Wire | None = None

    def begin_runs(self) -> None:
        """Set some agents to work, and note what the gateway tells of it."""
        self.observer = self.gateway.observer()
        for agent in self.chance.sample(COURT, 2):
            nonce = f"n{self.chance.getrandbits(40):x}"
            begun = Begun(nonce, f"agent:{agent.id}:{nonce}")
            said = f"{nonce} {self.chance.choice(MANNERS)}".format(nonce=nonce)
            self.runs[self.gateway.start_run(agent.id, said, begun.conversation)] = begun

    def kill(self) -> None:
        """Kill it, and launch its successor."""
        self.gateway.kill()
        killed_at = _now()  # Only now is it surely dead: a busy machine takes seconds over it.
        self._close_observer(heard_until=time.monotonic() - LAG_MS / 1000)
        self._release()
        self.chance.wait(0.0, 0.5)
        self.outages.append(Outage(killed_at, _now()))
        self.gateway.launch()

    def end(self) -> None:
        """Let all runs end, and return when they have."""
        self._release()
        self.await_quiet()
        self._close_observer(heard_until=time.monotonic())

    def _release(self) -> None:
        for begun in self.runs.values():
            self.gateway.release(begun.nonce)

    def _close_observer(self, heard_until: float) -> None:
        if self.observer is not None:
            self.observer.close()
            heard = [one for one in self.observer.arrivals if one.at < heard_until]
            self.told |= {run for run in self.runs if any(one.carries(run) for one in heard)}
            self.observer = None

    def await_gateway(self, *, ready: bool) -> None:
        """Return when the gateway accepts connections, or when it is ready."""
        wait_until(
            lambda: self.gateway.ready if ready else _listens(self.gateway.port),
            timeout=180,
            step=0.05,
            what=f"[{self.chance.told}] the gateway after a kill\n{self.gateway.log}",
        )

    def await_quiet(self) -> None:
        """Return when no run goes on, by the gateway and by the record."""

        def quiet() -> bool:
            with suppress(RigError):
                return (
                    not self.gateway.active_agents()
                    and set(books.statuses(self.database).values()) <= books.OVER
                    and not self.palace.busy()
                )
            return False

        try:
            wait_until(quiet, timeout=120, step=0.5, what="quiet")
        except RigError:
            open_runs = {k: v for k, v in books.statuses(self.database).items() if v == "running"}
            raise AssertionError(
                f"[{self.chance.told}] still running on record: {open_runs}; busy: "
                f"{self.palace.busy()}; by the gateway: {self.gateway.active_agents()}\n"
                f"{self.palace.log_tail()}"
            ) from None


def _now() -> int:
    return time.time_ns() // 1_000_000


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


@pytest.fixture
def play(folder: Path, chance: Chance) -> Iterator[Play]:
    install = configured()
    if not install.complete:
        assert os.environ.get("PALAIS_REQUIRE_GATEWAY") != "1", "no OpenClaw: make test-full"
        pytest.skip("no OpenClaw here: `make test-full` fetches it")
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres(folder / "instance"))
        gateway = RealGateway(install.home, folder / "gateway", agents=COURT)
        stack.callback(gateway.stop)
        gateway.start()
        palace = Palace(folder, gateway.url, token=gateway.token)
        stack.enter_context(palace)
        database = Database(postgres.url)
        stack.callback(database.engine.dispose)
        yield Play(gateway, palace, database, chance)


def test_a_real_gateway_that_is_killed_again_and_again_leaves_true_books(
    play: Play, chance: Chance
) -> None:
    cursor = play.palace.beginning()
    with Viewer(play.palace.port, cursor, "one") as one, Viewer(play.palace.port, cursor) as two:
        assert one.wait_told("connected")
        for number in range(ROUNDS):
            chance.begin(number)
            # In turn: at work; and as soon as it answers, which is while Palais catches up.
            if number % 2 == 0:
                play.await_gateway(ready=True)
                assert one.wait_told("connected"), chance.told
                play.begin_runs()
                chance.wait(0.0, 4.0)
            else:
                play.await_gateway(ready=False)
                chance.wait(0.0, 2.0)
            play.kill()
        play.await_gateway(ready=True)
        assert one.wait_told("connected"), chance.told
        play.begin_runs()
        play.end()
        _assert_viewers_saw_the_log(play, one, two)
    _assert_gaps(play)
    _assert_books(play)


def _assert_viewers_saw_the_log(play: Play, *viewers: Viewer) -> None:
    record = Record(play.database)
    record.refresh()
    for viewer in viewers:
        assert viewer.wait_for(record.log[-1][0]), play.chance.told
        seen = viewer.seen()
        record.reread()
        faults = [*viewer.wrong, *viewer_faults(seen, record.log)]
        assert faults == [], f"[{play.chance.told}] {viewer.name}: {clipped(faults)}"


def _assert_gaps(play: Play) -> None:
    """Every outage lies within a gap."""
    record = Record(play.database)
    record.refresh()
    for outage in play.outages:
        near = [
            gap
            for gap in record.gaps
            if gap.started_at < outage.launched_at + NEAR_MS
            and gap.ended_at > outage.killed_at - NEAR_MS
        ]
        assert any(outage.within(gap) for gap in near), (
            f"[{play.chance.told}] {outage} lies in no gap; near it are {near}\n"
            f"{play.palace.log_tail()}"
        )


def _assert_books(play: Play) -> None:
    """The gateway's account is Palais's, and so is the model's where a run was not cut."""
    conversations = [begun.conversation for begun in play.runs.values()]
    known = books.known_to_gateway(play.gateway, conversations)
    wrong = books.differences(known, books.on_record(play.database))
    assert wrong == [], f"[{play.chance.told}] {clipped(wrong)}\n{play.palace.log_tail()}"
    statuses = books.statuses(play.database)
    unseen = play.told - set(statuses)
    assert not unseen, f"[{play.chance.told}] the gateway told of {unseen}, the record does not"
    whole = [run_id for run_id in play.runs if statuses.get(run_id) == "completed"]
    off = {
        run_id: f"{counted} on record, {billed} billed"
        for run_id in whole
        if (counted := books.tokens_of(play.database, run_id))
        != (billed := books.billed(play.gateway, play.runs[run_id].nonce))
    }
    assert off == {}, f"[{play.chance.told}] {off}"
    assert whole, "no run came to its end"
    assert known, "the gateway knows of no model call"
