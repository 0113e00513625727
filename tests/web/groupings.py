"""Which lines of the feed are told as one: a table for the server's rule and the script's."""

from typing import Any, Final

Event = tuple[int, dict[str, Any]]
"""An id and an event."""


def call(number: int, agent: str, tool: str, session: str | None = "s", **span: Any) -> Event:
    told = {"id": f"x{number}", "type": "tool_call", "name": tool, **span}
    known = {"sessionId": session} if session else {}
    return number, {"type": "span.started", "agentId": agent, "span": told, **known}


def other(number: int, agent: str, kind: str = "session.completed") -> Event:
    return number, {"type": kind, "agentId": agent, "sessionId": "s", "status": "completed"}


def gap(number: int) -> Event:
    return number, {"type": "gap", "reason": "restart"}


A, B = "builder", "writer"
TABLE: Final[dict[str, tuple[list[Event], list[list[int]]]]] = {
    "nothing": ([], []),
    "one call": ([call(1, A, "exec")], [[1]]),
    "the same tool": ([call(3, A, "exec"), call(2, A, "exec"), call(1, A, "exec")], [[3, 2, 1]]),
    "two tools": ([call(2, A, "read"), call(1, A, "exec")], [[2], [1]]),
    "a tool again after another": (
        [call(3, A, "exec"), call(2, A, "read"), call(1, A, "exec")],
        [[3], [2], [1]],
    ),
    "two sessions": ([call(2, A, "exec", "t"), call(1, A, "exec", "s")], [[2], [1]]),
    "no session": ([call(2, A, "exec", None), call(1, A, "exec", None)], [[2, 1]]),
    "two agents at once": (
        [call(4, A, "exec"), call(3, B, "exec"), call(2, A, "exec"), call(1, B, "exec")],
        [[4, 2], [3, 1]],
    ),
    "an end between": ([call(3, A, "exec"), other(2, A), call(1, A, "exec")], [[3], [2], [1]]),
    "another agent's end between": (
        [call(3, A, "exec"), other(2, B), call(1, A, "exec")],
        [[3, 1], [2]],
    ),
    "a gap between": ([call(3, A, "exec"), gap(2), call(1, A, "exec")], [[3], [2], [1]]),
    "two ends, two gaps": ([other(4, A), other(3, A), gap(2), gap(1)], [[4], [3], [2], [1]]),
    "model calls": (
        [call(2, A, "chat", type="llm_call"), call(1, A, "chat", type="llm_call")],
        [[2], [1]],
    ),
    "a failure": (
        [(2, {**call(2, A, "exec")[1], "type": "span.completed"}), call(1, A, "exec")],
        [[2], [1]],
    ),
    "no name": ([call(2, A, ""), call(1, A, "")], [[2, 1]]),
    "no span": (
        [(2, {"type": "span.started", "agentId": A}), (1, {"type": "span.started", "agentId": A})],
        [[2], [1]],
    ),
}
