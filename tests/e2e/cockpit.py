"""Palais as a person runs it: a process of its own, watched through its public API only."""

import contextlib
import http.client
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from palais.demo.gateway import DemoGateway
from tests.rig.process import Guarded, RigError, free_port, wait_until

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90.0
KEY = secrets.token_urlsafe(24)
PASSWORD = secrets.token_urlsafe(24)


@dataclass(frozen=True)
class SseEvent:
    """One event of the stream and the moment it came (time.monotonic)."""

    at: float
    id: str | None
    name: str
    data: Json

    def is_status(self, agent_id: str, status: str) -> bool:
        """Whether it says that this agent now has this status."""
        return (
            self.data.get("type") == "agent.status"
            and self.data.get("agentId") == agent_id
            and self.data.get("status") == status
        )

    def is_end_of(self, agent_id: str) -> bool:
        """Whether it says that a run of this agent is over."""
        kind = self.data.get("type")
        return bool(kind == "session.completed" and self.data.get("agentId") == agent_id)


class Stream:
    """GET /api/sse, read by a thread."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self.events: list[SseEvent] = []
        self._changed = threading.Condition()
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._connection.request("GET", "/api/sse", headers=dict(headers))
        self._response = self._connection.getresponse()
        if self._response.status != 200:
            raise RigError(f"GET /api/sse answered {self._response.status}")
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait_for(
        self,
        wanted: Callable[[SseEvent], bool],
        timeout: float,
        what: str,
        after: SseEvent | None = None,
    ) -> SseEvent:
        """Give the first event, past or future, that is wanted; `after` leaves out the past."""

        def found() -> SseEvent | None:
            start = self.events.index(after) + 1 if after else 0
            return next((event for event in self.events[start:] if wanted(event)), None)

        with self._changed:
            event = self._changed.wait_for(found, timeout)
        if event is None:
            seen = [json.dumps(event.data) for event in self.events[-12:]]
            raise AssertionError(f"after {timeout:g} s still waiting: {what}; last events: {seen}")
        return event

    def wait_status(
        self, agent_id: str, status: str, timeout: float = 30.0, after: SseEvent | None = None
    ) -> SseEvent:
        """Wait until the stream says that this agent has this status."""
        return self.wait_for(
            lambda event: event.is_status(agent_id, status), timeout, f"{agent_id} {status}", after
        )

    def wait_gateway(self, *states: str, timeout: float, after: SseEvent | None = None) -> SseEvent:
        """Wait until the stream says that the connection to the gateway is in one of these."""
        return self.wait_for(
            lambda event: event.name == "gateway" and event.data.get("state") in states,
            timeout,
            f"gateway {' or '.join(states)}",
            after,
        )

    def close(self) -> None:
        """Leave, as a browser tab does."""
        with contextlib.suppress(OSError):
            if self._connection.sock:
                self._connection.sock.shutdown(2)
        self._thread.join(timeout=5)
        self._response.close()
        self._connection.close()

    def __enter__(self) -> Self:
        self.wait_for(lambda event: event.name == "connected", 30, "the stream's `connected`")
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _read(self) -> None:
        fields: dict[str, str] = {}
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
            while line := self._response.readline():
                name, _, value = line.decode().rstrip("\r\n").partition(":")
                if name or value:
                    fields[name] = value.removeprefix(" ")
                else:
                    self._deliver(fields)
                    fields = {}

    def _deliver(self, fields: Mapping[str, str]) -> None:
        if "data" not in fields:
            return
        event = SseEvent(
            time.monotonic(),
            fields.get("id"),
            fields.get("event", "message"),
            json.loads(fields["data"]),
        )
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()


class Cockpit:
    """One running Palais; ``settings`` are further variables of its environment."""

    def __init__(self, folder: Path, gateway_url: str, token: str, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self._headers = {"X-API-Key": KEY}
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "DATABASE_URL": "",  # set, so that a developer's .env does not speak here
            "DATABASE_URL_FILE": "",
            "PALAIS_DATA_DIR": str(folder / "instance"),
            "PALAIS_BIND": f"127.0.0.1:{self.port}",
            "PALAIS_API_KEY": KEY,
            "PALAIS_ADMIN_PASSWORD": PASSWORD,
            "OPENCLAW_WS_URL": gateway_url,
            "OPENCLAW_GATEWAY_TOKEN": token,
            **settings,
        }
        self._process: Guarded | None = None

    def command(self, *words: str, **changes: str) -> str:
        """Run a ``flask`` command beside it; return what that says, errors included."""
        ran = subprocess.run(
            [sys.executable, "-m", "flask", *words],
            cwd=ROOT,
            env={**self._environment, **changes},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        return ran.stdout

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    def start(self) -> Self:
        """Start it and wait until it says that it is well."""
        command = [sys.executable, "-m", "flask", "serve"]
        process = self._process = Guarded(
            command, env=self._environment, cwd=ROOT, log=self.folder / "cockpit.out"
        )
        try:
            wait_until(
                lambda: self.healthy or not process.running,
                timeout=START_SECONDS,
                what="GET /api/health of the cockpit",
            )
        except RigError:
            self.stop()
        if not process.running:
            raise RigError(f"the cockpit did not come up\n{process.tail()}")
        return self

    def stop(self) -> int:
        """SIGTERM, and wait for its end."""
        return self._process.stop(grace=20) if self._process else 0

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @property
    def healthy(self) -> bool:
        try:
            return self._request("/api/health")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def health(self) -> Json:
        """GET /api/health."""
        return dict(self.get("/api/health"))

    def gateway(self) -> Json:
        """Say how the connection to the gateway is."""
        return dict(self.health()["gateway"])

    def agents(self) -> dict[str, Json]:
        """GET /api/v1/agents, by id."""
        return {agent["id"]: agent for agent in self.get("/api/v1/agents")}

    def statuses(self) -> dict[str, str]:
        """Say the status of each agent."""
        return {agent_id: agent["status"] for agent_id, agent in self.agents().items()}

    def busy(self) -> set[str]:
        """Say who is busy."""
        return {agent_id for agent_id, status in self.statuses().items() if status == "busy"}

    def rest(self, gateway: DemoGateway) -> None:
        """Wait until nobody works any more, whoever the last run was delegated to."""
        wait_until(lambda: not (gateway.busy() or self.busy()), timeout=60, what="rest")

    def sessions(self, agent_id: str) -> list[Json]:
        """GET /api/v1/agents/<id>/sessions, newest first."""
        return list(self.get(f"/api/v1/agents/{agent_id}/sessions"))

    def session_of(self, agent_id: str, run_id: str) -> Json | None:
        """Find the session of one run."""
        return next((row for row in self.sessions(agent_id) if row["runId"] == run_id), None)

    def activity(self) -> list[Json]:
        """GET /api/v1/activity, newest first."""
        return list(self.get("/api/v1/activity?limit=200"))

    def stream(self) -> Stream:
        """Open the live stream."""
        return Stream(self.port, self._headers)

    def get(self, path: str) -> Any:
        """GET something that must be there."""
        status, body = self._request(path)
        if status != 200:
            raise AssertionError(f"GET {path} answered {status}: {body[:500]!r}")
        return json.loads(body)

    def _request(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers=self._headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
