"""The audit trail of the demo gateway: what began and ended, newest last."""

from collections import deque
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from palais.demo.session import Session
from palais.demo.steps import Aborted, Completed, Failed, Started, Step, TimedOut

OUTCOMES: dict[type, tuple[str, str | None]] = {
    Completed: ("succeeded", None),
    Failed: ("failed", "run_failed"),
    Aborted: ("cancelled", "run_cancelled"),
    TimedOut: ("timed_out", "run_timed_out"),
}
KEPT = 5_000
"""Entries kept; two a run."""


class Audit:
    """Numbered facts about runs; times are milliseconds since the epoch."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._sequence = 0

    def note(self, step: Step, session: Session, run_id: str, now: int) -> None:
        """Keep the beginning or the end of a run; other steps are no audit matter."""
        if isinstance(step, Started):
            self._add(session, run_id, now, {"action": "agent.run.started", "status": "started"})
        elif type(step) in OUTCOMES:
            status, code = OUTCOMES[type(step)]
            fact = {"action": "agent.run.finished", "status": status}
            self._add(session, run_id, now, fact | ({"errorCode": code} if code else {}))

    def newest(self, after: int, before: int | None = None) -> Iterable[dict[str, Any]]:
        """Yield the entries since a time, newest first; ``before`` is a sequence to go on from."""
        for entry in reversed(self._entries):
            if entry["occurredAt"] < after:
                return
            if before is None or entry["sequence"] < before:
                yield entry

    def _add(self, session: Session, run_id: str, now: int, fact: dict[str, str]) -> None:
        self._sequence += 1
        entry = {
            "schemaVersion": 1,
            "sequence": self._sequence,
            "eventId": str(uuid4()),
            "sourceSequence": self._sequence,
            "occurredAt": now,
            "redaction": "metadata_only",
            "agentId": session.agent.id,
            "sessionKey": session.key,
            "sessionId": session.id,
            "runId": run_id,
            "kind": "agent_run",
            **fact,
            "eventType": "agent_run",
            "actor": {"type": "agent", "id": session.agent.id},
        }
        self._entries.append(entry)
