"""``flask agents``: who is at court."""

import time
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from palais.cli.avatars import hang_missing
from palais.cli.exits import explained
from palais.log import visible
from palais.store import queries
from palais.store import seed as seeds
from palais.store.models import db

agents = AppGroup("agents", help="Seed and list the agents.")


@agents.command("seed")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@explained
def seed(file: Path | None) -> None:
    """Create or update agents from FILE, a JSON list; without it, the ten of the court."""
    profiles = seeds.read(file or seeds.DEFAULT)
    with db.engine.connect() as conn:
        outcome = seeds.seed(conn, profiles, time.time_ns() // 1_000_000)
    for agent_id, what in outcome.items():
        click.echo(f"{agent_id}: {what}")
    hang_missing(db.engine, current_app.extensions["palais.settings"])


@agents.command("list")
@explained
def list_() -> None:
    """List all agents with what they do now."""
    with db.engine.connect() as conn:
        views = queries.agents(conn)
    if not views:
        click.echo("No agents yet. Run: flask agents seed")
    for view in views:
        seen = "" if view.status_observed else " (not observed now)"
        doing = f": {view.current_task}" if view.current_task else ""
        # Whatever wrote the row: nothing in it speaks to the terminal.
        click.echo(visible(f"{view.id:<12} {view.name:<14} {view.status}{seen}{doing}"))
