"""The vocabulary of a scripted run: what can happen in it, without a clock and without a socket."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from palais.demo.models import Tokens
from palais.demo.tools import Call

Scenario = Literal["completed", "failed", "aborted", "timeout", "approval"]


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call as one model answer makes it; ``number`` is unique within the run."""

    number: str
    call: Call


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a provider refused; ``retries`` is how often the gateway tries again."""

    status: int
    reason: str
    kind: str
    error: str
    retries: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """The gateway takes the task."""


@dataclass(frozen=True, slots=True)
class Started:
    """The agent begins, and the user's message enters the transcript."""


@dataclass(frozen=True, slots=True)
class ModelCalled:
    """A model starts to think."""


@dataclass(frozen=True, slots=True)
class Delta:
    """The model says a few more words."""

    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The model call is over; it asked for tools, or gave the final answer."""

    tokens: Tokens
    invocations: tuple[Invocation, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool begins."""

    invocation: Invocation


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """A command waits for a human."""

    invocation: Invocation


@dataclass(frozen=True, slots=True)
class ApprovalGranted:
    """The human said yes."""

    invocation: Invocation


@dataclass(frozen=True, slots=True)
class ToolPrinted:
    """A running command printed; the text is all it printed so far."""

    invocation: Invocation
    text: str


@dataclass(frozen=True, slots=True)
class ToolEnded:
    """A tool is done."""

    invocation: Invocation


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    """The provider refused, and the gateway will try again after the delay."""

    fault: Fault
    attempt: int
    delay: float


@dataclass(frozen=True, slots=True)
class Retried:
    """The gateway tries again."""


@dataclass(frozen=True, slots=True)
class Completed:
    """The run ends well."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The run ends because the provider refused for good."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Aborted:
    """A human stopped the run."""


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The provider stayed silent for too long."""


Step = (
    Accepted
    | Started
    | ModelCalled
    | Delta
    | Answered
    | ToolStarted
    | ApprovalAsked
    | ApprovalGranted
    | ToolPrinted
    | ToolEnded
    | AttemptFailed
    | Retried
    | Completed
    | Failed
    | Aborted
    | TimedOut
)


@dataclass(frozen=True, slots=True)
class Run:
    """One task an agent works on: the steps with their seconds since the start, in order.

    ``children`` holds the runs that its ``sessions_spawn`` calls begin, by invocation number.
    """

    agent_id: str
    ask: str
    steps: tuple[tuple[float, Step], ...]
    children: "Mapping[str, Run]" = field(default_factory=dict)

    @property
    def duration(self) -> float:
        """Seconds from acceptance to the last step."""
        return self.steps[-1][0]

    @property
    def ending(self) -> Step:
        """How it ends."""
        return self.steps[-1][1]
