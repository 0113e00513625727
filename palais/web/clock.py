"""The clock of the web: one for all that a page shows, and tests set it."""

from datetime import UTC, datetime
from typing import Final

from flask import Flask, current_app

KEY: Final = "palais.clock"


def register(app: Flask) -> None:
    """Give the app the true time, unless it has a clock of its own."""
    app.extensions.setdefault(KEY, lambda: datetime.now(UTC))


def now() -> datetime:
    """Return the time it is, in UTC, to the app that answers."""
    moment: datetime = current_app.extensions[KEY]()
    return moment
