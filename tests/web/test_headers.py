"""What every answer tells the browser about itself, whatever the answer is."""

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Stream

WANTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SOURCES = {
    "default-src": "'none'",
    **dict.fromkeys(
        ("script-src", "style-src", "font-src", "connect-src", "worker-src", "manifest-src"),
        "'self'",
    ),
    "img-src": "'self' data:",
    "form-action": "'self'",
    **dict.fromkeys(("base-uri", "object-src", "frame-ancestors"), "'none'"),
}
PATHS = [
    *("/login", "/agents", "/activity", "/agents/nobody", "/nothing", "/api/v1/agents"),
    *("/api/health", "/api/nothing", "/static/js/worker.js", "/static/nothing"),
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["admin", "anonymous", "client"])
def test_every_answer_has_them(request: pytest.FixtureRequest, who: str, path: str) -> None:
    someone: FlaskClient = request.getfixturevalue(who)

    with someone.get(path) as answer:
        headers = answer.headers

    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy == SOURCES
    assert {name: headers[name] for name in WANTED} == WANTED
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers
    static = path == "/static/js/worker.js"
    assert headers["Cache-Control"] == ("no-cache" if static else "no-store")


@pytest.mark.parametrize("path", ["css/tokens.css", "js/main.js", "fonts/inter-latin.woff2"])
def test_what_is_only_a_part_of_a_page_leaves_the_page_s_policy_to_it(
    anonymous: FlaskClient, path: str
) -> None:
    with anonymous.get(f"/static/{path}") as answer:
        headers = answer.headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Content-Security-Policy" not in headers


def test_a_picture_has_a_policy_for_whoever_opens_it_by_itself(anonymous: FlaskClient) -> None:
    with anonymous.get("/static/img/symbols.svg") as answer:
        headers = answer.headers

    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Permissions-Policy" not in headers


def test_over_tls_the_browser_is_told_to_stay_there(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/api/health", base_url="https://localhost")

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_stream_has_them_too(watch: object) -> None:
    stream: Stream = watch()  # type: ignore[operator]

    assert stream.response.headers["Cache-Control"] == "no-store, no-transform"
    assert stream.response.headers["X-Content-Type-Options"] == "nosniff"
