"""Palais: the live cockpit for a fleet of AI agents run by an OpenClaw Gateway."""

import atexit
import os

from flask import Flask
from flask_migrate import Migrate
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from palais import cli, log, web
from palais.config import ROOT, Settings
from palais.errors import ConfigError
from palais.runtime import Runtime
from palais.store import admission, embedded, prices
from palais.store.database import OPTIONS
from palais.store.errors import said
from palais.store.models import db


def create_app(settings: Settings | None = None, *, listen: bool = False) -> Flask:
    """Return the application; with ``listen`` it also follows the gateway and the log.

    Without a database of the operator's it uses the embedded one, from the first query on.
    Raises ConfigError where a setting is wrong.
    """
    settings = settings or Settings.from_env(os.environ)
    log.configure(settings.log_level, settings.log_format)
    app = Flask(
        "palais",
        root_path=str(ROOT),
        instance_path=str(settings.data_dir),
        template_folder="templates",
        static_folder=None,
    )
    app.config["SECRET_KEY"] = settings.secret_key
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url or embedded.address(
        settings.data_dir
    )
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = OPTIONS
    app.extensions["palais.settings"] = settings
    app.extensions["palais.prices"] = prices.load(settings.prices)
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"))
    web.register(app, settings)
    cli.register(app)
    if settings.database_url is None:
        _embed(app, settings)
    if listen:
        _listen(app, settings)
    return app


def _embed(app: Flask, settings: Settings) -> None:
    """Join the embedded database when the first connection is made, and leave it at the end."""
    joined: list[embedded.EmbeddedPostgres] = []

    def join(*_: object) -> None:
        if not joined:
            joined.append(embedded.join(settings.data_dir))
            atexit.register(joined[0].leave)
            app.extensions["palais.embedded"] = joined[0]

    with app.app_context():
        event.listen(db.engine, "do_connect", join)


def _listen(app: Flask, settings: Settings) -> None:
    with app.app_context():
        if settings.open_to_network:
            _check_admission(db.engine, settings)
        runtime = Runtime(db.engine, settings, app.extensions["palais.prices"])
    runtime.start()
    app.extensions["palais.runtime"] = runtime
    app.extensions["palais.hub"] = runtime.hub


def _check_admission(engine: Engine, settings: Settings) -> None:
    """Raise ConfigError where the door must stay shut, also where nobody can know."""
    try:
        with engine.connect() as conn:
            admission.check(conn, settings)
    except SQLAlchemyError as error:
        raise ConfigError(
            f"PALAIS_BIND={settings.bind_host} opens Palais to the network, and Postgres cannot "
            f"say whether you set a password ({said(error)}). Set PALAIS_ADMIN_PASSWORD, or start "
            "Palais by: flask serve"
        ) from None
