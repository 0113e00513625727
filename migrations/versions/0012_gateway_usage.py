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
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("conversation", "day", name=op.f("pk_gateway_usage")),
    )
    op.create_index("ix_gateway_usage_day", "gateway_usage", ["day"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("gateway_usage")
