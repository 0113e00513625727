"""How a command ends: 0 done, 1 could not be done, 2 asked wrongly; errors are one sentence."""

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec

import click
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from palais.errors import ConfigError, PalaisError

P = ParamSpec("P")


def explained(command: Callable[P, None]) -> Callable[P, None]:
    """Turn the errors of a command into one sentence on standard error and an exit code."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ConfigError as error:
            _end(str(error), 2)
        except PalaisError as error:
            _end(str(error), 1)
        except (DBAPIError, PoolTimeout) as error:
            _end(_database_said(error), 1)

    return wrapped


def _database_said(error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    if "does not exist" in said and "relation" in said:
        return "The database has no tables yet. Run: flask db upgrade"
    return f"Postgres does not answer as it should: {said}. Check DATABASE_URL."


def _end(sentence: str, code: int) -> None:
    click.echo(f"Error: {sentence}", err=True)
    sys.exit(code)
