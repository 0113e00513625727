"""Keep budgets, and which warnings were given of them.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "budgets",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(20, 10), nullable=False),
        sa.Column("set_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("scope", "period", name=op.f("pk_budgets")),
    )
    op.create_table(
        "budget_alerts",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Numeric(24, 10), nullable=False),
        sa.Column("amount", sa.Numeric(20, 10), nullable=False),
        sa.Column("at", moment, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint(
            "scope", "period", "starts_at", "threshold", name=op.f("pk_budget_alerts")
        ),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("budget_alerts")
    op.drop_table("budgets")
