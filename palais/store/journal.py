"""The writer: a batch of changes is one transaction, seen by nobody before it is committed.

Every log row is written while an advisory transaction lock is held, so that row ids become
visible in their order: a reader that has seen id n will never meet a smaller one later.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from palais.domain.agent import Agent, Run
from palais.domain.changes import (
    AgentChanged,
    Change,
    GapNoted,
    Logged,
    Presence,
    RunChanged,
    SpanChanged,
    UsageAdded,
)
from palais.store import wire
from palais.store.models import AgentRow, GapRow, GatewayRow, SessionRow, SpanRow, UsageRow

LOG_CHANNEL: Final = "palais_log"
PRESENCE_CHANNEL: Final = "palais_presence"
GATEWAY_CHANNEL: Final = "palais_gateway"
PROFILE: Final = ("name", "persona", "bio", "emoji", "model", "avatar_url", "seeded")
"""Who an agent is: a person may edit it beside us, so it is written only where it changed."""

KEEP_KNOWN: Final = "COALESCE(excluded.{0}, {1}.{0})"
"""A null does not overwrite what is known."""

KEEP_SEEDED: Final = """
    CASE WHEN {1}.seeded AND NOT excluded.seeded AND '{0}' IN ('name', 'persona', 'bio', 'seeded')
    THEN {1}.{0} ELSE excluded.{0} END
"""
"""Names that an operator gave meanwhile stay, whatever the gateway calls the agent."""

LOG_LOCK: Final = 0x70616C01
"""Advisory lock that orders the log's writers."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A change with the key that makes writing it twice harmless.

    Only log rows use it, and only those that have no key of their own.
    """

    key: str
    change: Change


def commit(conn: Connection, entries: Sequence[Entry], observed_at: int | None = None) -> None:
    """Write a batch in one transaction and tell the tails. Safe to repeat with the same keys.

    ``observed_at`` (ms) is the moment up to which the gateway has been observed.
    """
    changes = [entry.change for entry in entries]
    with conn.begin():
        take_turn(conn)
        known, changed = _agents(changes)
        _put(conn, AgentRow, changed, keys=("id",), merge=KEEP_SEEDED)
        _put(conn, AgentRow, known, keys=("id", *PROFILE))
        _put(conn, SessionRow, _sessions(changes), keys=("id",))
        _put(conn, UsageRow, _usage(changes), keys=("session_id", "key"))
        _put(conn, SpanRow, _spans(changes), keys=("session_id", "id"), merge=KEEP_KNOWN)
        _put(conn, GapRow, _gaps(changes), keys=("started_at",))
        _append(conn, entries)
        for presence in _presence(changes):
            notify(conn, PRESENCE_CHANNEL, wire.presence_text(presence))
        if observed_at is not None:
            conn.execute(update(GatewayRow).values(observed_at=wire.instant(observed_at)))


def take_turn(conn: Connection) -> None:
    """Wait until no other transaction writes the log, and keep others waiting until this ends.

    Taken before any row is touched: two writers can then not wait for each other.
    """
    conn.execute(select(func.pg_advisory_xact_lock(LOG_LOCK)))


def append(conn: Connection, entries: Iterable[Entry]) -> None:
    """Append the log rows among these entries, inside the caller's transaction."""
    take_turn(conn)
    _append(conn, entries)


def _append(conn: Connection, entries: Iterable[Entry]) -> None:
    lines = [
        _line(entry.change.key or entry.key, entry.change)
        for entry in entries
        if isinstance(entry.change, Logged)
    ]
    if lines:
        conn.execute(_APPEND, {"lines": f"[{','.join(lines)}]"})
        notify(conn, LOG_CHANNEL, "")


def _line(key: str, logged: Logged) -> str:
    """Return a row as JSON. ``data`` is set in as it stands, and kept by Postgres to the letter."""
    row = {
        "key": key,
        "at": logged.at,
        "type": logged.type,
        "agent_id": logged.agent_id,
        "session_id": logged.session_id,
        "summary": logged.summary,
    }
    return f'{wire.dumps(row)[:-1]},"data":{wire.event_text(logged)}}}'


def notify(conn: Connection, channel: str, payload: str) -> None:
    """Tell the listeners of a channel, when the transaction commits."""
    conn.execute(
        text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload}
    )


# The whole batch is one parameter: an INSERT of many VALUES costs several times as much.
_APPEND: Final = text("""
    INSERT INTO activity_log (key, at, type, agent_id, session_id, summary, data)
    SELECT key, to_timestamp(at / 1000.0), type, agent_id, session_id, summary, data
    FROM ROWS FROM (
        json_to_recordset(CAST(:lines AS json)) AS (
            key text, at bigint, type text, agent_id text, session_id text, summary text, data json
        )
    ) WITH ORDINALITY
    ORDER BY ordinality
    ON CONFLICT (key) DO NOTHING
""")


