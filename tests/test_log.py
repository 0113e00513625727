"""Log lines: one a fact, whatever is quoted in them."""

import json
import logging
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from palais import log

HOSTILE = [
    "a\n2026-01-01 00:00:00,000 INFO    palais.runtime: all is well",
    'x\r\n{"ts":"2026-01-01T00:00:00.000Z","level":"INFO"}',
    "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg",
    "\x1b[2J\x1b]0;title\x07 \x9b31m \x00 \x7f",
    "\u202eright to left\u2066",
    "\ud800 alone",
]


def record(message: str = "it works", *args: object, **known: Any) -> logging.LogRecord:
    return logging.makeLogRecord(
        {
            "name": "palais.test",
            "levelno": logging.WARNING,
            "levelname": "WARNING",
            "msg": message,
            "args": args,
            "created": 1_764_000_000.1239,
            "msecs": 123.0,
            **known,
        }
    )


def raised(said: str) -> Any:
    try:
        int(said)
    except ValueError:
        return sys.exc_info()


def told(made: logging.LogRecord) -> dict[str, Any]:
    line = log.JsonFormatter().format(made)
    assert line.isascii()
    assert line.isprintable()
    found = json.loads(line)
    assert isinstance(found, dict)
    return found


def test_a_line_of_text_says_when_how_bad_where_and_what() -> None:
    line = log.TextFormatter().format(record("%s of %d", "one", 2))

    assert re.fullmatch(r"[\d-]{10} [\d:]{8},123 WARNING palais.test: one of 2", line)


def test_an_object_says_when_how_bad_where_and_what() -> None:
    assert told(record("%s of %d", "one", 2)) == {
        "ts": "2025-11-24T16:00:00.123Z",
        "level": "WARNING",
        "logger": "palais.test",
        "message": "one of 2",
    }


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_is_quoted_cannot_begin_a_line(hostile: str) -> None:
    line = log.TextFormatter().format(record("It says %s", hostile))

    assert line.splitlines() == [line]
    assert line.isprintable()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_an_object_keeps_to_the_letter_what_is_quoted(hostile: str) -> None:
    assert told(record("It says %s", hostile, who=hostile)) == {
        "who": hostile,
        "ts": "2025-11-24T16:00:00.123Z",
        "level": "WARNING",
        "logger": "palais.test",
        "message": f"It says {hostile}",
    }


@pytest.mark.parametrize("hostile", HOSTILE)
def test_the_lines_of_a_trace_are_indented(hostile: str) -> None:
    line, *trace = log.TextFormatter().format(record(exc_info=raised(hostile))).split("\n")

    assert line.endswith("palais.test: it works")
    assert trace[0] == "    Traceback (most recent call last):"
    assert any("ValueError" in one for one in trace)
    assert all(one.startswith("    ") and one.isprintable() for one in trace)


def test_a_trace_is_one_field_and_is_clipped_in_its_middle() -> None:
    found = told(record(exc_info=(ValueError, ValueError("x" * 100_000 + " the end"), None)))["exc"]

    assert found.startswith("ValueError: x")
    assert found.endswith("the end")
    assert len(found) < 17_000


def test_a_message_is_clipped() -> None:
    assert len(told(record("x" * 10_000_000))["message"]) == log.MESSAGE_LIMIT
    assert len(log.TextFormatter().format(record("x" * 10_000_000))) < log.MESSAGE_LIMIT + 100


def test_other_fields_are_kept_and_cannot_replace_ours() -> None:
    found = told(
        record(agent="builder", ms=1.5, n=3, lost=None, good=True, nan=float("nan"), level="INFO")
    )

    assert (found["agent"], found["ms"], found["n"]) == ("builder", 1.5, 3)
    assert (found["lost"], found["good"], found["nan"]) == (None, True, "nan")
    assert found["level"] == "WARNING"
    assert set(told(record(thing=Path("/a")))) == {*told(record()), "thing"}


@pytest.mark.parametrize("style", log.FORMATS)
def test_a_line_with_the_wrong_values_is_not_lost(style: str) -> None:
    line = log.formatter(style).format(record("%d of %d", "one"))

    assert "%d of %d" in line
    assert "one" in line


def test_the_form_can_be_changed_and_no_line_comes_twice(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = logging.getLogger("palais")
    monkeypatch.setattr(ours, "handlers", [])

    log.configure("INFO", "text")
    ours.info("first")
    log.configure("INFO", "json")
    ours.info("second")

    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("palais: first")
    assert json.loads(second)["message"] == "second"
