"""The ``flask`` commands."""

from flask import Flask

from palais.cli.agents import agents
from palais.cli.avatars import avatars
from palais.cli.budgets import budgets
from palais.cli.gateway import gateway
from palais.cli.keys import keys
from palais.cli.password import login_link, password
from palais.cli.serve import serve
from palais.cli.words import words


def register(app: Flask) -> None:
    """Give the app its commands."""
    for command in (agents, avatars, budgets, gateway, keys, login_link, password, serve, words):
        app.cli.add_command(command)
