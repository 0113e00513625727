"""What the mock model does with a request: a pure function of the messages it got."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Call = tuple[str, Json]
INTERNAL = "<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>"


@dataclass
class Plan:
    """One answer."""

    message: str
    turn: int = 0
    utility: bool = False
    text: str = ""
    calls: list[Call] = field(default_factory=list)
    slow: float = 0.0
    think: bool = False
    error: int = 0
    drop: bool = False
    hold: str = ""
    tokens: tuple[int, int] | None = None

    @property
    def finish(self) -> str:
        return "tool_calls" if self.calls else "stop"


def text_of(content: object) -> str:
    """Flatten a message's content to text."""
    if isinstance(content, list):
        return "\n".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def content_length(body: Json) -> int:
    """Count the characters of a request's messages."""
    return sum(len(text_of(message.get("content"))) for message in body.get("messages") or [])


def current_turn(messages: list[Json]) -> list[Json]:
    """Keep what follows the last final answer of the assistant."""
    start = 0
    for index, message in enumerate(messages):
        if message.get("role") == "assistant" and not message.get("tool_calls"):
            start = index + 1
    return messages[start:]


def newest_request(turn: list[Json]) -> str:
    """Find the text that asks: the last one with a marker, else the first that a person wrote."""
    texts = [text_of(message.get("content")) for message in turn if message.get("role") == "user"]
    texts = [text for text in texts if text.strip()]
    marked = [text for text in texts if "[[" in text]
    plain = [text for text in texts if not text.lstrip().startswith(INTERNAL)]
    return (marked[-1:] or plain[:1] or texts[:1] or [""])[-1]


def marker(name: str, pattern: str, text: str) -> tuple[str, ...] | None:
    """Read the last [[name …]] of a text: it may quote earlier messages."""
    found = list(re.finditer(rf"\[\[{name}{pattern}\]\]", text, re.DOTALL))
    return found[-1].groups() if found else None


def make_plan(body: Json) -> Plan:
    """Decide the answer to this request."""
    turn = current_turn(body.get("messages") or [])
    message = newest_request(turn)
    plan = Plan(message, turn=sum(1 for item in turn if item.get("role") == "assistant"))
    tools = {tool.get("function", {}).get("name", "") for tool in body.get("tools") or []}
    if not tools:  # OpenClaw's own recaps and titles: never act on markers there
        plan.utility, plan.text = True, "Short recap."
        return plan
    read_manner(plan)
    plan.calls = tool_calls(message, plan.turn, tools)
    results = [text_of(item.get("content")) for item in turn if item.get("role") == "tool"]
    plan.text = "Running a command. " if plan.calls else final_text(message, results)
    return plan


def read_manner(plan: Plan) -> None:
    """Set how the answer comes: slowly, wrongly, after a gate, at which price."""
    if found := marker("tokens", r" (\d+) (\d+)", plan.message):
        plan.tokens = (int(found[0]), int(found[1]))
    if found := marker("error", r" (\d+)", plan.message):
        plan.error = int(found[0])
    if found := marker("slow", r" ([\d.]+)", plan.message):
        plan.slow = float(found[0])
    if found := marker("hold", r" ([\w-]+)", plan.message):
        plan.hold = found[0]
    plan.drop = marker("drop", "", plan.message) is not None
    plan.think = marker("think", "", plan.message) is not None


def tool_calls(message: str, turn: int, tools: set[str]) -> list[Call]:
    """Choose the tool calls of this turn."""
    if found := marker("spawn", r" (\w+) ([^\]]+)", message):
        spawn: Call = ("sessions_spawn", {"agentId": found[0], "task": found[1]})
        work: list[Call] = [("exec", {"command": "echo first"}), ("read", {"path": "AGENTS.md"})]
        return [reachable(call, tools) for call in [*work, spawn][turn : turn + 1]]
    if marker("tools", "", message) is not None:
        first: list[Call] = [("exec", {"command": "echo step-one; sleep 1"})]
        second: list[Call] = [
            ("exec", {"command": "echo step-two; sleep 1"}),
            ("read", {"path": "AGENTS.md"}),
        ]
        return [first, second][turn] if turn < 2 else []
    if turn > 0:
        return []
    if (found := marker("exec", r" (.+?)", message)) and "exec" in tools:
        return [("exec", {"command": found[0]})]
    if (found := marker("read", r" (.+?)", message)) and "read" in tools:
        return [("read", {"path": found[0]})]
    if found := marker("tool", r" (\w+) (\{.*?\})", message):
        return [reachable((found[0], json.loads(found[1])), tools)]
    return []


def reachable(call: Call, tools: set[str]) -> Call:
    """Return the call as the model can make it: most tools are behind tool search."""
    if call[0] not in tools and "tool_call" in tools:
        return "tool_call", {"id": call[0], "args": call[1]}
    return call


def final_text(message: str, results: list[str]) -> str:
    """Write the last answer of a run."""
    if results:
        said = " | ".join(result.strip()[:120] for result in results)
        return f"Tool said: {said} Done."
    if found := marker("big", r" (\d+)", message):
        size = int(found[0])
        return ("0123456789abcde\n" * (size // 16 + 1))[:size]
    line = message.strip().split("\n")[0]
    return "Mock answer to: " + re.sub(r"^\[[^\[\]]*\] ", "", line)[:160]
