"""The writer's SQL: each takes all rows of a table as one JSON array, so a batch is one statement.

Unpacking JSON in Postgres costs a fraction of what an INSERT of many VALUES does, and statements
without a result can be sent together, in one round trip.
"""

from typing import Any, Final

from sqlalchemy import Column, DateTime, Table
from sqlalchemy.dialects import postgresql

from palais.domain.joining import RANKS
from palais.store.models import ActivityRow, AgentRow, GapRow, SessionRow, SpanRow
from palais.store.money import UsageRow

PROFILE: Final = ("name", "persona", "bio", "emoji", "model", "avatar_url", "seeded")
"""Who an agent is: a person may edit it beside us, so it is written only where it changed."""

NAMED: Final = ("name", "persona", "bio", "seeded")

_NEW: Final = "excluded.{0}"
_KNOWN: Final = "COALESCE(excluded.{0}, {1}.{0})"
_SEEDED: Final = "CASE WHEN {1}.seeded AND NOT excluded.seeded THEN {1}.{0} ELSE excluded.{0} END"

# Whoever introduces an agent, gateway or seed, does so in the operator's words where there are any.
# Read here, under the log's lock, no process has to be told of an edit, and none can be late.
# The same for its picture: a gateway's own wish is never shown as it came.
PICTURE: Final = """
    CASE WHEN portraits.file IS NOT NULL
      AND portraits.asked IS NOT DISTINCT FROM agents.avatar_digest
    THEN '/avatars/' || portraits.file ELSE '/avatars/agents/' || agents.id END
"""
_EDITED: Final = f"""
    CASE type WHEN 'agent.registered' THEN COALESCE((
      SELECT (told.data::jsonb || jsonb_strip_nulls(jsonb_build_object(
        'persona', agent_edits.persona, 'bio', agent_edits.bio, 'avatarUrl', {PICTURE})))::json
      FROM agents LEFT JOIN agent_edits ON agent_edits.agent_id = agents.id
      LEFT JOIN portraits ON portraits.agent_id = agents.id
      WHERE agents.id = told.agent_id), data) ELSE data END
"""  # noqa: S608  made of constants

_DIALECT: Final[Any] = postgresql.dialect()  # type: ignore[no-untyped-call]


def _upsert(
    model: type[Any],
    *,
    leave: tuple[str, ...] = (),
    omit: tuple[str, ...] = (),
    merge: str = _NEW,
    special: dict[str, str] | None = None,
) -> str:
    """Return the statement that inserts rows, or updates those that exist.

    Existing rows keep the columns in ``leave``; ``omit`` is what Postgres fills in by itself.
    ``merge`` is the SQL of a column's new value, ``special`` that of some columns.
    """
    table: Table = model.__table__
    columns = [column for column in table.columns if column.name not in omit]
    keys = [column.name for column in table.primary_key]
    changed = [c.name for c in columns if c.name not in keys and c.name not in leave]
    values = {name: (special or {}).get(name, merge) for name in changed}
    updates = ", ".join(f"{name} = {sql.format(name, table.name)}" for name, sql in values.items())
    return (
        f"{_insert(table, columns)} ON CONFLICT ({', '.join(keys)}) "
        f"DO {'UPDATE SET ' + updates if updates else 'NOTHING'};"
    )


def _append(model: type[Any], *, omit: tuple[str, ...]) -> str:
    """Return the statement that adds rows, passing over those whose key is there already."""
    table: Table = model.__table__
    columns = [column for column in table.columns if column.name not in omit]
    return f"{_insert(table, columns)} ON CONFLICT (key) DO NOTHING;"


def _insert(table: Table, columns: list[Column[Any]]) -> str:
    names = ", ".join(column.name for column in columns)
    values = ", ".join(_value(column) for column in columns)
    shape = ", ".join(f"{column.name} {_type(column)}" for column in columns)
    return (  # made of the models alone
        f"INSERT INTO {table.name} ({names}) SELECT {values} FROM ROWS FROM "  # noqa: S608
        f"(json_to_recordset(%s::json) AS ({shape})) WITH ORDINALITY AS told ORDER BY ordinality"
    )


def _value(column: Column[Any]) -> str:
    if column is ActivityRow.__table__.c.data:
        return _EDITED
    is_time = isinstance(column.type, DateTime)
    return f"to_timestamp({column.name} / 1000.0)" if is_time else column.name


def _type(column: Column[Any]) -> str:
    is_time = isinstance(column.type, DateTime)
    return "bigint" if is_time else column.type.compile(dialect=_DIALECT)


LOG_LOCK: Final = 0x70616C01
"""Advisory lock that orders the log's writers."""

TURN: Final = f"SELECT pg_advisory_xact_lock({LOG_LOCK});"
"""Waits until no other transaction writes the log, and keeps others waiting until this ends."""

OWN: Final = ("position", "avatar_digest")
"""What a gateway says nothing of, and what Postgres reckons itself."""

