"""Every route there is, before everybody who may come: nobody gets in by the back door."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from palais.store import passes
from palais.store.models import db
from palais.web.guard import LARGEST, OPEN
from tests.database import KEY, Database, keyed
from tests.web.conftest import csrf_token, log_in

VALUES = {
    "agent_id": "builder",
    "session_id": "run-1",
    "filename": "css/tokens.css",
    "code": "en",
}
NO = {401, 403}
WRITES = {"POST", "PUT", "PATCH", "DELETE"}
HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def routes(app: Flask) -> list[tuple[str, str, str]]:
    """Give every endpoint, method and path of the app."""
    urls = app.url_map.bind("localhost")
    found = [
        (rule.endpoint, method, urls.build(rule.endpoint, known(rule.arguments), method))
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
    ]
    assert len(found) > 20
    return found


def known(arguments: set[str]) -> dict[str, str]:
    return {name: VALUES.get(name, "1") for name in arguments}


def closed(routes: list[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    return ((method, path) for endpoint, method, path in routes if endpoint not in OPEN)


def ask(client: FlaskClient, method: str, path: str, **more: object) -> TestResponse:
    with client.open(path, method=method, **more) as answer:  # type: ignore[arg-type]
        return answer


def test_the_open_list_is_short() -> None:
    assert {"login.form", "login.enter", "api.health", "static", "locale.choose"} == OPEN


def test_a_stranger_gets_no_closed_route(
    routes: list[tuple[str, str, str]], anonymous: FlaskClient
) -> None:
    for method, path in closed(routes):
        answer = ask(anonymous, method, path)

        assert answer.status_code == 401, (method, path)
        assert answer.mimetype == "application/json"
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Palais"'
        if method != "HEAD":
            assert answer.json["error"]["code"] == "unauthorized"


@pytest.mark.parametrize(
    "brought",
    [
        {"X-API-Key": "wrong"},
        {"X-API-Key": ""},
        {"X-API-Key": f"{KEY}x"},
        {"X-API-Key": KEY[:-1]},
        {"X-API-Key": "palais_" + "A" * 43},
        {"X-API-Key": "é\x7f"},
        {"X-API-Key": "x" * 5000},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {KEY}"},
        {"Cookie": "palais_session=forged"},
        {"Cookie": "palais_session=IkFBQUEi.d4ydPHFqrXoc58zUmTPYcz4xjI8"},
        {"Cookie": "palais_session="},
    ],
)
def test_a_wrong_key_or_a_forged_cookie_is_as_good_as_none(
    routes: list[tuple[str, str, str]], anonymous: FlaskClient, brought: dict[str, str]
) -> None:
    for method, path in closed(routes):
        assert ask(anonymous, method, path, headers=brought).status_code == 401, (method, path)


def test_an_app_without_a_key_of_the_environment_takes_none(app: Flask) -> None:
    app.extensions["palais.key"] = None

    for key in ("", "None", KEY):
        assert keyed(app, key).get("/api/v1/agents").status_code == 401


def test_a_browser_is_led_to_the_login_and_back(
    routes: list[tuple[str, str, str]], anonymous: FlaskClient
) -> None:
    for method, path in closed(routes):
        answer = ask(anonymous, method, path, headers=HTML)

        if path.startswith("/api/"):
            assert answer.status_code == 401
        elif method in WRITES:
            assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
        else:
            assert answer.status_code == 302
            assert answer.headers["Location"] == f"/login?next={path}"


def test_what_does_not_exist_is_as_closed_as_what_does(anonymous: FlaskClient) -> None:
    assert anonymous.get("/nothing").status_code == 401
    assert anonymous.get("/api/nothing").status_code == 401
    assert anonymous.delete("/agents").status_code == 401


def test_a_read_only_key_reads_everything_and_writes_nothing(
    routes: list[tuple[str, str, str]], client: FlaskClient
) -> None:
    for method, path in closed(routes):
        status = ask(client, method, path).status_code

        assert (status == 403) == (method in WRITES), (method, path, status)
        assert status != 401


def test_a_key_that_may_write_needs_no_csrf_token(
    routes: list[tuple[str, str, str]], writer: FlaskClient
) -> None:
    for method, path in closed(routes):
        assert ask(writer, method, path).status_code not in NO, (method, path)


def test_a_session_writes_only_with_its_token(
    routes: list[tuple[str, str, str]], app: Flask
) -> None:
    for method, path in closed(routes):
        admin = log_in(app)
        other = csrf_token(log_in(app))
        own = csrf_token(admin)

        if method in WRITES:
            for wrong in ("", "forged", other, own[:-1]):
                header = {"X-CSRF-Token": wrong} if wrong else {}
                assert ask(admin, method, path, headers=header).status_code == 403, (method, path)
        answer = ask(admin, method, path, headers={"X-CSRF-Token": own})
        assert answer.status_code not in NO, (method, path)


def test_the_token_may_also_come_in_the_form(app: Flask) -> None:
    admin = log_in(app)

    answer = admin.post("/logout", data={"csrf_token": csrf_token(admin)})

    assert answer.status_code == 303


@pytest.mark.parametrize(
    "says",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "http://localhost@evil.example"},
    ],
)
def test_a_write_from_another_site_s_page_is_refused_whoever_makes_it(
    routes: list[tuple[str, str, str]], app: Flask, writer: FlaskClient, says: dict[str, str]
) -> None:
    admin = log_in(app)
    token = {"X-CSRF-Token": csrf_token(admin)}
    for _, method, path in routes:
        if method in WRITES:
            assert ask(writer, method, path, headers=says).status_code == 403, (method, path)
            assert ask(admin, method, path, headers=says | token).status_code == 403


@pytest.mark.parametrize(
    "says", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {}]
)
def test_a_write_from_a_page_of_ours_is_let_through(app: Flask, says: dict[str, str]) -> None:
    admin = log_in(app)

    answer = admin.post("/logout", headers={"X-CSRF-Token": csrf_token(admin), **says})

    assert answer.status_code == 303


def test_a_stored_key_also_comes_as_a_bearer_and_its_use_is_noted_to_the_minute(
    app: Flask, database: Database
) -> None:
    with app.app_context(), db.engine.begin() as conn:
        key = passes.create_key(conn, "prometheus", app.extensions["palais.clock"](), write=False)

    answer = app.test_client().get("/api/v1/agents", headers={"Authorization": f"bearer {key}"})

    assert answer.status_code == 200
    used = database.value("SELECT extract(epoch FROM last_used_at) FROM api_keys")
    assert int(str(used).partition(".")[0]) % 60 == 0


def test_a_revoked_key_is_none(app: Flask, writer: FlaskClient) -> None:
    assert writer.get("/api/v1/agents").status_code == 200
    with app.app_context(), db.engine.begin() as conn:
        passes.revoke_key(conn, "writer")

    assert writer.get("/api/v1/agents").status_code == 401


def test_health_tells_strangers_that_it_is_well_and_no_more(
    anonymous: FlaskClient, client: FlaskClient
) -> None:
    assert anonymous.get("/api/health").json == {"status": "ok"}
    assert anonymous.get("/api/health", headers={"X-API-Key": "wrong"}).json == {"status": "ok"}
    assert {"status", "version", "database", "gateway", "lease", "stream"} == set(
        client.get("/api/health").json
    )


@pytest.mark.parametrize("path", ["/login", "/logout", "/api/v1/agents"])
def test_a_request_that_carries_too_much_is_refused(app: Flask, path: str) -> None:
    admin = log_in(app)

    answer = admin.post(path, data={"password": "x" * (LARGEST + 1)})

    assert answer.status_code in ({405} if path == "/api/v1/agents" else {413})
