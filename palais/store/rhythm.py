"""How agents stand, when they worked lately, and with which tool."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, text

from palais.store.models import AgentRow
from palais.store.views import StandingView

Period = tuple[datetime, datetime]

# Ended runs go by ix_agent_sessions_ended, open ones by ix_agent_sessions_running.
_WORKED: Final = text("""
    WITH worked AS (
        SELECT agent_id, tstzrange(started_at, greatest(ended_at, started_at)) AS period
        FROM agent_sessions WHERE ended_at > :since
        UNION ALL
        SELECT agent_id, tstzrange(started_at, greatest(:until, started_at))
        FROM agent_sessions WHERE status = 'running'
    ), merged AS (
        SELECT agent_id, unnest(range_agg(period)) AS period FROM worked GROUP BY agent_id
    )
    SELECT agent_id, lower(period), upper(period) FROM merged ORDER BY 1, 2
""")

# The latest run of each agent by ix_agent_sessions_agent_started.
_LAST: Final = text("""
    SELECT agents.id, run.said
    FROM agents CROSS JOIN LATERAL (
        SELECT coalesce(error, summary, task) AS said FROM agent_sessions
        WHERE agent_id = agents.id AND status <> 'running'
        ORDER BY started_at DESC, id DESC LIMIT 1
    ) AS run
""")

# Open runs by ix_agent_sessions_running, their steps by the primary key.
_TOOLS: Final = text("""
    SELECT DISTINCT ON (run.agent_id) run.agent_id, step.name
    FROM agent_sessions AS run JOIN agent_spans AS step ON step.session_id = run.id
    WHERE run.status = 'running' AND step.type = 'tool_call'
    ORDER BY run.agent_id, step.started_at DESC NULLS LAST
""")


def standings(conn: Connection) -> list[StandingView]:
    """Return how each agent stands; they are few, and nothing else of them is read."""
    row = AgentRow.__table__.c
    return [
        StandingView(*found) for found in conn.execute(select(row.id, row.status, row.activity))
    ]


def worked(conn: Connection, since: datetime, until: datetime) -> dict[str, Sequence[Period]]:
    """Return the periods, in order and without overlap, in which each agent had an open run."""
    periods: defaultdict[str, list[Period]] = defaultdict(list)
    for agent_id, start, end in conn.execute(_WORKED, {"since": since, "until": until}):
        periods[agent_id].append((max(start, since), min(end, until)))
    return dict(periods)


def last_tools(conn: Connection) -> dict[str, str]:
    """Return, of each agent with an open run, the name of the tool that it used last."""
    return {found.agent_id: found.name for found in conn.execute(_TOOLS)}


def last_words(conn: Connection) -> dict[str, str]:
    """Return what there is to say of each agent's last finished run: its error, or its summary."""
    return {found.id: found.said for found in conn.execute(_LAST) if found.said}
