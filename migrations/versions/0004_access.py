"""Keep who may come in: the admin's password hash, login sessions, API keys, links, failures.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _at(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Apply. No secret is kept, only hashes; keys and sessions are found by theirs."""
    op.create_table(
        "admin",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("generated", sa.Boolean(), nullable=False),
        _at("changed_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin")),
    )
    op.create_table(
        "login_sessions",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        _at("created_at"),
        _at("expires_at"),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_login_sessions")),
    )
    op.create_table(
        "api_keys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("write", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _at("created_at"),
        _at("last_used_at", nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_keys_hash")),
    )
    op.create_table(
        "login_links",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        _at("expires_at"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_login_links")),
    )
    op.create_table(
        "login_failures",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        _at("since"),
        _at("until"),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_login_failures")),
    )


def downgrade() -> None:
    """Undo."""
    for table in ("login_failures", "login_links", "api_keys", "login_sessions", "admin"):
        op.drop_table(table)
