"""The tools of the agents: what a call asks, how long it takes and what it answers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Task:
    """Something asked of an agent: the words, the calls it takes, and the answer."""

    ask: str
    calls: "tuple[Call, ...]"
    answer: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "ask", typeset(self.ask))
        object.__setattr__(self, "answer", typeset(self.answer))


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a tool; ``exit_code`` is None for everything but a command."""

    name: str
    label: str
    meta: str
    args: Mapping[str, Any]
    output: str
    seconds: float
    exit_code: int | None = None
    child: tuple[str, Task] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The line an operator reads."""
        return f"{self.label} {self.meta}".rstrip()

    @property
    def failed(self) -> bool:
        """Whether it is a command that ended badly."""
        return bool(self.exit_code)


def typeset(text: str) -> str:
    """Put the no-break spaces of French typography."""
    return re.sub(r" (?=[:;?!»%€])|(?<=«) |(?<=\d) (?=\d{3}\b)", "\u00a0", text)


def run(command: str, output: str, *, code: int = 0, seconds: float = 3.0) -> Call:
    """Run a shell command; a code other than 0 is a failure that the agent sees."""
    text = f"{output}\n\n(Command exited with code {code})" if code else output
    return Call("exec", "Exec", command, {"command": command}, text, seconds, exit_code=code)


def read(path: str, text: str) -> Call:
    """Read a file of the workspace."""
    details = {"kind": "text", "content": text}
    return Call("read", "Read", f"from {path}", {"path": path}, text, 0.4, details=details)


def write(path: str, text: str) -> Call:
    """Write a file of the workspace."""
    answer = f"Successfully wrote {len(text.encode())} bytes to {path}"
    return Call("write", "Write", f"to {path}", {"path": path, "content": text}, answer, 0.6)


def search(query: str, *hits: str) -> Call:
    """Search the web."""
    text = "\n".join(f"{rank}. {hit}" for rank, hit in enumerate(hits, 1))
    return Call("web_search", "Web Search", f"for {query}", {"query": query}, text, 1.8)


def fetch(url: str, text: str) -> Call:
    """Fetch a page as text."""
    return Call("web_fetch", "Web Fetch", f"from {url}", {"url": url}, text, 1.4)


def browse(url: str, text: str) -> Call:
    """Open a page in the browser and look at it."""
    return Call("browser", "Browser", f"open {url}", {"action": "open", "url": url}, text, 4.0)


def recall(query: str, text: str) -> Call:
    """Search the agent's memory."""
    return Call("memory_search", "Memory Search", query, {"query": query}, text, 0.8)


def draw(prompt: str, path: str) -> Call:
    """Have an image made."""
    text = f"Generated 1 image: {path}"
    return Call("image_generate", "Image", prompt, {"prompt": prompt}, text, 7.0)


def send(to: str, text: str) -> Call:
    """Send a message to a channel."""
    args = {"action": "send", "to": to, "message": typeset(text)}
    return Call("message", "Message", f"send to {to}", args, '{"ok": true}', 0.9)


def spawn(agent_id: str, label: str, task: Task) -> Call:
    """Give a part of the work to another agent; the answer only says that it is accepted."""
    meta = f"label {label}, agent {agent_id}"
    args = {"task": task.ask, "agentId": agent_id, "label": label}
    return Call("sessions_spawn", "Sub-agent", meta, args, "", 0.5, child=(agent_id, task))