def _put(
    conn: Connection,
    model: type[Any],
    rows: Sequence[Mapping[str, object]],
    keys: tuple[str, ...],
    merge: str = "excluded.{0}",
) -> None:
    """Insert rows, or update them where they exist.

    The columns in ``keys`` are left alone; ``merge`` is the SQL of every other column's new value.
    """
    if not rows:
        return
    table: Table = model.__table__
    values = {name: text(merge.format(name, table.name)) for name in rows[0] if name not in keys}
    statement = upsert(table).on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_=values
    )
    conn.execute(statement, list(rows))


_Rows = list[dict[str, object]]


def _agents(changes: Iterable[Change]) -> tuple[_Rows, _Rows]:
    """Return the rows of agents whose profile is as it was, and of those where it is new."""
    told = [change for change in changes if isinstance(change, AgentChanged)]
    latest = {change.agent.id: change.agent for change in told}
    new = {change.agent.id for change in told if change.profile}
    return (
        [_agent_row(agent) for agent in latest.values() if agent.id not in new],
        [_agent_row(agent) for agent in latest.values() if agent.id in new],
    )


def _sessions(changes: Iterable[Change]) -> list[dict[str, object]]:
    latest = {c.run.run_id: c.run for c in changes if isinstance(c, RunChanged)}
    return [_session_row(run) for run in latest.values()]


def _usage(changes: Iterable[Change]) -> list[dict[str, object]]:
    return [_usage_row(change) for change in changes if isinstance(change, UsageAdded)]


def _spans(changes: Iterable[Change]) -> list[dict[str, object]]:
    return [_span_row(change) for change in changes if isinstance(change, SpanChanged)]


def _gaps(changes: Iterable[Change]) -> _Rows:
    return [
        {
            "started_at": wire.instant(change.gap.started_at),
            "ended_at": wire.instant(change.gap.ended_at),
            "reason": change.gap.reason.value,
        }
        for change in changes
        if isinstance(change, GapNoted)
    ]


def _presence(changes: Iterable[Change]) -> Iterable[Presence]:
    return {c.agent_id: c for c in changes if isinstance(c, Presence)}.values()


def _agent_row(agent: Agent) -> dict[str, object]:
    return {
        "id": agent.id,
        "name": agent.name,
        "persona": agent.persona,
        "bio": agent.bio,
        "emoji": agent.emoji,
        "model": agent.model,
        "avatar_url": agent.avatar_url,
        "seeded": agent.seeded,
        "present": agent.present,
        "failed": agent.failed,
        "reported": agent.reported.value if agent.reported else None,
        "reported_task": agent.reported_task,
        "reported_task_id": agent.reported_task_id,
        "status": agent.status.value,
        "status_since": wire.instant(agent.status_since),
        "activity": agent.activity,
        "current_task": agent.task,
        "current_task_id": agent.task_id,
        "active_sessions": agent.active_sessions,
        "last_seen_at": wire.instant(agent.last_seen_at),
    }


def _session_row(run: Run) -> dict[str, object]:
    return {
        "id": run.id,
        "run_id": run.run_id,
        "agent_id": run.agent_id,
        "conversation": run.conversation,
        "status": run.status.value,
        "started_at": wire.instant(run.started_at or run.touched_at),
        "ended_at": wire.instant(run.ended_at),
        "model": run.model,
        "task": run.task,
        "task_id": run.task_id,
        "tokens": run.tokens,
        "cost": run.cost,
        "summary": run.summary,
        "error": run.error,
        "inferred": run.inferred,
        "touched_at": wire.instant(run.touched_at),
    }


def _usage_row(change: UsageAdded) -> dict[str, object]:
    usage = change.usage
    return {
        "session_id": change.run.id,
        "key": change.key,
        "at": wire.instant(usage.at),
        "model": usage.model,
        "provider": usage.provider,
        "tokens_in": usage.tokens_in,
        "tokens_out": usage.tokens_out,
        "cache_read": usage.cache_read,
        "cache_write": usage.cache_write,
        "cost": usage.cost,
    }


def _span_row(change: SpanChanged) -> dict[str, object]:
    span = change.span
    return {
        "session_id": change.run.id,
        "id": span.id,
        "parent_id": span.parent_id,
        "type": span.type,
        "name": span.name,
        "title": span.title,
        "status": span.status,
        "started_at": wire.instant(span.started_at),
        "ended_at": wire.instant(span.ended_at),
        "duration_ms": span.duration_ms,
        "model": span.model,
        "tokens_in": span.tokens_in,
        "tokens_out": span.tokens_out,
        "cost": span.cost,
        "input": span.input,
        "output": span.output,
        "error": span.error,
    }
