"""From a step of a run to the frames the real gateway sends for it, in its order.

Measured: tests/frames/02 (plain), 04 (tools), 06 (abort), 07* (errors), 10 (approval).
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from palais.demo.faults import retry_notice
from palais.demo.session import Session
from palais.demo.steps import (
    Accepted,
    Answered,
    ApprovalAsked,
    ApprovalGranted,
    AttemptFailed,
    Delta,
    Fault,
    Invocation,
    ModelCalled,
    Retried,
    Run,
    Started,
    Step,
    ToolEnded,
    ToolPrinted,
    ToolStarted,
)

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


class RunFrames:
    """Tells one run frame by frame and keeps the row of its session in step.

    Every method takes the time, in milliseconds since the epoch, and returns frames in order.
    """

    def __init__(self, run: Run, run_id: str, session: Session) -> None:
        self.run = run
        self.run_id = run_id
        self.session = session
        self.model = session.agent.model
        self.seq = 0
        self.words = ""
        self.said = ""
        self.model_calls = 0
        self.model_called_at = 0
        self.output_tokens = 0
        self.tools: list[str] = []
        self.tool_started_at: dict[str, int] = {}
        self.task_started_at = 0

    def tell(self, step: Step, now: int) -> list[Frame]:  # noqa: PLR0911 - a table of cases
        """Return the frames of any step but the last one."""
        match step:
            case Accepted():
                return self._accepted(now)
            case Started():
                return self._started(now)
            case ModelCalled():
                return self._model_called(now)
            case Delta(text):
                return self._delta(text, now)
            case Answered():
                return self._answered(step, now)
            case ToolStarted(invocation):
                return self._tool_started(invocation, now)
            case ToolPrinted(invocation, text):
                return self._tool_printed(invocation, text, now)
            case ToolEnded(invocation):
                return self._tool_ended(invocation, now)
            case ApprovalAsked(invocation):
                return [self._approval("waiting-approval", invocation, now)]
            case ApprovalGranted(invocation):
                return [self._approval("approval-resolved", invocation, now)]
            case AttemptFailed():
                return self._attempt_failed(step, now)
            case Retried():
                return self._retried(now)
            case _:
                raise TypeError(f"{step} ends a run; see endings.py.")
