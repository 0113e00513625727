"""Keep what the operator says of an agent apart from what the gateway and the seed say.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "agent_edits",
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("persona", sa.Text(), nullable=True),
        sa.Column("bio", sa.Text(), nullable=True),
        sa.Column(
            "edited_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_agent_edits_agent_id")
        ),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_agent_edits")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("agent_edits")
