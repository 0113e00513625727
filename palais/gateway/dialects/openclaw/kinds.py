"""The kinds of events that are read by themselves, and those that say nothing of an agent."""

from collections.abc import Callable, Mapping
from typing import Final

from palais.domain.events import Event
from palais.gateway.dialects.openclaw import decisions, stream
from palais.gateway.frames import Json

RULES: Final[Mapping[str, Callable[[Json, int], list[Event]]]] = {
    "agent": stream.agent_frame,
    "session.tool": stream.agent_frame,
    "chat": stream.chat_frame,
    "task": stream.task_frame,
    "session.operation": decisions.operation,
    "exec.approval.requested": decisions.reviewed,
    "exec.approval.resolved": decisions.reviewed,
}
"""Events that need nothing but themselves."""

KNOWN: Final = frozenset(
    {
        *("chat.metadata.changed", "command_output", "cron", "health", "heartbeat"),
        *("models.snapshot", "plugins.changed", "presence", "skills.changed", "system-presence"),
        *("tick",),
        *("update.available", "node.pair.requested", "device.pair.requested", "talk.mode"),
    }
)
"""Events that say nothing of what an agent does: taken as signs of life only."""
