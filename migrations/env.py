"""How Alembic reaches the database: by the app's own engine, one upgrade at a time."""

from alembic import context
from flask import current_app
from sqlalchemy import text

MIGRATION_LOCK = 0x70616C03

database = current_app.extensions["migrate"].db


def run() -> None:
    """Run the migrations in one transaction, after those of any other host."""
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadatas[None],
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK}
            )
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Palais migrates a database that it can reach; --sql is not supported.")
run()
