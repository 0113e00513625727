"""The single events of a run, with the fields the real gateway gives them."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from palais.demo.session import Session
from palais.demo.steps import Run

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """An event before it gets its number on a connection."""

    event: str
    payload: Payload

    @property
    def subscribers_only(self) -> bool:
        """Whether it goes only to connections that called ``sessions.subscribe``."""
        return self.event.startswith("session")


def child_ids(run_id: str, agent_id: str, number: str) -> tuple[str, str]:
    """Return the run id and the session key of the run that a ``sessions_spawn`` call begins."""
    seed = UUID(run_id)
    key = f"agent:{agent_id}:subagent:{uuid5(seed, f'session {number}')}"
    return str(uuid5(seed, f"run {number}")), key


def text_content(text: str) -> list[Payload]:
    """Wrap a text as the content of a message."""
    return [{"type": "text", "text": text}]


@dataclass(slots=True)
class RunEvents:
    """What is known of one run while it is told; its methods make one event each.

    Times are milliseconds since the epoch and always given.
    """

    run: Run
    run_id: str
    session: Session
    seq: int = 0
    words: str = ""
    said: str = ""
    model_calls: int = 0
    model_called_at: int = 0
    output_tokens: int = 0
    tools: list[str] = field(default_factory=list)
    tools_that_worked: set[str] = field(default_factory=set)
    tool_started_at: dict[str, int] = field(default_factory=dict)
    begun_at: int = 0

    def agent(self, stream: str, data: Payload, now: int) -> Frame:
        """Make an ``agent`` event; each takes the next number of the run."""
        return Frame("agent", self._of_run(stream, data, now))

    def lifecycle(self, phase: str, now: int, **data: Any) -> Frame:
        """Make a lifecycle event."""
        frame = self.agent("lifecycle", {"phase": phase, **data}, now)
        frame.payload["sessionId"] = self.session.id
        return frame

    def model(self, now: int, *, idle: bool = False) -> Frame:
        """Say which model is called, or that none is any more."""
        model = self.session.agent.model
        names = (None, None) if idle else (model.provider, model.name)
        return self.lifecycle("model", now, provider=names[0], model=names[1])

    def tool(self, data: Payload, now: int) -> Frame:
        """Make a ``session.tool`` event."""
        payload = self._of_run("tool", data, now)
        row = self.session.row(now, live=False)
        return Frame("session.tool", payload | {"session": row, "status": row["status"]})

    def chat(self, state: str, now: int, **fields: Any) -> Frame:
        """Make a ``chat`` event; it shares the number of the agent event before it."""
        payload = {
            "runId": self.run_id,
            "sessionKey": self.session.key,
            "agentId": self.session.agent.id,
            "seq": self.seq,
            "state": state,
            **fields,
        }
        if state in {"delta", "final", "aborted"}:
            message = {"role": "assistant", "content": text_content(self.said), "timestamp": now}
            payload["message"] = message
        return Frame("chat", payload)

    def changed(self, now: int, *, phase: str = "", reason: str = "") -> Frame:
        """Make a ``sessions.changed`` event with the present row."""
        row = self.session.row(now)
        cause: Payload = {"phase": phase, "runId": self.run_id} if phase else {"reason": reason}
        payload = {
            "sessionKey": self.session.key,
            "agentId": self.session.agent.id,
            **cause,
            "ts": now,
            "session": row,
            "sessionId": self.session.id,
            "status": row["status"],
            **self.session.liveness(),
            "endedAt": row.get("endedAt"),
            "ancestorSessions": [self.session.parent.key] if self.session.parent else [],
        }
        return Frame("sessions.changed", payload)

    def message(self, message: Payload, now: int, *, of_run: bool = True) -> Frame:
        """Put a message into the transcript and make its ``session.message`` event."""
        self.session.record(message, now, self.run_id if of_run else None)
        payload = {
            "sessionKey": self.session.key,
            "agentId": self.session.agent.id,
            "message": message,
            "messageId": message["__openclaw"]["id"],
            "messageSeq": message["__openclaw"]["seq"],
            "session": self.session.row(now),
            **self.session.liveness(),
        }
        if not of_run:
            payload["senderIsOwner"] = True
        elif message["stopReason"] != "toolUse":
            # Beside the message, only the last one of a run names it (frames/04).
            payload["runId"] = self.run_id
        return Frame("session.message", payload)

    def task(self, now: int, status: str, state: str, **more: Any) -> Frame:
        """Make a ``task`` event: the run as the ledger of background work sees it."""
        key = self.session.key
        ident = str(uuid5(UUID(self.run_id), "task"))
        kind = "subagent" if self.session.parent else "cli"
        task = {
            "id": ident,
            "taskId": ident,
            "kind": kind,
            "runtime": kind,
            "status": status,
            "execution": {"state": state, "lastActivityAt": now},
            "title": self.run.ask,
            "agentId": self.session.agent.id,
            "sessionKey": key,
            "childSessionKey": key,
            "hasTranscript": True,
            "ownerKey": self.session.parent.key if self.session.parent else key,
            "runId": self.run_id,
            "sourceId": self.run_id,
            "createdAt": self.session.accepted_at,
            "updatedAt": now,
            "startedAt": self.begun_at or self.session.accepted_at,
            "deliveryStatus": "not_applicable",
            **more,
        }
        if self.tools:
            task |= {"toolUseCount": len(self.tools), "lastToolName": self.tools[-1]}
        return Frame("task", {"action": "upserted", "task": task})

    def _of_run(self, stream: str, data: Payload, now: int) -> Payload:
        self.seq += 1
        payload = {
            "runId": self.run_id,
            "stream": stream,
            "data": data,
            "sessionKey": self.session.key,
            "agentId": self.session.agent.id,
            "seq": self.seq,
            "ts": now,
        }
        if self.session.parent:
            payload["spawnedBy"] = self.session.parent.key
        return payload
