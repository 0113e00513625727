"""Callers that ask for what does not exist, or ask wrongly."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from gunicorn.http.errors import ChunkMissingTerminator, InvalidChunkSize, NoMoreData

from palais import create_app
from palais.store.models import db
from tests.database import keyed, settings

NOBODY = "postgresql+psycopg2://palais@127.0.0.1:9/palais"
JSON_PATHS = [
    *("/api/v1/agents", "/api/v1/agents/builder", "/api/v1/activity", "/api/v1/costs"),
    "/api/health",
]
PAGES = ["/agents", "/agents/builder", "/agents/builder/traces/run-1", "/activity", "/costs"]
STRANGE = ["%00", "%ff", "%F0%9F%91%91", "%3Cscript%3E", "a" * 3000]
FAULTS = [
    *("limit=0", "limit=201", "limit=-1", "limit=1.5", "limit=1e2", "limit=abc", "limit=%D9%A3"),
    *("limit=" + "9" * 30, "limit=+5", "limit=%205", "before=-1", "before=abc"),
    *("before=9223372036854775808", "types=nonsense", "agents=..%2F", "agents=%00"),
]


@pytest.fixture
def lost(tmp_path: Path) -> FlaskClient:
    """Give a client of an app whose database does not answer."""
    return keyed(create_app(settings(NOBODY, tmp_path)))


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/agents/nobody",
        "/api/v1/agents/nobody/sessions",
        "/api/v1/agents/builder/sessions?before=nothing",
        "/api/nothing",
        "/api/",
    ],
)
@pytest.mark.usefixtures("two_agents")
def test_what_the_api_does_not_have_is_a_404_in_json(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.mimetype) == (404, "application/json")
    assert set(answer.json) == {"error"}
    assert set(answer.json["error"]) == {"code", "message"}
    assert answer.json["error"]["code"] == "not_found"
    assert answer.json["error"]["message"].strip()


@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize(
    "path",
    [
        *("/api/v1/agents/{}", "/api/v1/agents/{}/sessions"),
        "/api/v1/agents/builder/sessions?before={}",
        *("/agents/{}", "/agents/{}/traces/run-1", "/agents/builder/traces/{}"),
    ],
)
@pytest.mark.usefixtures("two_agents")
def test_a_name_that_nobody_could_have_is_a_404(
    client: FlaskClient, path: str, strange: str
) -> None:
    assert client.get(path.format(strange)).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_method_that_the_api_does_not_have_is_a_405_that_says_what_it_has(
    client: FlaskClient, method: str
) -> None:
    answer = getattr(client, method)("/api/v1/agents")

    assert (answer.status_code, answer.mimetype) == (405, "application/json")
    assert answer.json["error"]["code"] == "method_not_allowed"
    assert {"GET", "HEAD"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("query", FAULTS)
def test_a_parameter_that_means_nothing_is_a_400_that_names_it(
    client: FlaskClient, query: str
) -> None:
    answer = client.get(f"/api/v1/activity?{query}")

    assert (answer.status_code, answer.mimetype) == (400, "application/json")
    assert answer.json["error"]["code"] == "bad_request"
    assert answer.json["error"]["message"].startswith(query.partition("=")[0])


@pytest.mark.parametrize("limit", ["0", "201", "x"])
@pytest.mark.usefixtures("two_agents")
def test_a_page_of_sessions_has_its_limits_too(client: FlaskClient, limit: str) -> None:
    answer = client.get(f"/api/v1/agents/builder/sessions?limit={limit}")

    assert answer.status_code == 400
    assert answer.json["error"]["message"] == "limit must be a whole number from 1 to 200."


@pytest.mark.parametrize("path", [*JSON_PATHS, "/api/v1/agents/builder/sessions"])
def test_without_a_database_the_api_is_a_503_in_json(lost: FlaskClient, path: str) -> None:
    answer = lost.get(path)

    assert (answer.status_code, answer.mimetype) == (503, "application/json")
    assert answer.json["error"]["code"] == "unavailable"
    assert "Postgres does not answer" in answer.json["error"]["message"]
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
def test_without_a_database_a_page_says_why_and_that_nothing_is_lost(
    lost: FlaskClient, path: str
) -> None:
    answer = lost.get(path)

    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert "Base de données injoignable" in answer.text
    assert "Rien de ce qui était enregistré n’est perdu." in answer.text
    assert "127.0.0.1:9" not in answer.text
    assert answer.headers["Retry-After"] == "5"


def test_a_fault_of_our_own_is_a_500_without_its_trace_and_is_logged(
    app: Flask, palais_log: pytest.LogCaptureFixture
) -> None:
    @app.get("/api/fault")
    def fault() -> str:
        raise RuntimeError("the secret of the house")

    answer = keyed(app).get("/api/fault")

    assert answer.status_code == 500
    assert answer.json["error"]["code"] == "internal"
    assert "secret" not in answer.text
    assert "the secret of the house" in palais_log.text


class Broken:
    """A body as gunicorn gives it, which breaks while it is read."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, size: int = -1) -> bytes:
        raise self._error


@pytest.mark.parametrize(
    "error", [InvalidChunkSize(b"zz"), ChunkMissingTerminator(b""), NoMoreData()]
)
def test_a_body_that_breaks_is_a_400_and_no_fault_of_ours(
    anonymous: FlaskClient, palais_log: pytest.LogCaptureFixture, error: Exception
) -> None:
    body = {"wsgi.input": Broken(error), "wsgi.input_terminated": True}
    kind = "application/x-www-form-urlencoded"

    answer = anonymous.post("/login", content_type=kind, environ_overrides=body)

    assert answer.status_code == 400
    assert palais_log.text == ""


@pytest.mark.parametrize("body", ["[" * 60_000, '{"persona":' * 5_000])
@pytest.mark.usefixtures("two_agents")
def test_json_that_is_too_deep_is_a_400(writer: FlaskClient, body: str) -> None:
    kind = "application/json"

    assert writer.patch("/api/v1/agents/builder", data=body, content_type=kind).status_code == 400


@pytest.mark.usefixtures("two_agents")
def test_a_request_gives_its_connection_back(app: Flask, client: FlaskClient) -> None:
    for path in [*JSON_PATHS, *PAGES, "/api/v1/agents/nobody", "/api/v1/agents/%00"]:
        client.get(path)

    with app.app_context():
        assert db.engine.pool.checkedout() == 0
