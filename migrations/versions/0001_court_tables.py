"""Create the tables of the court: agents, sessions, spans, usage, history, gateway, stream

Revision ID: 0001
Revises: 
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('activity_log',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('agent_id', sa.Text(), nullable=True),
    sa.Column('session_id', sa.Text(), nullable=True),
    sa.Column('summary', sa.Text(), server_default='', nullable=False),
    sa.Column('data', postgresql.JSON(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_activity_log'))
    )
    op.create_index('ix_activity_log_agent', 'activity_log', ['agent_id', sa.literal_column('id DESC')], unique=False)
    op.create_index('ix_activity_log_type', 'activity_log', ['type', sa.literal_column('id DESC')], unique=False)
    op.create_index('uq_activity_log_key', 'activity_log', ['key'], unique=True)

    op.create_table('agents',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('persona', sa.Text(), server_default='', nullable=False),
    sa.Column('bio', sa.Text(), server_default='', nullable=False),
    sa.Column('emoji', sa.Text(), nullable=True),
    sa.Column('model', sa.Text(), nullable=True),
    sa.Column('avatar_url', sa.Text(), nullable=True),
    sa.Column('position', sa.Integer(), server_default='1000', nullable=False),
    sa.Column('seeded', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('present', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('failed', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('reported', sa.Text(), nullable=True),
    sa.Column('reported_task', sa.Text(), nullable=True),
    sa.Column('reported_task_id', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('status', sa.Text(), server_default='offline', nullable=False),
    sa.Column('status_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('activity', sa.Text(), nullable=True),
    sa.Column('current_task', sa.Text(), nullable=True),
    sa.Column('current_task_id', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('active_sessions', sa.Integer(), server_default='0', nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agents'))
    )
    op.create_table('gateway',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), server_default='offline', nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('code', sa.Text(), nullable=True),
    sa.Column('protocol', sa.Integer(), nullable=True),
    sa.Column('server_version', sa.Text(), nullable=True),
    sa.Column('boot_id', sa.Text(), nullable=True),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('observed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('holder_host', sa.Text(), nullable=True),
    sa.Column('holder_pid', sa.Integer(), nullable=True),
    sa.Column('holder_since', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gateway'))
    )
    op.create_table('stream',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('epoch', sa.Text(), nullable=False),
    sa.Column('floor', sa.BigInteger(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stream'))
    )
    op.create_table('agent_sessions',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('run_id', sa.Text(), nullable=False),
    sa.Column('agent_id', sa.Text(), nullable=False),
    sa.Column('conversation', sa.Text(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('model', sa.Text(), nullable=True),
    sa.Column('task', sa.Text(), nullable=True),
    sa.Column('task_id', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('tokens', sa.BigInteger(), nullable=True),
    sa.Column('cost', sa.Numeric(precision=20, scale=10, asdecimal=False), nullable=True),
    sa.Column('summary', sa.Text(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('confidence', sa.Double(), nullable=True),
    sa.Column('inferred', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('touched_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_agent_sessions_agent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agent_sessions')),
    sa.UniqueConstraint('run_id', name=op.f('uq_agent_sessions_run_id'))
    )
    op.create_index('ix_agent_sessions_agent_started', 'agent_sessions', ['agent_id', sa.literal_column('started_at DESC'), sa.literal_column('id DESC')], unique=False)
    op.create_index('ix_agent_sessions_ended', 'agent_sessions', ['ended_at'], unique=False)
    op.create_index('ix_agent_sessions_running', 'agent_sessions', ['run_id'], unique=False, postgresql_where=sa.text("status = 'running'"))

    op.create_table('agent_spans',
    sa.Column('session_id', sa.Text(), nullable=False),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('parent_id', sa.Text(), nullable=True),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=True),
    sa.Column('status', sa.Text(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('duration_ms', sa.BigInteger(), nullable=True),
    sa.Column('model', sa.Text(), nullable=True),
    sa.Column('tokens_in', sa.BigInteger(), nullable=True),
    sa.Column('tokens_out', sa.BigInteger(), nullable=True),
    sa.Column('cost', sa.Numeric(precision=20, scale=10, asdecimal=False), nullable=True),
    sa.Column('input', sa.Text(), nullable=True),
    sa.Column('output', sa.Text(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['session_id'], ['agent_sessions.id'], name=op.f('fk_agent_spans_session_id')),
    sa.PrimaryKeyConstraint('session_id', 'id', name=op.f('pk_agent_spans'))
    )
    op.create_table('usage',
    sa.Column('session_id', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('model', sa.Text(), nullable=True),
    sa.Column('provider', sa.Text(), nullable=True),
    sa.Column('tokens_in', sa.BigInteger(), nullable=False),
    sa.Column('tokens_out', sa.BigInteger(), nullable=False),
    sa.Column('cache_read', sa.BigInteger(), nullable=False),
    sa.Column('cache_write', sa.BigInteger(), nullable=False),
    sa.Column('cost', sa.Numeric(precision=20, scale=10, asdecimal=False), nullable=True),
    sa.ForeignKeyConstraint(['session_id'], ['agent_sessions.id'], name=op.f('fk_usage_session_id')),
    sa.PrimaryKeyConstraint('session_id', 'key', name=op.f('pk_usage'))
    )
    # One row each: the connection to the gateway, and the identity of this log.
    op.execute("INSERT INTO gateway (id, since) VALUES (1, now())")
    op.execute(
        "INSERT INTO stream (id, epoch) "
        "VALUES (1, substr(md5(random()::text || clock_timestamp()::text), 1, 8))"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table('usage')
    op.drop_table('agent_spans')
    op.drop_index('ix_agent_sessions_running', table_name='agent_sessions', postgresql_where=sa.text("status = 'running'"))
    op.drop_index('ix_agent_sessions_ended', table_name='agent_sessions')
    op.drop_index('ix_agent_sessions_agent_started', table_name='agent_sessions')

    op.drop_table('agent_sessions')
    op.drop_table('stream')
    op.drop_table('gateway')
    op.drop_table('agents')
    op.drop_index('uq_activity_log_key', table_name='activity_log')
    op.drop_index('ix_activity_log_type', table_name='activity_log')
    op.drop_index('ix_activity_log_agent', table_name='activity_log')

    op.drop_table('activity_log')
