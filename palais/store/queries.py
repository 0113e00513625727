"""What pages and the API read. Each query names the index it goes by in ``store.models``."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Double,
    FromClause,
    Numeric,
    Select,
    Subquery,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    text,
    true,
    tuple_,
)

from palais.domain.text import is_id
from palais.store.models import (
    ActivityRow,
    AgentEditRow,
    AgentRow,
    GatewayRow,
    PortraitRow,
    SessionRow,
    StreamRow,
)
from palais.store.money import UsageHourRow
from palais.store.statements import PICTURE
from palais.store.views import ActivityView, AgentView, GatewayView, Head, SessionView

WINDOW: Final = timedelta(days=30)
RATED: Final = 100
"""Sessions that an agent's average quality is taken of, the latest."""

MAX_ID: Final = 2**63 - 1
_NEWEST: Final = " ORDER BY id DESC LIMIT :limit"
OF_ALL: Final = ("budget.warning", "gap")
"""The types of lines that may be of no single agent, and then belong to every one."""

KINDS: Final = frozenset(
    {
        *("agent.status", "agent.registered", *OF_ALL, "span.started", "span.completed"),
        *("session.started", "session.updated", "session.completed"),
    }
)
"""The types of history's lines."""


def _totals() -> Subquery:
    """Return what each agent spent on the last 30 days, as the page of costs counts them."""
    hour = UsageHourRow.__table__.c
    tokens = func.sum(hour.tokens)
    # An unknown cost makes a sum too small, but not unknown: what is known is shown.
    known = func.sum(hour.calls) > func.sum(hour.unpriced_calls)
    return (
        select(
            hour.agent_id,
            cast(func.least(tokens, MAX_ID), BigInteger).label("tokens_30d"),
            cast(case((known, func.sum(hour.cost))), Double).label("cost_30d"),
            cast(func.sum(hour.unpriced_calls), BigInteger).label("unpriced"),
        )
        .where(hour.hour >= bindparam("begin"), hour.hour < bindparam("end"))
        .group_by(hour.agent_id)
        .subquery("totals")
    )


def _agents() -> Select[Any]:
    """Return the query of agents, its columns as ``AgentView`` has its fields."""
    totals = _totals()
    quality = _quality()
    edit = AgentEditRow.__table__.c
    computed: dict[str, ColumnElement[Any]] = {
        "persona": func.coalesce(edit.persona, AgentRow.persona),
        "bio": func.coalesce(edit.bio, AgentRow.bio),
        "avatar_url": literal_column(PICTURE),
        "status_observed": GatewayRow.state == "connected",
        "tokens_30d": totals.c.tokens_30d,
        "cost_30d": totals.c.cost_30d,
        "unpriced_calls_30d": func.coalesce(totals.c.unpriced, 0),
        "avg_quality": quality.c.average,
    }
    own = AgentRow.__table__.c
    columns = [computed[name] if name in computed else own[name] for name in AgentView.__slots__]
    return (
        select(*columns)
        .select_from(AgentRow)
        .join(GatewayRow, true())
        .outerjoin(AgentEditRow, edit.agent_id == AgentRow.id)
        .outerjoin(PortraitRow, PortraitRow.agent_id == AgentRow.id)
        .outerjoin(totals, totals.c.agent_id == AgentRow.id)
        .join(quality, true())
    )


def _quality() -> FromClause:
    """Return the query of what an agent's latest rated sessions of the last 30 days were worth.

    So many and no more: a list of agents must not read all sessions of a busy month.
    """
    session = SessionRow.__table__.c
    latest = (
        select(session.confidence)
        .where(
            session.agent_id == AgentRow.id,
            session.started_at > func.now() - WINDOW,
            session.confidence.is_not(None),
        )
        .order_by(session.started_at.desc())
        .limit(RATED)
        .correlate(AgentRow)
        .subquery("rated")
    )
    rounded = func.round(cast(func.avg(latest.c.confidence), Numeric), 2)
    return select(cast(rounded, Double).label("average")).lateral("quality")


_AGENTS: Final = _agents()
_ALL_AGENTS: Final = _AGENTS.order_by(AgentRow.position, AgentRow.name, AgentRow.id)


def agents(conn: Connection) -> list[AgentView]:
    """Return all agents, in the order of the seed, then by name; by one query."""
    return [AgentView(*row) for row in conn.execute(_ALL_AGENTS, _month())]


def agent(conn: Connection, agent_id: str) -> AgentView | None:
    """Return one agent; None where there is none of this id."""
    if not is_id(agent_id):
        return None
    row = conn.execute(_AGENTS.where(AgentRow.id == agent_id), _month()).first()
    return None if row is None else AgentView(*row)


def _month() -> dict[str, datetime]:
    """Return the last 30 days (UTC), today included.

    Not in SQL, where it would be worked out for every row.
    """
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = today + timedelta(days=1)
    return {"begin": tomorrow - WINDOW, "end": tomorrow}


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
    *,
    of_all: bool = False,
) -> list[ActivityView]:
    """Return history, newest first; empty filters let everything through.

    With ``of_all``, what is of no single agent belongs to every one, as it does on the stream.
    """
    parts = [_history(agents=bool(agent_ids), types=bool(types))]
    if of_all and agent_ids:
        parts += [_of_all(kind) for kind in OF_ALL if not types or kind in types]
    lines = " UNION ALL ".join(f"({part})" for part in parts)
    query = text(f"SELECT * FROM ({lines}) AS history{_NEWEST}")  # noqa: S608  made of constants
    values = {"agents": sorted(agent_ids), "types": sorted(types or KINDS), "limit": limit}
    found = conn.execute(query, {**values, "before": MAX_ID if before is None else before})
    return [
        ActivityView(
            id=row.id,
            at=row.at,
            agent_id=row.agent_id,
            type=row.type,
            session_id=row.session_id,
            summary=row.summary,
            data=row.data,
        )
        for row in found
    ]


def _of_all(kind: str) -> str:
    return (  # made of the constants above alone
        f"SELECT * FROM activity_log WHERE (type, id) < ('{kind}', :before)"  # noqa: S608
        f" AND (type, id) > ('{kind}', 0) AND agent_id IS NULL"
        " ORDER BY type DESC, id DESC LIMIT :limit"
    )


def _history(*, agents: bool, types: bool) -> str:
    """Return the SQL that asks each agent and type by itself, at its own place in an index.

    It compares and orders by whole rows of the index: asked by equality, Postgres may rather read
    the log backwards, however rare or long ago what it looks for is.
    """
    if not agents and not types:
        return f"SELECT * FROM activity_log WHERE id < :before{_NEWEST}"  # noqa: S608
    key = "agent_id, type, id" if agents else "type, id"
    place = "agent, kind" if agents else "kind"
    agent = "unnest(CAST(:agents AS text[])) AS agent, " if agents else ""
    return (  # made of the constants above alone
        f"SELECT found.* FROM {agent}unnest(CAST(:types AS text[])) AS kind, LATERAL ("  # noqa: S608
        f"SELECT * FROM activity_log WHERE ({key}) < ({place}, :before) AND ({key}) > ({place}, 0)"
        f" ORDER BY {key.replace(',', ' DESC,')} DESC LIMIT :limit) AS found"
    )


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
        command=row.command,
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
