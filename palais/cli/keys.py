"""``flask keys``: what programs come in with."""

import re
import sys
from datetime import UTC, datetime
from typing import Final

import click
from flask.cli import AppGroup

from palais.cli.exits import explained
from palais.errors import BadRequestError
from palais.store import passes
from palais.store.models import db

keys = AppGroup("keys", help="Create, list and revoke API keys.")

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", re.ASCII)


@keys.command("create")
@click.argument("name")
@click.option("--write", is_flag=True, help="Let the key change things, too.")
@explained
def create(name: str, *, write: bool) -> None:
    """Make a key under NAME and print it: it is shown now, and never again."""
    if not NAME.fullmatch(name):
        raise click.UsageError("A name has up to 60 letters, digits, dots, dashes, underscores.")
    with db.engine.begin() as conn:
        secret = passes.create_key(conn, name, datetime.now(UTC), write=write)
    if secret is None:
        raise BadRequestError(f"There is a key {name} already. Revoke it, or take another name.")
    click.echo(secret)


@keys.command("list")
@explained
def list_() -> None:
    """List all keys: what each may do, and when it was last used."""
    with db.engine.connect() as conn:
        found = passes.keys(conn)
    if not found:
        click.echo("No keys yet. Run: flask keys create NAME")
    for key in found:
        used = f"{key.last_used_at:%Y-%m-%d %H:%M} UTC" if key.last_used_at else "never"
        may = "write" if key.write else "read"
        click.echo(f"{key.name:<20} {may:<5} created {key.created_at:%Y-%m-%d}, used {used}")


@keys.command("revoke")
@click.argument("name")
@explained
def revoke(name: str) -> None:
    """Forget the key NAME: it lets nobody in from now on, and its streams end."""
    with db.engine.begin() as conn:
        gone = passes.revoke_key(conn, name)
    click.echo(f"{name}: {'revoked' if gone else 'there is no such key'}")
    if not gone:
        sys.exit(1)
