"""What pages and the API read. Each query names the index it goes by in ``store.models``."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Double,
    Select,
    cast,
    func,
    literal_column,
    null,
    select,
    true,
    tuple_,
)

from palais.domain.text import is_id
from palais.store.models import ActivityRow, AgentRow, GatewayRow, SessionRow, StreamRow
from palais.store.views import ActivityView, AgentView, GatewayView, Head, SessionView

WINDOW: Final = timedelta(days=30)


def _agents() -> Select[Any]:
    """Return the query of agents, its columns as ``AgentView`` has its fields."""
    session = SessionRow.__table__.c
    # An unknown cost makes a sum too small, but not unknown: what is known is shown.
    totals = (
        select(
            session.agent_id,
            cast(func.sum(session.tokens), BigInteger).label("tokens_30d"),
            cast(func.sum(session.cost), Double).label("cost_30d"),
        )
        .where(session.started_at > func.now() - literal_column(f"interval '{WINDOW.days} days'"))
        .group_by(session.agent_id)
        .subquery("totals")
    )
    computed: dict[str, ColumnElement[Any]] = {
        "status_observed": GatewayRow.state == "connected",
        "tokens_30d": totals.c.tokens_30d,
        "cost_30d": totals.c.cost_30d,
        "avg_quality": null(),
    }
    own = AgentRow.__table__.c
    columns = [computed[name] if name in computed else own[name] for name in AgentView.__slots__]
    return (
        select(*columns)
        .select_from(AgentRow)
        .join(GatewayRow, true())
        .outerjoin(totals, totals.c.agent_id == AgentRow.id)
    )


_AGENTS: Final = _agents()
_ALL_AGENTS: Final = _AGENTS.order_by(AgentRow.position, AgentRow.name, AgentRow.id)


def agents(conn: Connection) -> list[AgentView]:
    """Return all agents, in the order of the seed, then by name; by one query."""
    return [AgentView(*row) for row in conn.execute(_ALL_AGENTS)]


def agent(conn: Connection, agent_id: str) -> AgentView | None:
    """Return one agent; None where there is none of this id."""
    if not is_id(agent_id):
        return None
    row = conn.execute(_AGENTS.where(AgentRow.id == agent_id)).first()
    return None if row is None else AgentView(*row)


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
