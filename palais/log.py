"""Logging: one line a fact, loggers named ``palais.<module>``, never a secret.

What is logged may quote an agent or a caller: nothing in it can begin a line of its own, or speak
to the terminal. gunicorn.conf.py loads this file by itself, outside of the package, so that the
server's own lines look the same: it needs the standard library alone.
"""

import json
import logging
import math
import sys
import time
import unicodedata
from typing import Final, TextIO

FORMATS: Final = ("text", "json")
TEXT: Final = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
INDENT: Final = "    "

MESSAGE_LIMIT: Final = 16_000
TRACE_LIMIT: Final = 16_000
FIELD_LIMIT: Final = 1_000

_HIDDEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_OWN: Final = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
"""What every record has; anything else was given with ``extra``."""


class TextFormatter(logging.Formatter):
    """A line for people. The lines of a trace are indented, so that none looks like one of ours."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and below it the trace where there is one."""
        told = logging.makeLogRecord(vars(record))
        told.msg, told.args = visible(_message(record)), ()
        told.exc_info = told.exc_text = told.stack_info = None
        below = _trace(self, record).splitlines()
        return "\n".join([super().format(told), *(INDENT + visible(line) for line in below)])


class JsonFormatter(logging.Formatter):
    """An object for programs: ``ts level logger message``, ``exc`` of an error, and what else."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object as one line of ASCII; ``ts`` is ISO 8601 in UTC with milliseconds."""
        ms = int(record.created * 1000)
        told: dict[str, object] = {
            "ts": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(ms // 1000))}.{ms % 1000:03}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        trace = _trace(self, record)
        if trace:
            told["exc"] = trace
        others = {name: value for name, value in vars(record).items() if name not in _OWN}
        # ASCII alone: whatever a terminal or a line reader takes for a command is an escape.
        line = json.dumps({name: _plain(value) for name, value in others.items()} | told)
        return line.replace("\x7f", "\\u007f")


def formatter(style: str) -> logging.Formatter:
    """Return what formats a record as ``text`` or ``json``."""
    return JsonFormatter() if style == "json" else TextFormatter()


def configure(level: str = "INFO", style: str = "text") -> None:
    """Send Palais's own loggers to standard error, and what else warns, in the same form.

    Repeated calls change nothing but level and form.
    """
    ours, root = logging.getLogger("palais"), logging.getLogger()
    ours.setLevel(level)
    if not ours.handlers:
        ours.addHandler(_Standard(sys.stderr))
        ours.propagate = False
    if not root.handlers:
        root.addHandler(_Standard(sys.stderr))
    for handler in (*ours.handlers, *root.handlers):
        if isinstance(handler, _Standard):
            handler.setFormatter(formatter(style))


class _Standard(logging.StreamHandler[TextIO]):
    """A handler that Palais has made, and not somebody else."""


def visible(text: str) -> str:
    """Return the text with line breaks, control and direction marks written out as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode() if unicodedata.category(char) in _HIDDEN else char
        for char in text
    )


def _message(record: logging.LogRecord) -> str:
    try:
        text = record.getMessage()
    except Exception as error:
        # Never lost for a wrong format: that is when it is needed most.
        text = f"{record.msg!r} {record.args!r} ({error!r})"
    return _clipped(text, MESSAGE_LIMIT)


def _trace(form: logging.Formatter, record: logging.LogRecord) -> str:
    parts = [record.exc_text or "", record.stack_info or ""]
    if record.exc_info and not record.exc_text:
        parts[0] = form.formatException(record.exc_info)
    text = "\n".join(part for part in parts if part)
    if len(text) <= TRACE_LIMIT:
        return text
    # The end says what happened, the beginning where it came from.
    return f"{text[: TRACE_LIMIT // 4]}\n…\n{text[-TRACE_LIMIT * 3 // 4 :]}"


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    text = value if isinstance(value, str) else repr(value)
    return _clipped(text, FIELD_LIMIT)


def _clipped(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
