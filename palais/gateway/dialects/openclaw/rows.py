"""Snapshots: session rows, the audit log's runs, and the roster.

A row is the newest state of a long-lived conversation, not of the frame that carries it: its
``hasActiveRun`` tells whether a run is active, ``lastRunId`` and ``endedAt`` which run ended when.
``activeRunIds`` lists runs that were accepted, and is null while they run (seen on 2026.9.6).
"""

from collections.abc import Callable
from typing import Final

from palais.domain.events import Event, Profile, RosterListed, RunEnded, RunSeen, RunStatus
from palais.domain.text import NAME_LIMIT, SUMMARY_LIMIT, is_id
from palais.gateway import fields
from palais.gateway.dialects.openclaw.names import owner, qualified, run_of
from palais.gateway.fields import passed_over
from palais.gateway.frames import Json

ENDS: Final = {
    "done": RunStatus.COMPLETED,
    "failed": RunStatus.FAILED,
    "killed": RunStatus.ABORTED,
    "timeout": RunStatus.TIMEOUT,
    "succeeded": RunStatus.COMPLETED,
    "blocked": RunStatus.FAILED,
    "cancelled": RunStatus.ABORTED,
    "timed_out": RunStatus.TIMEOUT,
}


def changed(payload: Json, now: int) -> list[Event]:
    """Translate a ``sessions.changed`` event."""
    key = fields.run_id(payload, "sessionKey")
    if key is None:
        return []
    row = fields.mapping(payload, "session") or payload
    at = fields.instant(row, "snapshotAt") or fields.instant(payload, "ts") or now
    agent_id = owner(payload)
    runs = _accepted(row)
    if active(row) and fields.word(payload, "phase") in {"start", "model"} and payload.get("runId"):
        runs.append(run_of(payload))
    by = fields.run_id(row, "spawnedBy")
    events: list[Event] = [RunSeen(run_id, agent_id, at, key, spawned_by=by) for run_id in runs]
    end = _last_run(row, agent_id, key)
    if end is not None and end.run_id not in runs:
        events.append(end)
    return events


def active(row: Json) -> bool:
    """Whether a run is active in the row's conversation; protocol 3 has only a status."""
    flag = fields.flag(row, "hasActiveRun")
    return row.get("status") == "running" if flag is None else flag


def active_keys(payload: Json) -> frozenset[str]:
    """Return the conversations of a ``sessions.list`` answer in which a run is active.

    Raises DecodeError where the answer holds no list: silence must not end every run.
    """
    if not isinstance(payload.get("sessions"), list):
        raise fields.bad(payload, "a list of sessions is none")
    found = fields.mappings(payload, "sessions")
    keys = (fields.run_id(row, "key") for row in found if active(row))
    return frozenset(key for key in keys if key)


def roster(payload: Json, at: int) -> RosterListed:
    """Translate the answer to ``agents.list``; agents with an unusable id are passed over.

    Raises DecodeError where nobody is listed: silence must not send everybody home, and a
    gateway always has its default agent.
    """
    told = (_profile(agent) for agent in fields.mappings(payload, "agents"))
    agents = tuple(agent for agent in told if agent is not None)
    if not agents:
        raise fields.bad(payload, "a list of agents names nobody")
    return RosterListed(agents, at)


def audited(payload: Json, fault: Callable[[str, str], None]) -> list[Event]:
    """Translate the runs of the audit log, oldest first: which ran, which ended and how.

    ``fault`` is told of records that make no sense.
    """
    events: list[Event] = []
    for record in reversed(list(fields.mappings(payload, "events"))):
        with passed_over(fault):
            events += _audit_record(record)
    return events


def _audit_record(record: Json) -> list[Event]:
    at = fields.instant(record, "occurredAt")
    if record.get("kind") != "agent_run" or at is None:
        return []
    agent_id, run_id = owner(record), run_of(record)
    key = fields.run_id(record, "sessionKey")
    if record.get("action") == "agent.run.started":
        return [RunSeen(run_id, agent_id, at, key, started_at=at, live=False)]
    status = ENDS.get(str(record.get("status")))
    return [RunEnded(agent_id, status, at, run_id, key)] if status else []


def told(row: Json) -> list[Event]:
    """Translate a row of a list: the runs that were accepted, and how the last one ended."""
    key = fields.run_id(row, "key")
    if key is None:
        return []
    agent_id, at = owner(row), fields.instant(row, "snapshotAt")
    runs = _accepted(row) if active(row) and at is not None else []
    by = fields.run_id(row, "spawnedBy")
    events: list[Event] = [
        RunSeen(run_id, agent_id, at or 0, key, live=False, spawned_by=by) for run_id in runs
    ]
    end = _last_run(row, agent_id, key)
    return events if end is None or end.run_id in runs else [*events, end]


def _accepted(row: Json) -> list[str]:
    ids = row.get("activeRunIds")
    named = [{"runId": run_id} for run_id in ids] if isinstance(ids, list) else []
    return [run_id for obj in named if (run_id := fields.run_id(obj)) is not None]


def _last_run(row: Json, agent_id: str, key: str) -> RunEnded | None:
    run_id, ended_at = fields.run_id(row, "lastRunId"), fields.instant(row, "endedAt")
    if run_id is None or ended_at is None:
        return None
    error = fields.said(row, "lastRunError", SUMMARY_LIMIT)
    status = ENDS.get(str(row.get("status")))
    aborted = row.get("abortedLastRun") is True
    # A row that lags has the error, but not yet whether it was a timeout.
    guessed = status is None and error is not None and not aborted
    if status is None:
        status = RunStatus.FAILED if error else RunStatus.COMPLETED
        status = RunStatus.ABORTED if aborted else status
    return RunEnded(
        agent_id=agent_id,
        status=status,
        at=ended_at,
        run_id=run_id,
        conversation=key,
        started_at=fields.instant(row, "startedAt"),
        model=qualified(row, "modelProvider"),
        error=error,
        inferred=guessed,
        adopt=False,
    )


def _profile(agent: Json) -> Profile | None:
    agent_id = agent.get("id")
    if not isinstance(agent_id, str) or not is_id(agent_id):
        return None
    identity, model = fields.mapping(agent, "identity"), agent.get("model")
    primary = model.get("primary") if isinstance(model, dict) else model
    return Profile(
        id=agent_id,
        name=fields.line(identity, "name", NAME_LIMIT) or fields.line(agent, "name", NAME_LIMIT),
        persona=fields.line(identity, "theme"),
        emoji=fields.line(identity, "emoji", 16),
        model=fields.line({"model": primary}, "model", NAME_LIMIT),
        avatar_url=fields.picture(identity, "avatarUrl"),
    )
