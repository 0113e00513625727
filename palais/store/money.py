"""The tables of the ledger, and of what is made of it. ``usage`` is append-only."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from palais.store.models import Base


class UsageRow(Base):
    """One entry of the ledger: a model call of a run, under the gateway's own id of it.

    Counted once, and never changed. ``tokens`` is all that was billed; how it divides is null
    where a run told its total alone. ``basis`` says where the cost is from: ``gateway``, or
    ``prices`` with the table's version, or ``unknown``, and then there is none; ``total`` has
    none of its own either: it is in that of the run's total, which was told later.
    """

    __tablename__ = "usage"
    # ledger.entries: the ledger of a period, of all agents or of one, in its order.
    __table_args__ = (
        Index("ix_usage_at", "at", "session_id", "key"),
        Index("ix_usage_agent_at", "agent_id", "at"),
    )

    session_id: Mapped[str] = mapped_column(ForeignKey("agent_sessions.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[str]
    run_id: Mapped[str]
    conversation: Mapped[str | None]
    at: Mapped[datetime]
    model: Mapped[str | None]
    provider: Mapped[str | None]
    tokens: Mapped[int] = mapped_column(BigInteger)
    tokens_in: Mapped[int | None] = mapped_column(BigInteger)
    tokens_out: Mapped[int | None] = mapped_column(BigInteger)
    cache_read: Mapped[int | None] = mapped_column(BigInteger)
    cache_write: Mapped[int | None] = mapped_column(BigInteger)
    cost: Mapped[float | None] = mapped_column(Numeric(20, 10, asdecimal=False))
    basis: Mapped[str]


class UsageHourRow(Base):
    """The ledger, added up an hour (UTC), agent, model and provider; kept in its transaction.

    ``model`` and ``provider`` are empty where nobody named them. ``cost`` is what is known of it;
    ``unpriced_calls`` and ``unpriced_tokens`` are those whose cost is not.
    """

    __tablename__ = "usage_hourly"
    # spending.by_day of one agent: its hours of the last month.
    __table_args__ = (Index("ix_usage_hourly_agent_hour", "agent_id", "hour"),)

    hour: Mapped[datetime] = mapped_column(primary_key=True)
    agent_id: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger)
    tokens: Mapped[int] = mapped_column(Numeric(30, 0))
    tokens_in: Mapped[int] = mapped_column(Numeric(30, 0))
    tokens_out: Mapped[int] = mapped_column(Numeric(30, 0))
    cache_read: Mapped[int] = mapped_column(Numeric(30, 0))
    cache_write: Mapped[int] = mapped_column(Numeric(30, 0))
    cost: Mapped[float] = mapped_column(Numeric(24, 10, asdecimal=False))
    unpriced_calls: Mapped[int] = mapped_column(BigInteger)
    unpriced_tokens: Mapped[int] = mapped_column(Numeric(30, 0))


class BudgetRow(Base):
    """What may be spent (USD) a ``day`` or ``month`` (UTC) by an agent, or by all (``*``)."""

    __tablename__ = "budgets"

    scope: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[float] = mapped_column(Numeric(20, 10, asdecimal=False))
    set_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class BudgetAlertRow(Base):
    """A warning that was given: once for each threshold (per cent) of a budget in its period."""

    __tablename__ = "budget_alerts"

    scope: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    threshold: Mapped[int] = mapped_column(Integer, primary_key=True)
    spent: Mapped[float] = mapped_column(Numeric(24, 10, asdecimal=False))
    amount: Mapped[float] = mapped_column(Numeric(20, 10, asdecimal=False))
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class GatewayUsageRow(Base):
    """What the gateway itself counts for a conversation on a day (UTC).

    ``unpriced_calls`` have no cost there, ``began_at`` and ``ended_at`` are where what it has of
    the day begins and ends; ``archived`` is a transcript without a conversation.
    """

    __tablename__ = "gateway_usage"

    # The day first: reconciliation.theirs reads all conversations of some days.
    day: Mapped[date] = mapped_column(primary_key=True)
    conversation: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[str]
    tokens: Mapped[int] = mapped_column(BigInteger)
    cost: Mapped[float] = mapped_column(Numeric(20, 10, asdecimal=False))
    unpriced_calls: Mapped[int] = mapped_column(BigInteger)
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    archived: Mapped[bool]


class GatewayDayRow(Base):
    """A day (UTC) of which the gateway told its figures, and when it had added them up.

    They are not ``complete`` where it had more conversations than it tells at once.
    """

    __tablename__ = "gateway_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    told_at: Mapped[datetime]
    complete: Mapped[bool]