AGENTS: Final = _upsert(AgentRow, leave=PROFILE, omit=OWN)
PROFILES: Final = _upsert(
    # Names that an operator gave meanwhile stay, whatever the gateway calls the agent.
    AgentRow,
    omit=OWN,
    special=dict.fromkeys(NAMED, _SEEDED),
)
# Who recalls an ended run has not its steps in mind: what they told stays, unless it ends anew.
_RATED: Final = (
    "CASE WHEN excluded.status = {1}.status THEN COALESCE(excluded.{0}, {1}.{0})"
    " ELSE excluded.{0} END"
)
SESSIONS: Final = _upsert(SessionRow, special={"confidence": _RATED})
_SUMS: Final = ("tokens", "tokens_in", "tokens_out", "cache_read", "cache_write")
_HOURLY: Final = ("calls", *_SUMS, "cost", "unpriced_calls", "unpriced_tokens")
_LEDGER: Final[Table] = UsageRow.__table__  # type: ignore[assignment]
_ADDED: Final = _insert(_LEDGER, list(_LEDGER.columns))
USAGE: Final = f"""
    WITH added AS ({_ADDED} ON CONFLICT (session_id, key) DO NOTHING RETURNING *)
    INSERT INTO usage_hourly (hour, agent_id, model, provider, {", ".join(_HOURLY)})
    SELECT date_trunc('hour', at, 'UTC'), agent_id, coalesce(model, ''), coalesce(provider, ''),
      count(*), {", ".join(f"coalesce(sum({name}), 0)" for name in _SUMS)},
      coalesce(sum(cost), 0), count(*) FILTER (WHERE cost IS NULL),
      coalesce(sum(tokens) FILTER (WHERE cost IS NULL), 0)
    FROM added GROUP BY 1, 2, 3, 4
    ON CONFLICT (hour, agent_id, model, provider) DO UPDATE
    SET {", ".join(f"{name} = usage_hourly.{name} + excluded.{name}" for name in _HOURLY)};
"""  # noqa: S608  made of the models alone
"""Adds entries to the ledger, each once, and to its hours only those that are new in it."""

SETTLED: Final = """
    WITH settled AS (
      UPDATE usage SET basis = 'total' WHERE session_id = ANY(%s) AND basis = 'unknown'
      RETURNING date_trunc('hour', at, 'UTC') AS hour, agent_id, coalesce(model, '') AS model,
        coalesce(provider, '') AS provider, tokens
    ), hours AS (
      SELECT hour, agent_id, model, provider, count(*) AS calls, sum(tokens) AS tokens
      FROM settled GROUP BY 1, 2, 3, 4
    )
    UPDATE usage_hourly AS kept
    SET unpriced_calls = kept.unpriced_calls - hours.calls,
      unpriced_tokens = kept.unpriced_tokens - hours.tokens
    FROM hours WHERE (kept.hour, kept.agent_id, kept.model, kept.provider)
      = (hours.hour, hours.agent_id, hours.model, hours.provider);
"""
"""Takes the calls of these sessions that have no price for paid: a total that was told has them."""

_RANKED: Final = ", ".join(f"'{status}'" for status in sorted(RANKS, key=lambda it: RANKS[it]))
_RANK: Final = f"coalesce(array_position(ARRAY[{_RANKED}], {{0}}.status), 0)"
_LATER: Final = f"{_RANK.format('excluded')} >= {_RANK.format('agent_spans')}"
_FIRST: Final = "COALESCE({1}.{0}, excluded.{0})"
_EITHER: Final = "({1}.{0} OR excluded.{0})"
SPANS: Final = _upsert(
    SpanRow,
    merge=_KNOWN,
    special={
        # What was observed of an end is undone neither by a late beginning nor by the run's end.
        "status": f"CASE WHEN {_LATER} THEN {_KNOWN} ELSE {{1}}.{{0}} END",
        "ended_at": f"CASE WHEN {_LATER} THEN {_KNOWN} ELSE {_FIRST} END",
        "input_clipped": _EITHER,
        "output_clipped": _EITHER,
    },
)
GAPS: Final = _upsert(GapRow)

APPEND: Final = _append(ActivityRow, omit=("id", "recorded_at"))
LINE: Final = "concat_ws(E'\\t', '', appended.id, coalesce(agent_id, ''), type, data)"
TELL: Final = f"""
    WITH before AS (SELECT max(id) AS id FROM activity_log),
    appended AS ({APPEND.rstrip(";")} RETURNING id, agent_id, type, data)
    SELECT pg_notify(%s, concat(before.id, string_agg({LINE}, '' ORDER BY appended.id)))
    FROM before, appended GROUP BY before.id;
"""  # noqa: S608  made of the models alone
"""Appends lines and tells them in the notice itself: the row before them, and four fields a line.

A tail that has that row need not read what it is told. All but the last field hold no tab, and
there is none in JSON.
"""

TOLD_BYTES: Final = 6_000
"""Rows as JSON that are no larger fit into a notice, which takes 8,000 bytes."""

OBSERVED: Final = "UPDATE gateway SET observed_at = to_timestamp(%s / 1000.0);"
NOTIFY: Final = "SELECT pg_notify(%s, %s);"
