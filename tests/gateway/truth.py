"""A gateway that tells the truth: what it would answer at any moment of a recording.

It is told every frame of the recording, whether Palais gets to see it or not, and answers from
nothing else. Shapes as in recording 20; what the audit log keeps, and when, as in openclaw's
``audit-recorder``.
"""

from collections.abc import Callable
from copy import copy
from typing import Any, Final

from tests.gateway.frames import TEN, Json, refused, roster
from tests.gateway.recording import Connection

SETTLE_MS: Final = 15_000
"""The audit log has an end that is no success only after this time: a retry may follow."""

LAG_MS: Final = 1_000
"""A row that says so shortly after its run's end that it is active has not caught up yet."""


class Truth:
    """What a gateway knows. ``tell`` it each frame as it comes to pass; ``now`` is its clock."""

    def __init__(self, recorded: Connection) -> None:
        hello = recorded.hello or {}
        self.now = 0
        self.protocol: int = hello.get("payload", {}).get("protocol", 4)
        self._roster = recorded.answer("agents.list") or roster(*TEN)
        self._rows: dict[str, Json] = {}
        self._active: dict[str, bool] = {}
        self._over: frozenset[str] = frozenset()
        self._started: dict[str, Json] = {}
        self._finished: dict[str, tuple[int, Json]] = {}
        self._messages: dict[str, tuple[Json, ...]] = {}
        listed = (recorded.answer("sessions.subscribe") or {}).get("payload", {}).get("list", {})
        for row in listed.get("sessions", ()):
            if isinstance(row, dict):  # the recording leaves rows out, and says so by a text
                self._row(row)

    def fork(self) -> "Truth":
        """Return a copy that goes its own way."""
        twin = copy(self)
        for name in ("_rows", "_active", "_started", "_finished", "_messages"):
            setattr(twin, name, dict(getattr(self, name)))
        return twin

    def die(self) -> None:
        """Let the process end: a new one knows what was, and runs nothing."""
        self._active = {}

    def busy(self) -> frozenset[str]:
        """Return the conversations in which a run is active."""
        return frozenset(key for key, active in self._active.items() if active)

    @property
    def answers(self) -> dict[str, Callable[[Json], Json]]:
        """Return what answers each method that Palais asks."""
        return {
            "agents.list": lambda _: self._roster,
            "sessions.subscribe": self._subscribe,
            "sessions.list": self._list,
            "sessions.messages.subscribe": lambda params: _ok(subscribed=True, **params),
            "audit.activity.list": self._audit,
            "chat.history": self._history,
        }

    def tell(self, at: int, frame: Json) -> None:
        """Take in what comes to pass."""
        self.now = max(self.now, at)
        if frame["type"] != "event":
            return
        payload = frame["payload"]
        name = frame["event"]
        if name == "session.message":
            key = payload["sessionKey"]
            self._messages[key] = (*self._messages.get(key, ()), payload["message"])
        row = payload.get("session") or (payload if name == "sessions.changed" else {})
        if row.get("key") or row.get("sessionKey"):
            self._row({"key": row.get("sessionKey"), **row})
        if name == "sessions.changed" and payload.get("reason") == "delete":
            self._rows.pop(payload.get("sessionKey"), None)
        if name in {"agent", "session.tool"}:
            phase = payload["data"].get("phase") if payload["stream"] == "lifecycle" else None
            self._run(payload, phase, payload["data"])
        elif name == "sessions.changed" and payload.get("runId"):
            # A channel's run is told of by its phases alone.
            self._run(payload, payload.get("phase"), {})
        elif name == "task" and payload["task"].get("status") == "running":
            self._run(payload["task"], None, {})

    def _row(self, row: Json) -> None:
        key = row["key"]
        before = self._rows.get(key, {})
        if row.get("snapshotAt", 0) < before.get("snapshotAt", 0):
            return
        # Protocol 4 leaves out of a row what is no longer so; protocol 3 sends parts of rows.
        self._rows[key] = row if self.protocol >= 4 and "snapshotAt" in row else {**before, **row}
        told = row.get("hasActiveRun", row.get("status") == "running" if "status" in row else None)
        lags = row.get("snapshotAt", 0) - row.get("endedAt", 0) < LAG_MS
        if told is not None:
            self._active[key] = told and not (lags and row.get("lastRunId") in self._over)

    def _run(self, payload: Json, phase: str | None, data: Json) -> None:
        key, run_id, at = payload.get("sessionKey"), payload.get("runId"), payload.get("ts")
        if not key or not run_id:
            return
        if phase in {"end", "error"}:
            self._active[key] = False
            self._over |= {run_id}
            self._ended(payload, {**payload, **data}, data.get("endedAt") or at or self.now)
            return
        if run_id not in self._over:
            self._active[key] = True
        if phase == "start":
            self._finished.pop(run_id, None)
            began = data.get("startedAt") or at or self.now
            self._started.setdefault(run_id, _record(payload, "started", "started", began))

    def _ended(self, payload: Json, data: Json, at: int) -> None:
        status, run_id = _outcome(data), payload["runId"]
        settled, before = self._finished.get(run_id, (self.now, None))
        if before is not None and (settled <= self.now or before["status"] == "cancelled"):
            return
        record = _record(payload, "finished", status, at)
        wait = 0 if status == "succeeded" and before is None else SETTLE_MS
        self._finished[run_id] = (self.now + wait, record)

    def _subscribe(self, params: Json) -> Json:
        if self.protocol < 4 and params:
            return refused("invalid sessions.subscribe params: at root: unexpected property")
        return _ok(subscribed=True, list=self._listing(self._rows)) if params else _ok()

    def _list(self, params: Json) -> Json:
        if self.protocol < 4 and params:
            return refused("invalid sessions.list params: at root: unexpected property")
        return {"ok": True, "payload": self._listing(self.busy() if params else self._rows)}

    def _listing(self, keys: Any) -> Json:
        return {"ts": self.now, "sessions": [self._shown(key) for key in sorted(keys)]}

    def _shown(self, key: str) -> Json:
        row = {"key": key, **self._rows.get(key, {})}
        if self.protocol < 4:
            return row
        active = self._active.get(key, False)
        ids = row.get("activeRunIds") if active else []
        return {**row, "hasActiveRun": active, "activeRunIds": ids, "snapshotAt": self.now}

    def _audit(self, params: Json) -> Json:
        if self.protocol < 4:
            return refused("unknown method: audit.activity.list")
        ends = [record for settled, record in self._finished.values() if settled <= self.now]
        told = [*self._started.values(), *ends]
        told = [record for record in told if record["occurredAt"] >= params["after"]]
        return _ok(events=sorted(told, key=lambda record: -record["occurredAt"]))

    def _history(self, params: Json) -> Json:
        return _ok(messages=list(self._messages.get(params["sessionKey"], ()))[-params["limit"] :])


def _ok(**payload: Any) -> Json:
    return {"ok": True, "payload": payload}


def _record(payload: Json, action: str, status: str, at: int) -> Json:
    return {
        "kind": "agent_run",
        "action": f"agent.run.{action}",
        "status": status,
        "occurredAt": at,
        **{name: payload[name] for name in ("agentId", "sessionKey", "runId") if name in payload},
    }


def _outcome(data: Json) -> str:
    if data.get("aborted") or data.get("status") == "cancelled":
        return "cancelled"
    if data.get("phase") == "end":
        return "succeeded"
    return "timed_out" if data.get("timeoutPhase") else "failed"
