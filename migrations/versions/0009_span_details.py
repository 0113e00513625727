"""Keep what a step began, what it was clipped of, who spawned a conversation; find the rated.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("agent_sessions", sa.Column("spawned_by", sa.Text(), nullable=True))
    for name in ("cache_read", "cache_write"):
        op.add_column("agent_spans", sa.Column(name, sa.BigInteger(), nullable=True))
    for name in ("input_clipped", "output_clipped"):
        told = sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)
        op.add_column("agent_spans", told)
    for name in ("child_session_id", "child_agent_id"):
        op.add_column("agent_spans", sa.Column(name, sa.Text(), nullable=True))
    op.create_index(
        "ix_agent_sessions_rated",
        "agent_sessions",
        ["agent_id", sa.literal_column("started_at DESC")],
        postgresql_include=["confidence"],
        postgresql_where=sa.text("confidence IS NOT NULL"),
    )
    op.create_index(
        "ix_agent_spans_child",
        "agent_spans",
        ["child_session_id"],
        postgresql_where=sa.text("child_session_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_agent_spans_child", table_name="agent_spans")
    op.drop_index("ix_agent_sessions_rated", table_name="agent_sessions")
    for name in ("child_agent_id", "child_session_id", "output_clipped", "input_clipped"):
        op.drop_column("agent_spans", name)
    for name in ("cache_write", "cache_read"):
        op.drop_column("agent_spans", name)
    op.drop_column("agent_sessions", "spawned_by")
