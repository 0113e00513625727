"""What an error of the database means: Postgres is away, or it refuses what it was given.

The classes are those of the Postgres manual, appendix A.
"""

from typing import Final

import psycopg2
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

REFUSALS: Final = (SQLAlchemyError, psycopg2.Error, ValueError, TypeError)
"""What a value raises that Postgres, its driver or JSON cannot hold."""

PASSING: Final = (
    *(OperationalError, InterfaceError, PoolTimeout),
    *(psycopg2.OperationalError, psycopg2.InterfaceError),
)
"""What is no fault of a value, with one exception (``LIMITS``)."""

READ_ONLY: Final = "25006"
"""A standby, or a disk that a host has locked because it is full: it will be written to again."""

LIMITS: Final = "54"
"""Program limits: the driver counts them among what passes, but a value too large stays so."""

MISTAKES: Final = "42"
"""Syntax, rights, tables and columns that are not there: no value's fault."""


def unavailable(error: Exception) -> bool:
    """Whether the error says that Postgres is away, not that what was asked is wrong."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    code = _code(error)
    if code == READ_ONLY:
        return True
    return isinstance(error, PASSING) and not code.startswith(LIMITS)


def refused(error: Exception) -> bool:
    """Whether the error says that Postgres cannot hold a value it was given, now or later."""
    return (
        isinstance(error, REFUSALS)
        and not unavailable(error)
        and not _code(error).startswith(MISTAKES)
    )


def said(error: Exception) -> str:
    """Return the first line of what an error says, for a log line."""
    return next(iter(str(_original(error)).strip().splitlines()), type(error).__name__)


def _code(error: Exception) -> str:
    return getattr(_original(error), "pgcode", None) or ""


def _original(error: Exception) -> BaseException:
    """Return the driver's error behind one of sqlalchemy's."""
    return getattr(error, "orig", None) or error
