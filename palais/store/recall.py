"""Reading the court back: what the process that wrote last knew, for the one that goes on."""

from collections import defaultdict
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, and_, case, func, or_, select

from palais.domain.agent import NOTHING, Agent, Forgotten, Run, current_run, revised
from palais.domain.calls import Calls
from palais.domain.events import RunStatus, Span, Status, Usage
from palais.domain.joining import RUNNING
from palais.domain.quality import noted
from palais.domain.spans import STEPS_KEPT, light
from palais.domain.step import ENDED_KEPT, Court
from palais.store import rows, wire
from palais.store.models import AgentRow, SessionRow, SpanRow
from palais.store.money import UsageRow

FRESH: Final = timedelta(minutes=10)
"""Of runs that ended so lately the steps are recalled too: what comes late comes soon."""

_TEXTS: Final = frozenset({"input", "output"})

_STEP: Final = SpanRow.__table__.c
_RUNS: Final = _STEP.status == RUNNING
_LATE: Final = func.coalesce(_STEP.ended_at, _STEP.started_at).desc().nulls_last()
_PLACE: Final = (
    func.row_number()
    .over(partition_by=_STEP.session_id, order_by=(_RUNS.desc(), _LATE, _STEP.id))
    .label("place")
)
"""Which steps of a run are recalled first."""

REMEMBERED: Final = timedelta(hours=26)
"""Ended runs younger than this are recalled: longer than a resync looks back."""


def court(conn: Connection) -> Court:
    """Return the court as the tables have it: all agents, open runs and lately ended ones."""
    agents = {row.id: _agent(row) for row in conn.execute(select(AgentRow.__table__))}
    sessions = SessionRow.__table__
    still = select(sessions).where(sessions.c.status == RunStatus.RUNNING.value)
    lately = (
        select(sessions)
        .where(sessions.c.ended_at > func.now() - REMEMBERED)
        .order_by(sessions.c.ended_at.desc())
        .limit(ENDED_KEPT)
    )
    running = list(conn.execute(still))
    since = datetime.now(UTC) - FRESH
    known = [*running, *conn.execute(lately)]
    usage = _usage(conn, [row.id for row in known])
    steps = _steps(conn, [row.id for row in known if row.ended_at is None or row.ended_at > since])
    gone = _forgotten(conn, [row.id for row in running])
    runs = [
        _run(row, usage[row.id], steps[row.id], gone.get(row.id, NOTHING))
        for row in reversed(known)
    ]
    return Court(
        agents=agents,
        open={run.run_id: run for run in _active(agents, [run for run in runs if run.open])},
        ended={run.run_id: run for run in runs if not run.open},
    )


def _usage(conn: Connection, session_ids: list[str]) -> dict[str, dict[str, Usage]]:
    found: dict[str, dict[str, Usage]] = defaultdict(dict)
    table = UsageRow.__table__
    for row in conn.execute(select(table).where(table.c.session_id.in_(session_ids))):
        found[row.session_id][row.key] = Usage(
            tokens_in=row.tokens_in or 0,
            tokens_out=row.tokens_out or 0,
            cache_read=row.cache_read or 0,
            cache_write=row.cache_write or 0,
            cost=row.cost,
            model=row.model,
            provider=row.provider,
            at=wire.millis(row.at) or 0,
            total=row.tokens if row.tokens_in is None else None,
            priced=rows.priced_by(row.basis),
        )
    return found


def _steps(conn: Connection, session_ids: list[str]) -> dict[str, dict[str, Span]]:
    """Return the steps of these runs, of each those that run and the latest others, oldest first.

    Of a step that is over, no more than what a tool was given is needed: what another did as well.
    """
    found: dict[str, dict[str, Span]] = defaultdict(dict)
    did = or_(_RUNS, _STEP.type == "tool_call")
    texts = [case((did, _STEP.input)).label("input"), case((_RUNS, _STEP.output)).label("output")]
    others = [column for column in _STEP if column.name not in _TEXTS]
    ranked = select(*others, *texts, _PLACE).where(_STEP.session_id.in_(session_ids))
    latest = ranked.subquery()
    query = select(latest).where(latest.c.place <= STEPS_KEPT).order_by(latest.c.place.desc())
    for row in conn.execute(query):
        found[row.session_id][row.id] = _span(row)
    return found


def _forgotten(conn: Connection, session_ids: list[str]) -> dict[str, Forgotten]:
    """Return what these runs have beyond the steps that are recalled of them."""
    failed = or_(_STEP.status == "error", _STEP.error != "")  # as quality.is_error
    called = and_(failed, _STEP.type == "llm_call")
    facts = (failed.label("failed"), called.label("called"))
    ranked = select(_STEP.session_id, *facts, _PLACE).where(_STEP.session_id.in_(session_ids))
    others = ranked.subquery().c
    numbers = (func.count(), *(func.count().filter(it) for it in (others.failed, others.called)))
    query = select(others.session_id, *numbers).where(others.place > STEPS_KEPT)
    found = conn.execute(query.group_by(others.session_id))
    return {session_id: Forgotten(*numbers) for session_id, *numbers in found}


def _span(row: Any) -> Span:
    told = {one.name: getattr(row, one.name) for one in fields(Span)}
    times = {name: wire.millis(told[name]) for name in ("started_at", "ended_at")}
    cost = None if row.cost is None else float(row.cost)
    return Span(**{**told, **times, "cost": cost})


def _active(agents: dict[str, Agent], runs: list[Run]) -> list[Run]:
    """Return the runs, those that speak for their agents with what the agents do."""
    speaking = {
        agent_id: current_run([run for run in runs if run.agent_id == agent_id])
        for agent_id in agents
    }
    return [
        revised(run, activity=agents[run.agent_id].activity)
        if speaking.get(run.agent_id) is run
        else run
        for run in runs
    ]


def _agent(row: Any) -> Agent:
    return Agent(
        id=row.id,
        name=row.name,
        persona=row.persona,
        bio=row.bio,
        emoji=row.emoji,
        model=row.model,
        avatar_url=row.avatar_url,
        seeded=row.seeded,
        present=row.present,
        failed=row.failed,
        reported=Status(row.reported) if row.reported else None,
        reported_task=row.reported_task,
        reported_task_id=row.reported_task_id,
        status=Status(row.status),
        status_since=wire.millis(row.status_since),
        activity=row.activity,
        task=row.current_task,
        task_id=row.current_task_id,
        active_sessions=row.active_sessions,
        last_seen_at=wire.millis(row.last_seen_at),
    )


def _run(row: Any, usage: dict[str, Usage], steps: dict[str, Span], gone: Forgotten) -> Run:
    # A cost that is known although some call has none is one that the run itself told.
    calls = Calls(usage)
    priced = bool(calls) and not calls.unpriced
    return Run(
        run_id=row.run_id,
        agent_id=row.agent_id,
        status=RunStatus(row.status),
        conversation=row.conversation,
        spawned_by=row.spawned_by,
        started_at=wire.millis(row.started_at),
        ended_at=wire.millis(row.ended_at),
        model=row.model,
        task=row.task,
        task_id=row.task_id,
        summary=row.summary,
        error=row.error,
        usage=calls,
        steps={id_: light(step) for id_, step in steps.items()},
        calls=noted({}, *steps.values()),
        reported_tokens=None if calls.tokens else row.tokens,
        reported_cost=None if priced else row.cost,
        inferred=row.inferred,
        touched_at=wire.millis(row.touched_at) or 0,
        forgotten=gone,
        partial=row.status != RunStatus.RUNNING.value,
    )
