"""The tables of the court; those of the ledger are in ``store.money``.

``activity_log`` is append-only, but for what retention prunes; the rest is its latest state.
"""

from datetime import datetime
from typing import Any, Final

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    MetaData,
    Numeric,
    Text,
    desc,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Base(DeclarativeBase):
    """The declarative base: text is ``text``, every time has a zone, constraints have names."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy's own contract
        str: Text(),
        datetime: DateTime(timezone=True),
    }


db = SQLAlchemy(metadata=Base.metadata)


class AgentRow(Base):
    """An agent and what it does now."""

    __tablename__ = "agents"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    persona: Mapped[str] = mapped_column(server_default="")
    bio: Mapped[str] = mapped_column(server_default="")
    emoji: Mapped[str | None]
    model: Mapped[str | None]
    avatar_url: Mapped[str | None]
    # It may be a picture of two megabytes: whoever only compares it need not read it.
    avatar_digest: Mapped[str | None] = mapped_column(Computed("md5(avatar_url)", persisted=True))
    position: Mapped[int] = mapped_column(server_default="1000")
    seeded: Mapped[bool] = mapped_column(server_default=text("false"))
    present: Mapped[bool] = mapped_column(server_default=text("false"))
    failed: Mapped[bool] = mapped_column(server_default=text("false"))
    reported: Mapped[str | None]
    reported_task: Mapped[str | None]
    reported_task_id: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    status: Mapped[str] = mapped_column(server_default="offline")
    status_since: Mapped[datetime | None]
    activity: Mapped[str | None]
    current_task: Mapped[str | None]
    current_task_id: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    active_sessions: Mapped[int] = mapped_column(server_default="0")
    last_seen_at: Mapped[datetime | None]


class AgentEditRow(Base):
    """What the operator says of an agent. It wins; null leaves the word to gateway and seed."""

    __tablename__ = "agent_edits"

    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    persona: Mapped[str | None]
    bio: Mapped[str | None]
    edited_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class PortraitRow(Base):
    """The portrait an agent has now.

    ``made_of`` digests what a portrait of the studio was made of; ``asked`` is the MD5 of the
    gateway's wish that was considered: another wish means another portrait.
    """

    __tablename__ = "portraits"
    # portraits.of_file: whose picture is not in this host's folder.
    __table_args__ = (Index("ix_portraits_file", "file"),)

    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    file: Mapped[str]
    source: Mapped[str]
    made_of: Mapped[str]
    asked: Mapped[str | None]
    made_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class SessionRow(Base):
    """One run of one agent."""

    __tablename__ = "agent_sessions"
    __table_args__ = (
        # queries.sessions: the latest sessions of an agent.
        Index("ix_agent_sessions_agent_started", "agent_id", desc("started_at"), desc("id")),
        # journal.load: the runs that were open when Palais last wrote.
        Index("ix_agent_sessions_running", "run_id", postgresql_where=text("status = 'running'")),
        # queries.agents: the latest sessions of an agent that are rated.
        Index(
            "ix_agent_sessions_rated",
            "agent_id",
            desc("started_at"),
            postgresql_include=["confidence"],
            postgresql_where=text("confidence IS NOT NULL"),
        ),
        # journal.load: the runs that ended lately.
        Index("ix_agent_sessions_ended", "ended_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(unique=True)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"))
    conversation: Mapped[str | None]
    status: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    model: Mapped[str | None]
    task: Mapped[str | None]
    task_id: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    tokens: Mapped[int | None] = mapped_column(BigInteger)
    cost: Mapped[float | None] = mapped_column(Numeric(20, 10, asdecimal=False))
    summary: Mapped[str | None]
    error: Mapped[str | None]
    confidence: Mapped[float | None]
    inferred: Mapped[bool] = mapped_column(server_default=text("false"))
    touched_at: Mapped[datetime | None]
    spawned_by: Mapped[str | None]


class SpanRow(Base):
    """One step of a run.

    A ``delegation`` knows the session that it began. ``input_clipped`` and ``output_clipped`` say
    that more was told than is kept. The status is ``running``, ``ok``, ``error``, ``aborted`` with
    its run, or ``lost``: its end was not observed.
    """

    __tablename__ = "agent_spans"
    # spans.of_session: which step of another session began this one.
    __table_args__ = (
        Index(
            "ix_agent_spans_child",
            "child_session_id",
            postgresql_where=text("child_session_id IS NOT NULL"),
        ),
    )

    session_id: Mapped[str] = mapped_column(ForeignKey("agent_sessions.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    parent_id: Mapped[str | None]
    type: Mapped[str]
    name: Mapped[str]
    title: Mapped[str | None]
    status: Mapped[str | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    duration_ms: Mapped[int | None] = mapped_column(BigInteger)
    model: Mapped[str | None]
    tokens_in: Mapped[int | None] = mapped_column(BigInteger)
    tokens_out: Mapped[int | None] = mapped_column(BigInteger)
    cost: Mapped[float | None] = mapped_column(Numeric(20, 10, asdecimal=False))
    cache_read: Mapped[int | None] = mapped_column(BigInteger)
    cache_write: Mapped[int | None] = mapped_column(BigInteger)
    input: Mapped[str | None]
    output: Mapped[str | None]
    error: Mapped[str | None]
    input_clipped: Mapped[bool] = mapped_column(server_default=text("false"))
    output_clipped: Mapped[bool] = mapped_column(server_default=text("false"))
    child_session_id: Mapped[str | None]
    child_agent_id: Mapped[str | None]


class ActivityRow(Base):
    """One line of history. ``data`` is the event as viewers get it, kept to the letter."""

    __tablename__ = "activity_log"
    __table_args__ = (
        # queries.activity, filtered by agent or by type, read backwards.
        Index("ix_activity_log_agent_type", "agent_id", "type", "id"),
        Index("ix_activity_log_type_id", "type", "id"),
        # journal.commit: a batch that is tried again must not be written twice.
        Index("uq_activity_log_key", "key", unique=True),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    key: Mapped[str]
    at: Mapped[datetime]
    type: Mapped[str]
    agent_id: Mapped[str | None]
    session_id: Mapped[str | None]
    summary: Mapped[str] = mapped_column(server_default="")
    data: Mapped[Any] = mapped_column(JSON)
    # Not the gateway's ``at``: by the database's clock, which retention goes by.
    recorded_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class GapRow(Base):
    """A period in which the gateway was not observed; it outlives the log."""

    __tablename__ = "gaps"

    started_at: Mapped[datetime] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime]
    reason: Mapped[str]


class GatewayRow(Base):
    """The one connection to the gateway, and who holds it."""

    __tablename__ = "gateway"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(server_default="offline")
    since: Mapped[datetime | None]
    reason: Mapped[str | None]
    code: Mapped[str | None]
    command: Mapped[str | None]
    protocol: Mapped[int | None]
    server_version: Mapped[str | None]
    boot_id: Mapped[str | None]
    url: Mapped[str | None]
    observed_at: Mapped[datetime | None]
    first_observed_at: Mapped[datetime | None]
    tells_usage: Mapped[bool | None]
    holder_host: Mapped[str | None]
    holder_pid: Mapped[int | None]
    holder_since: Mapped[datetime | None]


class StreamRow(Base):
    """The log's identity and floor: a cursor of another epoch, or below the floor, is void."""

    __tablename__ = "stream"

    id: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[str]
    floor: Mapped[int] = mapped_column(BigInteger, server_default="0")
