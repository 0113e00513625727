"""Where they are measured: servers started and ended, each with its load and its Postgres."""

import contextlib
import http.client
import json
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import psycopg2

from bench import build, processes
from bench.contestants import KEY, Contestant, Setting, environment
from bench.errors import BenchError
from bench.load import AGENTS, Load
from palais.store import embedded
from palais.store.embedded import EmbeddedPostgres

START_SECONDS: Final = 60.0
PURGE_EVENTS: Final = 4


class Server:
    """One running server with its load; ``arena.running`` gives and ends it."""

    def __init__(self, contestant: Contestant, setting: Setting, load: Load) -> None:
        self.contestant = contestant
        self.load = load
        self.port = setting.port
        self._setting = setting
        self._log = setting.folder / "server.log"
        launch = contestant.launch(setting)
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                processes.mortal(launch.command),
                env=environment(launch),
                cwd=build.HERE.parent,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    @property
    def name(self) -> str:
        """The contestant's name."""
        return self.contestant.name

    def await_ready(self) -> None:
        """Return when it has taken in the gateway's agents; raise BenchError where it does not."""
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"{self.contestant.title} did not start. {self.tail()}")
            time.sleep(0.05)

    def _ready(self) -> bool:
        try:
            if not self.load.connected():
                return False
            if not self.contestant.persists:
                return True
            return sum(str(agent["id"]).startswith("bench-") for agent in self.agents()) == AGENTS
        except (OSError, ValueError, http.client.HTTPException, TypeError, KeyError):
            return False

    def agents(self) -> list[dict[str, object]]:
        """Ask for the list of agents, over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/api/v1/agents", headers={"X-API-Key": KEY})
            found: list[dict[str, object]] = json.loads(connection.getresponse().read())
            return found
        finally:
            connection.close()

    def view(self, viewers: int, *, deaf: bool = False) -> None:
        """Open so many streams; raise BenchError where not all begin."""
        began = self.load.view(self.port, "/api/sse", viewers, key=KEY, deaf=deaf)
        if began < viewers and not deaf:
            raise BenchError(
                f"{self.contestant.title} let in {began} of {viewers} viewers. {self.tail()}"
            )

    def leave(self) -> None:
        """End all streams, and send some events, by which servers notice who has gone."""
        self.load.close_viewers()
        self.load.send(PURGE_EVENTS, rate=20, quiet=1)
        time.sleep(0.3)

    def cpu_seconds(self) -> float:
        """Return the CPU time of all its processes so far; Postgres is not among them."""
        return processes.cpu_seconds(self._process.pid, self.contestant.counts)

    def resident_bytes(self) -> int:
        """Return the resident memory of all its processes."""
        return processes.resident_bytes(self._process.pid)

    def logged(self) -> int:
        """Count the committed rows of its activity log."""
        with contextlib.closing(self.database()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM activity_log")
            [(rows,)] = cursor.fetchall()
            return int(rows)

    def database(self) -> "psycopg2.extensions.connection":
        """Return a connection of one's own to its database; every statement commits by itself."""
        query = self._setting.database.replace("postgresql+psycopg2", "postgresql")
        connection = psycopg2.connect(query)
        connection.autocommit = True
        return connection

    def tail(self) -> str:
        """Return the end of its log, for the message of a failure."""
        return "Its log ends with:\n" + "\n".join(self._lines()[-15:])

    def last_words(self) -> str:
        """Return the last line of its log, clipped."""
        return (self._lines() or ["nothing"])[-1][:200]

    def _lines(self) -> list[str]:
        return [line for line in self._log.read_text(errors="replace").splitlines() if line.strip()]

    def end(self) -> None:
        """End its processes, and its load."""
        processes.end(self._process)
        self.load.close()


class Arena:
    """A temporary folder with the programs, and a Postgres for each contestant that keeps data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._databases: dict[str, EmbeddedPostgres] = {}
        self._kept: dict[str, Server] = {}
        self._workshop = folder / "bin"
        self._workshop.mkdir()
        build.compile_c(build.LOAD, self._workshop / "load")
        build.compile_c(build.RAW, self._workshop / "raw")

    def __enter__(self) -> "Arena":
        return self

    def __exit__(self, *_: object) -> None:
        self.dismiss()
        self._stack.close()

    @contextmanager
    def fresh(self, contestants: Sequence[Contestant]) -> Iterator[list[Server]]:
        """Give fresh servers, all started and connected to their gateways, and end them."""
        self.dismiss()
        with ExitStack() as stack:
            yield self._started(contestants, stack)

    def servers(self, contestants: Sequence[Contestant]) -> list[Server]:
        """Return running servers without viewers, which may have served other measures."""
        missing = [one for one in contestants if one.name not in self._kept]
        with ExitStack() as stack:
            for server in self._started(missing, stack):
                self._kept[server.name] = server
            stack.pop_all()
        chosen = [self._kept[one.name] for one in contestants]
        for server in chosen:
            server.leave()
        return chosen

    def _started(self, contestants: Sequence[Contestant], stack: ExitStack) -> list[Server]:
        servers = []
        for contestant in contestants:
            server = self._start(contestant)
            stack.callback(server.end)
            servers.append(server)
        for server in servers:
            server.await_ready()
        return servers

    def dismiss(self) -> None:
        """End the servers that ``servers`` keeps."""
        while self._kept:
            self._kept.popitem()[1].end()

    def data_folder(self, contestant: Contestant) -> Path:
        """Return the folder of a contestant's Postgres."""
        return self._folder / f"pg-{contestant.name}"

    def _start(self, contestant: Contestant) -> Server:
        folder = self._folder / contestant.name
        folder.mkdir(exist_ok=True)
        load = Load(self._workshop / "load")
        try:
            setting = Setting(
                load.port, free_port(), self._database(contestant), folder, self._workshop
            )
            return Server(contestant, setting, load)
        except BaseException:
            load.close()
            raise

    def _database(self, contestant: Contestant) -> str:
        if not contestant.persists:
            return ""
        if contestant.name not in self._databases:
            database = self._stack.enter_context(embedded.join(self.data_folder(contestant)))
            self._databases[contestant.name] = database
        return self._databases[contestant.name].url


def free_port() -> int:
    """Return a TCP port on loopback that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
