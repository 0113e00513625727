"""Keep what the gateway itself counts, to lay beside the ledger.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "gateway_usage",
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.Numeric(20, 10), nullable=False),
        sa.Column("unpriced_calls", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day", "conversation", name=op.f("pk_gateway_usage")),
    )
    op.create_table(
        "gateway_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_gateway_days")),
    )
    op.add_column("gateway", sa.Column("tells_usage", sa.Boolean(), nullable=True))
    op.add_column("gateway", sa.Column("first_observed_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE gateway SET first_observed_at = "
        "(SELECT recorded_at FROM activity_log ORDER BY id LIMIT 1)"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_column("gateway", "first_observed_at")
    op.drop_column("gateway", "tells_usage")
    op.drop_table("gateway_days")
    op.drop_table("gateway_usage")
