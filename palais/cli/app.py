"""The app as the ``flask`` command loads it: a wrong setting is a sentence and exit code 2."""

import sys

import click
from flask import Flask
from flask.cli import run_command

import palais
from palais.errors import ConfigError


def create_app() -> Flask:
    """Return the application for a command: it never listens.

    So there is none for ``flask run``, which would open it wherever ``--host`` says, without a
    stream, and log every address with what is in it, a login link's token too.
    """
    context = click.get_current_context(silent=True)
    if context is not None and context.command is run_command:
        click.echo("Error: Palais is not served by flask run. Start it with: flask serve", err=True)
        sys.exit(2)
    try:
        return palais.create_app()
    except ConfigError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
