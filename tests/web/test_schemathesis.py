"""The API against its own description, as schemathesis asks: what fits and what does not."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis.strategies import characters, text
from schemathesis.engine import from_schema
from schemathesis.engine.events import EngineEvent, FatalError, NonFatalError, ScenarioFinished
from sqlalchemy import Engine

from palais.domain.changes import RunChanged
from palais.store import journal
from tests.store.rows import entries, line, run

ASKED = 15
"""Requests a parameter's kind; the phase of limits and special cases makes hundreds more."""

STREAM = "/api/sse"

# Without marks, which want a letter below them, and letters that have no shape.
PLAIN = characters(
    exclude_categories=("C", "Zl", "Zp", "Mn", "Me"),
    exclude_characters="\u115f\u1160\u3164\uffa0\u2800",
)
schemathesis.openapi.format("plain", text(PLAIN, max_size=300))


@pytest.fixture
def busy_court(two_agents: None, engine: Engine) -> None:
    """Put runs and lines on record, for there to be something to answer with."""
    runs = [RunChanged(run(f"run-{number}", summary="Done.")) for number in range(3)]
    told = [line(f"line {number}") for number in range(5)]
    with engine.connect() as conn:
        journal.commit(conn, entries(*runs, *told, prefix="busy"))


def headers(client: FlaskClient) -> dict[str, str]:
    """Return the headers by which this client is let in."""
    sent = {name: value for name, value in client.environ_base.items() if name.startswith("HTTP_")}
    named = {name[5:].replace("_", "-").title(): str(value) for name, value in sent.items()}
    # It asks for compressed answers by itself, and of a WSGI app does not unpack them.
    return named | {"Accept-Encoding": "identity"}


def settings(client: FlaskClient, **checks: Any) -> schemathesis.Config:
    # Its own test of credentials cannot be sent to a WSGI app (4.32); there is one below.
    checks["ignored_auth"] = {"enabled": False}
    return schemathesis.Config.from_dict(
        {
            "headers": headers(client),
            "checks": checks,
            "generation": {"max-examples": ASKED, "deterministic": True, "database": "none"},
        }
    )


def faults(events: Iterator[EngineEvent]) -> list[str]:
    """Return what was found, and fail where nothing was asked."""
    found, asked = [], 0
    for event in events:
        if isinstance(event, FatalError):
            raise event.exception
        if isinstance(event, NonFatalError):
            found.append(f"{event.label}: {event.info.format()}")
        if isinstance(event, ScenarioFinished):
            for case, checks in event.recorder.checks.items():
                asked += 1
                sent = event.recorder.cases[case].value.as_curl_command()
                found += [
                    f"{check.name}: {check.failure_info.failure}\n{sent}"
                    for check in checks
                    if check.failure_info is not None
                ]
    assert asked > 50
    return found


@pytest.mark.usefixtures("busy_court")
def test_the_api_does_what_it_says_and_refuses_what_it_does_not(
    app: Flask, writer: FlaskClient
) -> None:
    config = settings(writer)
    schema = schemathesis.openapi.from_wsgi(
        "/api/openapi.json", app, config=config, headers=headers(writer)
    )

    found = faults(from_schema(schema.exclude(path=STREAM)).execute())

    assert not found, "\n\n".join(found)


@pytest.mark.usefixtures("busy_court")
def test_the_stream_refuses_what_it_does_not_understand(app: Flask, writer: FlaskClient) -> None:
    # Nothing follows the log here, so that what is understood gets a 503, and not a stream.
    unavailable = {"expected-statuses": ["2xx", "4xx", "503"]}
    config = settings(
        writer, not_a_server_error=unavailable, positive_data_acceptance={"enabled": False}
    )
    schema = schemathesis.openapi.from_wsgi(
        "/api/openapi.json", app, config=config, headers=headers(writer)
    )

    found = faults(from_schema(schema.include(path=STREAM)).execute())

    assert not found, "\n\n".join(found)
