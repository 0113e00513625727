"""Note when each line of history was recorded, by the database's own clock.

A gateway's clock may be wrong, and what is recovered late is old at once: how long a line is kept
counts from here. Lines that are there already count from this upgrade on.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; now() is the same for every row, so that Postgres need not rewrite the table."""
    op.add_column(
        "activity_log",
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_column("activity_log", "recorded_at")
