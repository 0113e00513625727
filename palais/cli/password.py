"""``flask password`` and ``flask login-link``: how the admin gets in."""

import sys
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from palais import addresses
from palais.cli.exits import explained
from palais.config import Settings
from palais.errors import ConfigError
from palais.store import passes
from palais.store import password as passwords
from palais.store.models import db

password = AppGroup("password", help="Set the admin's password.")


@password.command("set")
@explained
def set_() -> None:
    """Set the admin's password; without a terminal it is read as one line of standard input."""
    settings: Settings = current_app.extensions["palais.settings"]
    if settings.admin_password is not None:
        raise ConfigError("PALAIS_ADMIN_PASSWORD is set, and wins. Change it there, and restart.")
    chosen = _ask()
    if len(chosen) < passwords.SHORTEST:
        raise ConfigError(
            f"A password has at least {passwords.SHORTEST} characters. Nothing was changed."
        )
    with db.engine.begin() as conn:
        passwords.keep(conn, chosen, datetime.now(UTC))
    click.echo("The password is set; whoever was logged in has to log in again.")


@click.command("login-link")
@with_appcontext
@explained
def login_link() -> None:
    """Print a link that logs in once, for ten minutes."""
    settings: Settings = current_app.extensions["palais.settings"]
    with db.engine.begin() as conn:
        token = passes.create_link(conn, datetime.now(UTC))
    click.echo(link_address(settings, token))


def link_address(settings: Settings, token: str) -> str:
    """Return the link of a token, as it is opened on this machine."""
    return f"{local_address(settings)}/login?token={token}"


def local_address(settings: Settings) -> str:
    """Return where this machine finds Palais."""
    host = settings.bind_host
    if addresses.is_wildcard(host):
        host = "::1" if ":" in host else "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.bind_port}"


def _ask() -> str:
    if sys.stdin.isatty():
        answer: str = click.prompt("New password", hide_input=True, confirmation_prompt=True)
        return answer
    return sys.stdin.readline().rstrip("\r\n")
