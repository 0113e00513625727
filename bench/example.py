"""A session and that of its sub-agent, as the picture of a trace shows them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import create_engine, insert

from palais.store import embedded
from palais.store.models import SessionRow, SpanRow

PATH: Final = "/agents/builder/traces/plan#span=d1"
SONNET: Final = "anthropic/claude-sonnet-4-7"
MINI: Final = "openai/gpt-5.2-mini"
Told = tuple[str, str | None, str, str, float, float, dict[str, Any]]
"""Id, parent, type, name, start and end in seconds, and what else is known of a step."""

_REPORT: Final = (
    '{"agentId": "writer", "task": "Rédiger le rapport de levé", "timeoutSeconds": 120}'
)

_OWN: Final[tuple[Told, ...]] = (
    ("m1", None, "llm_call", "claude-sonnet-4-7", 0.4, 6.2,
     {"model": SONNET, "tokens_in": 2400, "tokens_out": 310, "cache_read": 8000, "cost": 0.0123}),
    ("t1", "m1", "tool_call", "read", 6.3, 6.8, {"title": "plans/djeser.md"}),
    ("t2", "m1", "tool_call", "exec", 7.0, 31.5,
     {"title": "python3 survey.py --wall north --precision 0.01"}),
    ("m2", None, "llm_call", "claude-sonnet-4-7", 31.8, 42.0,
     {"model": SONNET, "tokens_in": 5100, "tokens_out": 720, "cache_read": 10400, "cost": 0.0281}),
    ("a1", "m2", "decision", "approval", 42.1, 49.0, {"title": "exec: rm -rf build/"}),
    ("d1", "m2", "delegation", "sessions_spawn", 49.2, 97.5,
     {"title": "Rédiger le rapport de levé", "child_session_id": "report",
      "child_agent_id": "writer", "input": _REPORT,
      "output": '{"status": "accepted", "runId": "run of report", "mode": "run"}'}),
    ("m3", None, "llm_call", "claude-sonnet-4-7", 98.0, 108.9,
     {"model": SONNET, "tokens_in": 7100, "tokens_out": 1520, "cache_read": 12400, "cost": 0.0461}),
    ("t3", "m3", "tool_call", "write", 109.1, 109.4, {"title": "plans/djeser.md"}),
    ("c1", None, "decision", "compaction", 110.0, 118.4, {}),
)  # fmt: skip
_BELOW: Final[tuple[Told, ...]] = (
    ("m1", None, "llm_call", "gpt-5.2-mini", 51, 70,
     {"model": MINI, "tokens_in": 1900, "tokens_out": 2400, "cost": 0.0053}),
    ("t1", "m1", "tool_call", "memory_search", 70.5, 72, {"title": "levés précédents"}),
    ("t2", "m1", "tool_call", "write", 72.5, 73,
     {"title": "plans/rapport.md", "status": "error", "error": "EACCES: permission denied"}),
    ("m2", None, "llm_call", "gpt-5.2-mini", 74, 97,
     {"model": MINI, "tokens_in": 4900, "tokens_out": 1100, "cost": 0.0031}),
)  # fmt: skip


def a_trace(data: Path) -> None:
    """Put both sessions on record, five minutes ago."""
    began = datetime.now(UTC) - timedelta(minutes=5)
    engine = create_engine(embedded.address(data))
    with engine.begin() as conn:
        plan = {"tokens": 47950, "cost": 0.0865, "confidence": 0.94, "model": SONNET}
        task = "Lever le plan de la pyramide de Djéser et vérifier les cotes du mur d’enceinte"
        said = "37 cotes relevées, deux corrigées. Le rapport est dans plans/djeser.md."
        report = {"tokens": 10300, "cost": 0.0084, "confidence": 0.88, "model": MINI}
        for row in (
            _run("plan", "builder", began, 0, 119) | plan | {"task": task, "summary": said},
            _run("report", "writer", began, 50, 97) | report | {"task": "Rédiger le rapport"},
        ):
            conn.execute(insert(SessionRow), row)
        for session_id, steps in (("plan", _OWN), ("report", _BELOW)):
            for one in steps:
                conn.execute(insert(SpanRow), _step(session_id, began, one))
    engine.dispose()


def _run(name: str, agent: str, began: datetime, start: float, end: float) -> dict[str, Any]:
    return {
        "id": name,
        "run_id": f"run of {name}",
        "agent_id": agent,
        "conversation": f"agent:{agent}:main",
        "status": "completed",
        "started_at": began + timedelta(seconds=start),
        "ended_at": began + timedelta(seconds=end),
    }


def _step(session_id: str, began: datetime, told: Told) -> dict[str, Any]:
    name, parent, kind, called, start, end, more = told
    return {
        "session_id": session_id,
        "id": name,
        "parent_id": parent,
        "type": kind,
        "name": called,
        "status": "ok",
        "started_at": began + timedelta(seconds=start),
        "ended_at": began + timedelta(seconds=end),
        "input_clipped": False,
        "output_clipped": False,
        **more,
    }
