"""Keep the command that mends a refused connection apart from the sentence around it.

The sentence is English and for logs and the API; pages say it in the reader's language by its code.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("gateway", sa.Column("command", sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("gateway", "command")
