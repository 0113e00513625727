"""The app as the ``flask`` command loads it: a wrong setting is a sentence and exit code 2."""

import sys

import click
from flask import Flask

import palais
from palais.errors import ConfigError


def create_app() -> Flask:
    """Return the application for a command: it never listens."""
    try:
        return palais.create_app()
    except ConfigError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
