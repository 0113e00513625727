"""Rows and changes for the tests of the store, with plausible defaults."""

import time
from dataclasses import replace
from typing import Any, Final

from palais.domain.agent import Agent, Run
from palais.domain.changes import AgentChanged, Change, Logged, RunChanged, SpanChanged
from palais.domain.events import AgentRegistered, Profile, RunSeen, Span, Status
from palais.store.journal import Entry

NOW: Final = time.time_ns() // 1_000_000
MINUTE: Final = 60_000
DAY: Final = 24 * 60 * MINUTE

BUILDER: Final = Agent("builder", "Imhotep", present=True, status=Status.IDLE, status_since=NOW)


def run(run_id: str = "run-1", agent_id: str = "builder", **known: Any) -> Run:
    return Run(run_id, agent_id, **{"started_at": NOW, "touched_at": NOW, **known})


def line(summary: str = "it works", **known: Any) -> Logged:
    fixed = {"type": "agent.status", "at": NOW, "agent_id": "builder", "session_id": None}
    return Logged(**{**fixed, "summary": summary, "fields": {"status": "busy"}, **known})


def span(span_id: str = "s1", **known: Any) -> Span:
    return Span(span_id, **{"type": "tool_call", "name": "exec", **known})


def of(run: Run, span: Span) -> SpanChanged:
    return SpanChanged(run, span)


def entries(*changes: Change, prefix: str = "test") -> list[Entry]:
    return [Entry(f"{prefix}.{number}", change) for number, change in enumerate(changes)]


def court(*runs: Run, agent: Agent = BUILDER) -> list[Change]:
    """Return the changes that put an agent and its runs on record."""
    return [AgentChanged(agent, profile=True), *(RunChanged(one) for one in runs)]


def named(agent: Agent = BUILDER, **changes: Any) -> Agent:
    return replace(agent, **changes)


def registered(agent_id: str = "builder", at: int = NOW, **profile: Any) -> AgentRegistered:
    return AgentRegistered(Profile(agent_id, **{"name": agent_id.title(), **profile}), at)


def seen(run_id: str = "run-1", agent_id: str = "builder", at: int = NOW, **known: Any) -> RunSeen:
    return RunSeen(run_id, agent_id, at, **known)
