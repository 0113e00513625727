"""What pages and the API read. Each query names the index it goes by in ``store.models``."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, literal_column, select, tuple_

from palais.domain.text import is_id
from palais.store.models import ActivityRow, AgentRow, GatewayRow, SessionRow, StreamRow
from palais.store.views import ActivityView, AgentView, GatewayView, Head, SessionView

WINDOW: Final = timedelta(days=30)


def agents(conn: Connection) -> list[AgentView]:
    """Return all agents, in the order of the seed, then by name."""
    totals = _totals(conn)
    observed = gateway(conn).state == "connected"
    rows = conn.execute(
        select(AgentRow.__table__).order_by(AgentRow.position, AgentRow.name, AgentRow.id)
    )
    return [_agent(row, totals.get(row.id), observed) for row in rows]


def agent(conn: Connection, agent_id: str) -> AgentView | None:
    """Return one agent; None where there is none of this id."""
    if not is_id(agent_id):
        return None
    row = conn.execute(select(AgentRow.__table__).where(AgentRow.id == agent_id)).first()
    if row is None:
        return None
    totals = _totals(conn, agent_id)
    return _agent(row, totals.get(agent_id), gateway(conn).state == "connected")


def sessions(
    conn: Connection, agent_id: str, limit: int, before: str | None = None
) -> list[SessionView]:
    """Return an agent's sessions, the latest first; ``before`` is the id of the last one seen."""
    row = SessionRow.__table__.c
    query = select(SessionRow.__table__).where(row.agent_id == agent_id)
    if before is not None:
        seen = select(row.started_at, row.id).where(row.id == before, row.agent_id == agent_id)
        query = query.where(tuple_(row.started_at, row.id) < seen.scalar_subquery())
    rows = conn.execute(query.order_by(row.started_at.desc(), row.id.desc()).limit(limit))
    return [_session(found) for found in rows]


def session(conn: Connection, agent_id: str, session_id: str) -> SessionView | None:
    """Return one session of an agent; None where there is none."""
    if not (is_id(agent_id) and is_id(session_id)):
        return None
    row = SessionRow.__table__.c
    found = conn.execute(
        select(SessionRow.__table__).where(row.id == session_id, row.agent_id == agent_id)
    ).first()
    return _session(found) if found else None


def activity(
    conn: Connection,
    limit: int,
    before: int | None = None,
    agent_ids: frozenset[str] = frozenset(),
    types: frozenset[str] = frozenset(),
) -> list[ActivityView]:
    """Return history, newest first; empty filters let everything through."""
    row = ActivityRow.__table__.c
    query = select(ActivityRow.__table__).order_by(row.id.desc()).limit(limit)
    if before is not None:
        query = query.where(row.id < before)
    if agent_ids:
        query = query.where(row.agent_id.in_(agent_ids))
    if types:
        query = query.where(row.type.in_(types))
    return [
        ActivityView(
            id=found.id,
            at=found.at,
            agent_id=found.agent_id,
            type=found.type,
            session_id=found.session_id,
            summary=found.summary,
            data=found.data,
        )
        for found in conn.execute(query)
    ]


def gateway(conn: Connection) -> GatewayView:
    """Return how the connection to the gateway stands."""
    row = conn.execute(select(GatewayRow.__table__)).one()
    return GatewayView(
        state=row.state,
        since=row.since,
        reason=row.reason,
        code=row.code,
        protocol=row.protocol,
        server_version=row.server_version,
        holder_host=row.holder_host,
        holder_pid=row.holder_pid,
        holder_since=row.holder_since,
    )


def head(conn: Connection) -> Head:
    """Return where the log stands; one that is pruned to its end stands at its floor."""
    newest = select(func.max(ActivityRow.id)).scalar_subquery()
    # Without a row, max is null, which Postgres's GREATEST passes over.
    standing = select(StreamRow.epoch, func.greatest(StreamRow.floor, newest))
    epoch, last = conn.execute(standing).one()
    return Head(epoch, last)


def floor(conn: Connection) -> int:
    """Return the smallest cursor from which the log is still complete."""
    return conn.execute(select(StreamRow.floor)).scalar_one()


def _totals(conn: Connection, agent_id: str | None = None) -> dict[str, Any]:
    row = SessionRow.__table__.c
    # An unknown cost makes a sum too small, but not unknown: what is known is shown.
    query = (
        select(row.agent_id, func.sum(row.tokens).label("tokens"), func.sum(row.cost).label("cost"))
        .where(row.started_at > func.now() - literal_column(f"interval '{WINDOW.days} days'"))
        .group_by(row.agent_id)
    )
    if agent_id is not None:
        query = query.where(row.agent_id == agent_id)
    return {found.agent_id: found for found in conn.execute(query)}


def _agent(row: Any, totals: Any, observed: bool) -> AgentView:
    return AgentView(
        id=row.id,
        name=row.name,
        persona=row.persona,
        bio=row.bio,
        emoji=row.emoji,
        avatar_url=row.avatar_url,
        model=row.model,
        status=row.status,
        status_since=row.status_since,
        status_observed=observed,
        activity=row.activity,
        current_task_id=row.current_task_id,
        current_task=row.current_task,
        active_sessions=row.active_sessions,
        last_seen_at=row.last_seen_at,
        tokens_30d=int(totals.tokens) if totals and totals.tokens is not None else None,
        cost_30d=float(totals.cost) if totals and totals.cost is not None else None,
        avg_quality=None,
    )


def _session(row: Any) -> SessionView:
    ended = row.ended_at
    return SessionView(
        id=row.id,
        run_id=row.run_id,
        conversation=row.conversation,
        agent_id=row.agent_id,
        status=row.status,
        started_at=row.started_at,
        ended_at=ended,
        duration_ms=round((ended - row.started_at).total_seconds() * 1000) if ended else None,
        model=row.model,
        tokens=row.tokens,
        cost=row.cost,
        task=row.task,
        summary=row.summary,
        error=row.error,
        confidence=row.confidence,
        inferred=row.inferred,
    )
