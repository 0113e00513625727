"""Keep which portrait each agent has, apart from the picture that its gateway wishes for it.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "portraits",
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("made_of", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=True),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_portraits_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_portraits")),
    )
    op.create_index("ix_portraits_file", "portraits", ["file"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("portraits")
