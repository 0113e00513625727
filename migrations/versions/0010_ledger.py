"""Make usage a ledger that stands by itself, and add it up by the hour.

What runs told as a whole, without their calls, becomes an entry of the ledger as well. A cost of
0 was what the gateway told of a model without a price: it becomes unknown.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

DIVISION = ("tokens_in", "tokens_out", "cache_read", "cache_write")

FILL = """
    UPDATE usage SET agent_id = run.agent_id, run_id = run.run_id, conversation = run.conversation,
      tokens = tokens_in + tokens_out + cache_read + cache_write,
      cost = nullif(usage.cost, 0),
      basis = CASE WHEN coalesce(usage.cost, 0) = 0 THEN 'unknown' ELSE 'gateway' END
    FROM agent_sessions AS run WHERE run.id = session_id
"""
UNPRICED = """
    UPDATE agent_sessions SET cost = NULL
    WHERE id IN (SELECT session_id FROM usage WHERE cost IS NULL)
"""
TOTALS = """
    INSERT INTO usage (session_id, key, agent_id, run_id, conversation, at, model, tokens, cost,
      basis)
    SELECT id, 'total', agent_id, run_id, conversation, coalesce(ended_at, started_at), model,
      coalesce(tokens, 0), cost, CASE WHEN cost IS NULL THEN 'unknown' ELSE 'gateway' END
    FROM agent_sessions AS run
    WHERE (tokens > 0 OR cost > 0)
      AND NOT EXISTS (SELECT FROM usage WHERE session_id = run.id)
"""
HOURS = """
    INSERT INTO usage_hourly
    SELECT date_trunc('hour', at, 'UTC'), agent_id, coalesce(model, ''), coalesce(provider, ''),
      count(*), sum(tokens), coalesce(sum(tokens_in), 0), coalesce(sum(tokens_out), 0),
      coalesce(sum(cache_read), 0), coalesce(sum(cache_write), 0), coalesce(sum(cost), 0),
      count(*) FILTER (WHERE cost IS NULL),
      coalesce(sum(tokens) FILTER (WHERE cost IS NULL), 0)
    FROM usage GROUP BY 1, 2, 3, 4
"""


def upgrade() -> None:
    """Apply."""
    for name in ("agent_id", "run_id", "conversation", "basis"):
        op.add_column("usage", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("usage", sa.Column("tokens", sa.BigInteger(), nullable=True))
    for name in DIVISION:
        op.alter_column("usage", name, nullable=True)
    op.execute(FILL)
    op.execute(UNPRICED)
    op.execute(TOTALS)
    for name in ("agent_id", "run_id", "tokens", "basis"):
        op.alter_column("usage", name, nullable=False)
    op.create_index("ix_usage_at", "usage", ["at", "session_id", "key"])
    op.create_index("ix_usage_agent_at", "usage", ["agent_id", "at"])
    _create_hours()
    op.execute(HOURS)


def _create_hours() -> None:
    names = ("agent_id", "model", "provider")
    sums = ("tokens", *DIVISION)
    op.create_table(
        "usage_hourly",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in names),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Numeric(30, 0), nullable=False) for name in sums),
        sa.Column("cost", sa.Numeric(24, 10), nullable=False),
        sa.Column("unpriced_calls", sa.BigInteger(), nullable=False),
        sa.Column("unpriced_tokens", sa.Numeric(30, 0), nullable=False),
        sa.PrimaryKeyConstraint("hour", *names, name=op.f("pk_usage_hourly")),
    )
    op.create_index("ix_usage_hourly_agent_hour", "usage_hourly", ["agent_id", "hour"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("usage_hourly")
    op.drop_index("ix_usage_agent_at", table_name="usage")
    op.drop_index("ix_usage_at", table_name="usage")
    op.execute("DELETE FROM usage WHERE tokens_in IS NULL")
    for name in DIVISION:
        op.alter_column("usage", name, nullable=False)
    for name in ("tokens", "basis", "conversation", "run_id", "agent_id"):
        op.drop_column("usage", name)
