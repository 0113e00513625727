"""A real OpenClaw gateway with everything it needs, as one object that starts and stops."""

import hashlib
import http.client
import json
import os
import secrets
import sys
import uuid
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.rig.install import Install
from tests.rig.process import Guarded, RigError, free_port, wait_until
from tests.rig.state import AGENTS, Agent, write_state
from tests.rig.wire import Wire

Json = dict[str, Any]
HERE = Path(__file__).parent
START_SECONDS = 120.0


class RealGateway:
    """The gateway, its mock model and, when asked for, a fake Telegram; all on loopback.

    `home` is the folder of the installation, `state_dir` an empty folder that may be thrown away.
    """

    def __init__(
        self,
        home: Path,
        state_dir: Path,
        agents: Sequence[Agent] = AGENTS,
        telegram: bool = False,
    ) -> None:
        self.install = Install(home)
        self.state_dir = state_dir
        self.token = secrets.token_hex(24)
        self.port, self.llm_port = free_port(), free_port()
        self.telegram_port = free_port() if telegram else None
        self.log = state_dir / "gateway.out"
        self.ledger = state_dir / "mock_llm.jsonl"
        self._agents = agents
        self._gateway: Guarded | None = None
        self._helpers: list[Guarded] = []
        self._wire: Wire | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        return self._gateway is not None and self._gateway.running

    # -- life

    def start(self) -> None:
        """Start whatever does not run yet and wait for /readyz."""
        if self.running:
            return
        if not self._helpers:
            self._prepare()
        launched = self.launch()
        try:
            wait_until(
                lambda: self.ready or not launched.running,
                timeout=START_SECONDS,
                what="/readyz of the gateway",
            )
        except RigError as error:
            self.stop()
            raise RigError(f"{error}\n{launched.tail()}") from None
        if not launched.running:
            self.stop()
            raise RigError(f"the gateway ended while starting\n{launched.tail()}")

    def launch(self) -> Guarded:
        """Start the gateway's process without waiting for it."""
        node, openclaw = self.install.node, self.install.openclaw
        command: list[str | Path] = [
            node,
            openclaw,
            "gateway",
            "run",
            "--port",
            str(self.port),
            "--bind",
            "loopback",
        ]
        self._gateway = Guarded(
            command, env=self.environment, cwd=self.state_dir / "home", log=self.log
        )
        return self._gateway

    @property
    def ready(self) -> bool:
        """Whether /readyz answers 200 at this moment."""
        try:
            return self._http(self.port, "GET", "/readyz") == 200
        except (OSError, http.client.HTTPException):
            return False

    def stop(self) -> None:
        """Stop everything, the gateway in order; a run that would hold it up for long is cut."""
        self._stop_gateway(grace=5)
        for helper in self._helpers:
            helper.stop(grace=5)
        self._helpers.clear()
        self._forget_locks()

    def kill(self) -> None:
        """SIGKILL the gateway; the model and the channel stay."""
        self._close_wire()
        if self._gateway:
            self._gateway.kill()

    def restart(self) -> None:
        """Stop the gateway in order and start it again on the same port and state."""
        self._stop_gateway(grace=20)
        self.start()

    # -- acting on it

    @property
    def wire(self) -> Wire:
        """The connection that acts, opened when first needed."""
        if self._wire is None:
            self._wire = Wire(self.url, self.token, "operator.read", "operator.write")
        return self._wire

    def observer(self) -> Wire:
        """Open a second, reading connection that sees every event."""
        wire = Wire(self.url, self.token, "operator.read")
        wire.observe()
        return wire

    def start_run(self, agent_id: str, message: str, session_key: str | None = None) -> str:
        """Start a run and give back its id, without waiting for it."""
        accepted = self.wire.ask(
            "agent",
            {
                "agentId": agent_id,
                "message": message,
                "sessionKey": session_key or f"agent:{agent_id}:main",
                "idempotencyKey": str(uuid.uuid4()),
            },
        )
        return str(accepted["runId"])

    def chat_send(self, session_key: str, message: str) -> str:
        """Send a message as a chat client does and give back the run's id."""
        accepted = self.wire.ask(
            "chat.send",
            {"sessionKey": session_key, "message": message, "idempotencyKey": str(uuid.uuid4())},
        )
        return str(accepted["runId"])

    def abort(self, session_key: str, run_id: str) -> Json:
        """Abort one run."""
        return self.wire.ask("sessions.abort", {"key": session_key, "runId": run_id})

    def wait_run(self, run_id: str, timeout: float = 60.0) -> Json:
        """Wait for the end of a run and give back what the gateway says of it."""
        params = {"runId": run_id, "timeoutMs": int(timeout * 1000)}
        return self.wire.ask("agent.wait", params, timeout=timeout + 10)

    def active_agents(self) -> set[str]:
        """Ask the gateway itself who has a run now."""
        rows = self.wire.ask("sessions.list", {"activeOnly": True})["sessions"]
        return {str(row["agentId"]) for row in rows if row.get("hasActiveRun")}

    def release(self, name: str) -> None:
        """Let the model answer whoever waits at [[hold NAME]]."""
        self._http(self.llm_port, "POST", f"/release/{name}")

    def inject_telegram(self, text: str) -> None:
        """Let a person send this message to the bot."""
        if self.telegram_port is None:
            raise RigError("this gateway was made without telegram=True")
        self._http(self.telegram_port, "POST", "/inject", {"text": text})

    def billed(self, nonce: str) -> list[Json]:
        """List the finished answers of the model for messages with this nonce, recaps apart."""
        lines = self.ledger.read_text().splitlines() if self.ledger.exists() else []
        entries = [json.loads(line) for line in lines]
        return [
            entry
            for entry in entries
            if nonce in entry["message"] and entry["usage"] and not entry["utility"]
        ]

    # -- inside

    @cached_property
    def environment(self) -> dict[str, str]:
        """Nothing of the caller's environment but PATH: no keys, no proxies, no home."""
        bins = [self.install.node.parent, self.install.openclaw.parent.parent / ".bin"]
        environment = {
            "PATH": os.pathsep.join([*map(str, bins), os.environ.get("PATH", os.defpath)]),
            "HOME": str(self.state_dir / "home"),
            "TMPDIR": str(self.state_dir / "tmp"),
            "LANG": "C.UTF-8",
            "OPENCLAW_STATE_DIR": str(self.state_dir / "openclaw"),
            "OPENCLAW_DISABLE_BONJOUR": "1",
            "OPENCLAW_NO_AUTO_UPDATE": "1",
            "OPENCLAW_OFFLINE": "1",
            "OPENCLAW_NO_RESPAWN": "1",
            "OPENCLAW_EXEC_SHELL_SNAPSHOT": "0",
            "DO_NOT_TRACK": "1",
            "NO_COLOR": "1",
            # Compiling all its scripts anew is a fifth of a start.
            "NODE_COMPILE_CACHE": str(self.install.home / "compile-cache"),
        }
        if self.telegram_port is None:
            environment["OPENCLAW_SKIP_CHANNELS"] = "1"
            # They are a fifth of its start, and none of them is for what it does without a channel.
            environment["OPENCLAW_DISABLE_BUNDLED_PLUGINS"] = "1"
        return environment

    def _prepare(self) -> None:
        for name in ("home", "tmp"):
            (self.state_dir / name).mkdir(parents=True, exist_ok=True)
        write_state(
            self.state_dir,
            port=self.port,
            llm_port=self.llm_port,
            token=self.token,
            agents=self._agents,
            telegram_port=self.telegram_port,
        )
        self._help("mock_llm.py", self.llm_port, "--log", str(self.ledger))
        if self.telegram_port:
            self._help("fake_telegram.py", self.telegram_port)

    def _help(self, script: str, port: int, *options: str) -> None:
        command: list[str | Path] = [sys.executable, HERE / script, "--port", str(port), *options]
        log = self.state_dir / f"{script}.out"
        self._helpers.append(
            Guarded(command, env={"PATH": os.defpath}, cwd=self.state_dir, log=log)
        )

    def _forget_locks(self) -> None:
        """Remove the lock files of this state: OpenClaw keeps them in /tmp, not in TMPDIR."""
        locks = Path(f"/tmp/openclaw-state-locks-{os.getuid()}")
        for database in self.state_dir.resolve().rglob("*.sqlite"):
            mark = hashlib.sha256(str(database).encode()).hexdigest()[:8]
            for lock in locks.glob(f"*.{mark}.lock.sqlite*"):
                lock.unlink(missing_ok=True)

    def _stop_gateway(self, grace: float) -> None:
        self._close_wire()
        if self._gateway:
            self._gateway.stop(grace)

    def _close_wire(self) -> None:
        if self._wire:
            self._wire.close()
            self._wire = None

    @staticmethod
    def _http(port: int, method: str, path: str, body: Json | None = None) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request(method, path, json.dumps(body) if body else None)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()
