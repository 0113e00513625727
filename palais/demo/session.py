"""A conversation of the demo gateway: its row, as clients see it, and its transcript."""

from collections import deque
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from palais.demo.roster import AGENTS
from palais.demo.sums import day_of, summed

TRANSCRIPT = 300
"""Messages kept a conversation; the demo may run for weeks."""
FIGURES = ("inputTokens", "outputTokens", "totalTokens", "estimatedCostUsd")


class Session:
    """A long-lived conversation (``sessionKey``), in which one run at a time takes place.

    Every time is given: milliseconds since the epoch.
    """

    def __init__(self, key: str, now: int, parent: "Session | None" = None) -> None:
        self.key = key
        self.parent = parent
        self.agent = AGENTS[key.split(":")[1]]
        self.id = str(uuid5(NAMESPACE_URL, f"{key}@{now}"))
        self.created_at = self.updated_at = now
        self.messages: deque[dict[str, Any]] = deque(maxlen=TRANSCRIPT)
        self.message_count = 0
        self.days: dict[date, Mapping[str, Any]] = {}
        self.run_id: str | None = None
        self.announced = False
        self.status = "running"
        self.accepted_at = 0
        self.started_at: int | None = None
        self.ended_at: int | None = None
        self.last: dict[str, Any] = {}
        self.spent: list[Mapping[str, Any]] = []
        self.summary = ""

    @property
    def busy(self) -> bool:
        """Whether a run takes place in it now."""
        return self.run_id is not None

    def accept(self, run_id: str, now: int) -> None:
        """Take a run; until it begins, the row lists its id and keeps the figures of the last."""
        self.run_id = run_id
        self.announced = True
        self.status = "running"
        self.accepted_at = self.updated_at = now
        self.spent = []

    def begin(self, now: int) -> None:
        """Set the run under way; from here the row no longer tells which run it is."""
        self.announced = False
        self.started_at, self.ended_at = now, None
        self.last.pop("lastRunId", None)
        self.last.pop("lastRunError", None)
        self.last["abortedLastRun"] = False
        self.updated_at = now

    def spend(self, usage: Mapping[str, Any]) -> None:
        """Count one model call into the run."""
        self.spent.append(usage)

    def settle(self, status: str, now: int, *, text: str = "", error: str | None = None) -> None:
        """End the run: the row shows its outcome and the sum of its model calls."""
        self.last["lastRunId"] = self.run_id
        self.last["abortedLastRun"] = status == "killed"
        if error:
            self.last["lastRunError"] = error
        for name in FIGURES:
            self.last.pop(name, None)
        self.last |= self._figures()
        if text:
            self.summary = text
            self.last["lastMessagePreview"] = text[:160]
        self.status, self.run_id, self.announced = status, None, False
        self.started_at, self.ended_at = self.accepted_at, now
        self.updated_at = now

    def record(self, message: dict[str, Any], at: int, run_id: str | None = None) -> dict[str, Any]:
        """Append a message to the transcript, with the gateway's own marks; return it."""
        self.message_count += 1
        marks = {
            "id": str(uuid5(NAMESPACE_URL, f"{self.id}#{self.message_count}")),
            "recordTimestampMs": at,
            "transcriptPosition": {"source": self.id, "rawSeq": self.message_count + 3},
            "seq": self.message_count,
        }
        if run_id:
            marks = {"runId": run_id, **marks}
        message["__openclaw"] = marks | message.get("__openclaw", {})
        if "usage" in message:
            day = day_of(message.get("timestamp", at))
            self.days[day] = summed([*filter(None, [self.days.get(day)]), message["usage"]])
        self.messages.append(message)
        self.updated_at = at
        return message

    def liveness(self) -> dict[str, Any]:
        """Return what events say beside the row: whether a run is on, and which."""
        ids: list[str] | None = []
        if self.run_id:
            ids = [self.run_id] if self.announced else None
        return {"hasActiveRun": self.busy, "activeRunIds": ids}

    def row(self, now: int, *, live: bool = True) -> dict[str, Any]:
        """Return the row of ``sessions.list``; ``live`` adds whether a run is on."""
        main = self.key == self.agent.main_key
        model = self.agent.model
        row = {
            "key": self.key,
            "agentId": self.agent.id,
            "sessionId": self.id,
            "kind": "direct",
            "classification": "main" if main else "subagent" if self.parent else "custom",
            "status": self.status,
            "model": model.name,
            "modelProvider": model.provider,
            "totalTokensFresh": "totalTokens" in self.last,
            "contextTokens": model.window,
            "displayName": self.key.split(":", 2)[2],
            "createdVia": "spawn" if self.parent else "run",
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "lastActivityAt": self.updated_at,
            "snapshotAt": now,
            "isBackground": self.parent is not None,
            "isMain": main,
            "archived": False,
            **self.last,
            **self._times(),
            **self._origin(),
        }
        if live:
            row |= {name: value for name, value in self.liveness().items() if value is not None}
        if self.summary and not self.busy:
            row["activitySummary"] = {"text": self.summary, "state": "current"}
        return row

    def _times(self) -> dict[str, Any]:
        times: dict[str, Any] = {}
        if self.started_at is not None:
            times["startedAt"] = self.started_at
        if self.ended_at is not None and self.started_at is not None:
            times |= {"endedAt": self.ended_at, "runtimeMs": self.ended_at - self.started_at}
        return times

    def _origin(self) -> dict[str, Any]:
        if self.parent is None:
            return {}
        return {
            "spawnedBy": self.parent.key,
            "parentSessionKey": self.parent.key,
            "controlOwnerSessionKey": self.parent.key,
            "spawnDepth": 1,
        }

    def _figures(self) -> dict[str, Any]:
        if not self.spent:
            return {}
        latest = self.spent[-1]
        figures = (
            sum(usage["input"] for usage in self.spent),
            sum(usage["output"] for usage in self.spent),
            latest["totalTokens"] - latest["output"],
            sum(usage["cost"]["total"] for usage in self.spent),
        )
        return dict(zip(FIGURES, figures, strict=True))
