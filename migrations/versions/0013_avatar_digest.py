"""Compare a gateway's picture with the one that was considered, without reading it.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    digest = sa.Computed("md5(avatar_url)", persisted=True)
    op.add_column("agents", sa.Column("avatar_digest", sa.Text(), digest, nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("agents", "avatar_digest")
