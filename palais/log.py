"""Logging: one line a fact, loggers named ``palais.<module>``, never a secret."""

import logging
import sys

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


def configure(level: str = "INFO") -> None:
    """Send Palais's own loggers to standard error; repeated calls change nothing but the level."""
    root = logging.getLogger("palais")
    root.setLevel(level)
    if not root.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter(FORMAT))
        root.addHandler(handler)
        root.propagate = False
