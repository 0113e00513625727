"""What is on the books in the end: states and history, and how two of them differ."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from palais.domain.agent import Run
from palais.domain.changes import Change, Logged
from palais.domain.step import Court
from tests.domain.record import NAMES, on_record

RUN: Final = (
    *("agent_id", "status", "conversation", "started_at", "ended_at", "model", "tokens"),
    *("cost", "task", "summary", "error", "inferred"),
)
AGENT: Final = ("status", "failed", "active_sessions", "task")

Books = dict[str, Any]


def runs(court: Court) -> dict[str, Run]:
    """Return all runs that a court knows."""
    return {**court.ended, **court.open}


def state(court: Court) -> Books:
    """Return what a court holds of its agents and runs, fact by fact."""
    books: Books = {}
    for agent in court.agents.values():
        books |= {f"agent {agent.id} {name}": getattr(agent, name) for name in AGENT}
    for run in runs(court).values():
        books |= {f"run {run.run_id} {name}": getattr(run, name) for name in RUN}
        books[f"run {run.run_id} usage"] = sorted(run.usage)
    return books


def steps(changes: Iterable[Change]) -> Books:
    """Return what is on record of the steps of runs, fact by fact."""
    return {
        f"step {session} {step.id} {name}": getattr(step, name)
        for session, found in on_record(changes).items()
        for step in found.values()
        for name in NAMES
    }


def history(changes: Iterable[Change]) -> list[Logged]:
    """Return the lines that these changes leave in the log: a key is written once."""
    lines: list[Logged] = []
    keys: set[str] = set()
    for line in changes:
        if isinstance(line, Logged) and line.key not in keys:
            lines.append(line)
            keys |= {line.key} if line.key else set()
    return lines


def tale(line: Logged) -> str:
    """Return what a line tells, whenever it does: by the gateway's ids where it has any."""
    if line.key is not None:
        return line.key
    names = ("status", "task", "active_sessions", "model", "tokens", "name")
    return f"{line.type} {line.agent_id} {line.session_id} " + " ".join(
        f"{name}={line.fields.get(name)}" for name in names
    )


def again(line: Logged) -> bool:
    """Whether the line tells once more of a step whose place in the tree was found later."""
    return bool(line.fields.get("again"))


def tales(lines: Iterable[Logged]) -> Counter[str]:
    """Count what the lines tell; periods without observation are those of the cuts."""
    return Counter(tale(line) for line in lines if line.type != "gap" and not again(line))


def parted(one: Counter[str], other: Counter[str]) -> list[str]:
    """Return what only one of two histories tells."""
    return [*(f"- {it}" for it in one - other), *(f"+ {it}" for it in other - one)]


def changed(one: Books, other: Books) -> dict[str, tuple[object, object]]:
    """Return the facts in which two books differ."""
    names = sorted(one.keys() | other.keys())
    return {
        name: (one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name)
    }


def told_twice(lines: Iterable[Logged]) -> list[str]:
    """Return what is told more than once though it came to pass once, whatever the keys say."""
    once = Counter(
        f"{line.type} {line.session_id} {getattr(line.fields.get('span'), 'id', '')}"
        for line in lines
        if line.type in {"session.started", "span.started", "span.completed", "session.completed"}
        and not line.fields.get("inferred")
        and not again(line)
    )
    return [it for it, times in once.items() if times > 1]


def idle_changes(lines: Iterable[Logged]) -> list[str]:
    """Return the lines that tell of an agent what the one before told of it already."""
    latest: dict[str | None, object] = {}
    found: list[str] = []
    for line in lines:
        if line.type == "agent.status":
            facts = {name: it for name, it in line.fields.items() if name != "activity"}
            signal = line.fields.get("activity")
            facts["signal"] = signal if signal in {"waiting", "retrying"} else None
            if latest.get(line.agent_id) == facts:
                found.append(tale(line))
            latest[line.agent_id] = facts
    return found


def gaps(changes: Iterable[Change]) -> Counter[object]:
    """Count the periods without observation that went into history, by their cause."""
    return Counter(line.fields["reason"] for line in history(changes) if line.type == "gap")
