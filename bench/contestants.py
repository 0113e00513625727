"""Who is measured: how each server is started, on a gateway and a database of its own."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from bench import build, nchan
from bench.errors import MissingError

ROOT: Final = build.HERE.parent
KEY: Final = "bench-key-of-no-worth-0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a server is given. ``database`` is an SQLAlchemy URL; ``folder`` is its own."""

    gateway_port: int
    port: int
    database: str
    folder: Path
    workshop: Path

    @property
    def gateway(self) -> str:
        """The gateway's address."""
        return f"ws://127.0.0.1:{self.gateway_port}"


@dataclass(frozen=True, slots=True)
class Launch:
    """A command line and what it needs in its environment."""

    command: list[str]
    environment: dict[str, str]


@dataclass(frozen=True, slots=True)
class Contestant:
    """One kind of server. ``check`` raises MissingError where this machine cannot run it."""

    name: str
    title: str
    launch: Callable[[Setting], Launch]
    check: Callable[[], object]
    persists: bool = True
    counts: str = ""
    """The name of the processes that are measured; empty: all of them."""


def _palais(setting: Setting) -> Launch:
    return Launch(
        [sys.executable, "-m", "flask", "serve"],
        {
            "FLASK_APP": "palais.cli.app",
            "FLASK_SKIP_DOTENV": "1",
            "DATABASE_URL": setting.database,
            "OPENCLAW_WS_URL": setting.gateway,
            "PALAIS_DATA_DIR": str(setting.folder / "data"),
            "PALAIS_BIND": f"127.0.0.1:{setting.port}",
            "PALAIS_API_KEY": KEY,
            "PALAIS_LOG_LEVEL": "WARNING",
        },
    )


def _seed(setting: Setting) -> Launch:
    script = str(build.HERE / "node" / "seed.js")
    url = make_url(setting.database)
    where = "&".join(f"{name}={value}" for name, value in url.query.items())
    database = f"postgresql://{url.username}@/{url.database}?{where}"
    return Launch(
        [build.node_program(), script, setting.gateway, database, str(setting.port)],
        {"NODE_PATH": str(build.node_modules()), "NODE_ENV": "production"},
    )


def _recipe(setting: Setting) -> Launch:
    config = str(build.HERE / "recipe" / "gunicorn_conf.py")
    return Launch(
        [sys.executable, "-m", "gunicorn", "-c", config],
        {
            "DATABASE_URL": setting.database,
            "OPENCLAW_WS_URL": setting.gateway,
            "PORT": str(setting.port),
        },
    )


def _raw(setting: Setting) -> Launch:
    program = str(setting.workshop / "raw")
    return Launch([program, str(setting.gateway_port), str(setting.port)], {})


def _nchan(setting: Setting) -> Launch:
    program, module = nchan.programs()
    command = [sys.executable, "-m", "bench.nchan.bridge", str(program), str(module)]
    return Launch([*command, str(setting.folder), setting.gateway, str(setting.port)], {})


PALAIS: Final = Contestant("palais", "Palais", _palais, lambda: None)
SEED: Final = Contestant(
    "seed", "seed in Node", _seed, lambda: (build.node_program(), build.node_modules())
)
RECIPE: Final = Contestant("flask", "Flask recipe", _recipe, lambda: None)
RAW: Final = Contestant("raw", "raw C epoll", _raw, lambda: None, persists=False)
NCHAN: Final = Contestant(
    "nchan", "nginx and nchan", _nchan, nchan.programs, persists=False, counts="nginx"
)
PERSISTENT: Final = (PALAIS, SEED, RECIPE)


def present(wanted: tuple[Contestant, ...]) -> tuple[list[Contestant], list[str]]:
    """Return those that can take part, and a line on each that cannot."""
    able, lines = [], []
    for contestant in wanted:
        try:
            contestant.check()
        except MissingError as error:
            lines.append(f"{contestant.title}: left out, {error}.")
        else:
            able.append(contestant)
    return able, lines


def environment(launch: Launch) -> dict[str, str]:
    """Return the environment of a server: a plain one, with nothing of the user's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT), **launch.environment}
