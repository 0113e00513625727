"""Sessions with steps, put on record as a test wants them."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine, insert, text

from palais.domain.changes import Logged
from palais.domain.events import Span
from palais.store import journal
from palais.store.models import SessionRow, SpanRow
from tests.store.rows import NOW, court, entries, named, of, run

START: Final = datetime(2026, 11, 23, 8, tzinfo=UTC)
_NUMBERS: Final = itertools.count()


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def agents(engine: Engine) -> None:
    """Put Imhotep and Thot on record."""
    both = [*court(), *court(agent=named(id="writer", name="Thot"))]
    with engine.connect() as conn:
        journal.commit(conn, entries(*both, prefix="traced"))


def session(engine: Engine, session_id: str, agent_id: str = "builder", **known: Any) -> None:
    fixed = {"run_id": f"run of {session_id}", "status": "completed", "ended_at": at(60)}
    row = {"id": session_id, "agent_id": agent_id, "started_at": at(0), **fixed, **known}
    with engine.begin() as conn:
        conn.execute(insert(SessionRow), row)


def end_all(engine: Engine) -> None:
    """End the sessions that were begun here: a cockpit that starts anew would recall them."""
    ended = "UPDATE agent_sessions SET status = 'completed', ended_at = now()"
    with engine.begin() as conn:
        conn.execute(text(f"{ended} WHERE status = 'running' AND run_id LIKE 'run of %'"))


def step(span_id: str, parent: str | None = None, **known: Any) -> dict[str, Any]:
    fixed: dict[str, Any] = {
        "type": "tool_call",
        "name": "exec",
        "status": "ok",
        "started_at": at(0),
    }
    fixed |= {"input_clipped": False, "output_clipped": False}
    return {"id": span_id, "parent_id": parent, **fixed, **known}


def steps(engine: Engine, session_id: str, *told: dict[str, Any]) -> None:
    names = {name for one in told for name in one}
    rows = [dict.fromkeys(names) | one | {"session_id": session_id} for one in told]
    with engine.begin() as conn:
        conn.execute(insert(SpanRow), rows)


def tell(engine: Engine, kind: str, session_id: str, **known: Any) -> None:
    """Tell viewers of a step of Imhotep's, as the listener does."""
    span = Span(**{"type": "tool_call", "name": "exec", **known})
    line = Logged(kind, NOW, "builder", session_id, "exec", {"span": span})
    changes = entries(of(run(session_id), span), line, prefix=f"{session_id}.{next(_NUMBERS)}")
    with engine.connect() as conn:
        journal.commit(conn, changes)


def many(engine: Engine, session_id: str, calls: int, tools: int) -> None:
    """Put so many model calls on record, each with so many tools; every 100th fails."""
    session(engine, session_id, ended_at=at(calls * 10))
    told = []
    for call in range(calls):
        name = f"m{call:04}"
        told.append(
            step(name, type="llm_call", started_at=at(call * 10), ended_at=at(call * 10 + 3))
        )
        for tool in range(tools):
            times = (at(call * 10 + 4 + tool / 2), at(call * 10 + 4.4 + tool / 2))
            known: dict[str, Any] = {"started_at": times[0], "ended_at": times[1]}
            if tool == 0 and call % 100 == 99:
                known |= {"status": "error", "error": "No such stone"}
            told.append(step(f"{name}t{tool}", name, title=f"stone {call}.{tool}", **known))
    steps(engine, session_id, *told)


def delegated(engine: Engine) -> None:
    """Put two sessions on record: Imhotep's, of which one step is Thot's whole session."""
    session(engine, "s1", conversation="agent:builder:main", task="Lever le plan", cost=0.05)
    session(engine, "s2", "writer", started_at=at(11), ended_at=at(38), model="acme/thoth-1")
    llm = {"type": "llm_call", "name": "pharaon-2", "model": "acme/pharaon-2"}
    steps(
        engine,
        "s1",
        step("m1", **llm, ended_at=at(9), tokens_in=900, tokens_out=80, cache_read=20, cost=0.02),
        step("t1", "m1", started_at=at(2), ended_at=at(5), input='{"path": "/tmp"}', output="ok"),
        step("t2", "m1", started_at=at(5), ended_at=at(6), status="error", error="No such file"),
        step("d1", "m1", type="delegation", name="sessions_spawn", started_at=at(10),
             ended_at=at(40), child_session_id="s2", child_agent_id="writer"),
        step("a1", type="decision", name="approval", started_at=at(41), status="lost"),
    )  # fmt: skip
    steps(
        engine,
        "s2",
        step("m1", **llm, started_at=at(12), ended_at=at(30), tokens_in=10, tokens_out=5),
        step("t1", "m1", started_at=at(13), ended_at=at(14), name="read", output_clipped=True),
    )
