"""Find an agent's history of one type, however rare, without reading the rest of it.

Both indexes are all ascending, so that a query can compare whole rows with them.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_activity_log_agent_type", "activity_log", ["agent_id", "type", "id"])
    op.create_index("ix_activity_log_type_id", "activity_log", ["type", "id"])
    op.drop_index("ix_activity_log_agent", table_name="activity_log")
    op.drop_index("ix_activity_log_type", table_name="activity_log")


def downgrade() -> None:
    """Undo."""
    for column in ("agent_id", "type"):
        name = f"ix_activity_log_{column.removesuffix('_id')}"
        op.create_index(name, "activity_log", [column, sa.literal_column("id DESC")])
    op.drop_index("ix_activity_log_type_id", table_name="activity_log")
    op.drop_index("ix_activity_log_agent_type", table_name="activity_log")
