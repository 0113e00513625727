"""The login: the password, the link that works once, the cookie, and the way out."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from palais.store import passes, password
from palais.store.models import db
from tests.database import Database
from tests.web.conftest import Clock, csrf_token, log_in

PASSWORD = "sésame, ouvre-toi"


@pytest.fixture
def sesame(app: Flask) -> str:
    """Set the password."""
    with app.app_context(), db.engine.begin() as conn:
        password.keep(conn, PASSWORD, app.extensions["palais.clock"]())
    return PASSWORD


def enter(client: FlaskClient, word: str, **more: str) -> TestResponse:
    return client.post("/login", data={"password": word, **more})


def new_link(app: Flask) -> str:
    with app.app_context(), db.engine.begin() as conn:
        return passes.create_link(conn, app.extensions["palais.clock"]())


def test_the_password_lets_in_and_leads_on(anonymous: FlaskClient, sesame: str) -> None:
    answer = enter(anonymous, sesame, next="/agents/builder?x=%20")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/agents/builder?x=%20")
    assert anonymous.get("/agents").status_code == 200


def test_the_form_is_one_field_of_a_password(anonymous: FlaskClient) -> None:
    page = anonymous.get("/login?next=/activity").text

    assert page.count('type="password"') == 1
    assert 'autocomplete="current-password"' in page
    assert '<input type="hidden" name="next" value="/activity">' in page
    assert "DEMO" not in page


def test_the_language_is_changed_without_losing_where_one_was_going(
    anonymous: FlaskClient, sesame: str
) -> None:
    wrong = enter(anonymous, f"not {sesame}", next="/activity").text
    form = anonymous.get("/login?next=/activity").text
    again = '<input type="hidden" name="next" value="/login?next=/activity">'
    assert again in wrong
    assert again in form

    answer = anonymous.post("/language/en", data={"next": "/login?next=/activity"})

    assert answer.location == "/login?next=/activity"
    page = anonymous.get(answer.location).text
    assert "Go in" in page
    assert '<input type="hidden" name="next" value="/activity">' in page


@pytest.mark.parametrize("word", ["", "sesame", PASSWORD + " ", PASSWORD.upper(), "x" * 10_000])
def test_a_wrong_password_says_so_and_lets_nobody_in(
    anonymous: FlaskClient, sesame: str, word: str
) -> None:
    answer = enter(anonymous, word, next="/activity")

    assert answer.status_code == 403
    assert "Ce n’est pas le mot de passe." in answer.text
    assert 'value="/activity"' in answer.text
    assert "Set-Cookie" not in answer.headers
    assert anonymous.get("/agents").status_code == 401


def test_without_a_password_nobody_gets_in_and_it_takes_as_long(
    anonymous: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    real = password._verify
    monkeypatch.setattr(
        password, "_verify", lambda stored, word: verified.append(stored) or real(stored, word)
    )

    for word in ("", "a", "another"):
        assert enter(anonymous, word).status_code == 403

    assert len(verified) == 3
    assert all(stored.startswith("$argon2id$") for stored in verified)


def test_the_cookie_is_for_this_host_and_for_no_script(anonymous: FlaskClient, sesame: str) -> None:
    [cookie] = enter(anonymous, sesame).headers.getlist("Set-Cookie")

    value, *attributes = cookie.split("; ")
    assert re.fullmatch(r"palais_session=[\w.-]{60,}", value)
    assert set(attributes) >= {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=604800"}
    assert "Secure" not in attributes
    assert not any(one.startswith("Domain") for one in attributes)


def test_over_tls_the_cookie_is_secure(anonymous: FlaskClient, sesame: str) -> None:
    answer = anonymous.post(
        "/login", data={"password": sesame}, base_url="https://localhost/", follow_redirects=False
    )

    assert "; Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_under_a_prefix_the_cookie_stays_there(anonymous: FlaskClient, sesame: str) -> None:
    answer = anonymous.post(
        "/login", data={"password": sesame}, environ_overrides={"SCRIPT_NAME": "/palais"}
    )

    assert "; Path=/palais" in answer.headers["Set-Cookie"]
    assert answer.headers["Location"] == "/palais/agents"


def test_only_hashes_are_kept(anonymous: FlaskClient, sesame: str, database: Database) -> None:
    enter(anonymous, sesame)
    cookie = anonymous.get_cookie("palais_session")
    assert cookie is not None

    kept = database.run("SELECT hash, address, user_agent FROM login_sessions")
    [(stored,)] = database.run("SELECT password_hash FROM admin")

    [(hashed, address, agent)] = kept
    assert len(bytes(hashed)) == 32  # type: ignore[call-overload]
    assert address == "127.0.0.1"
    assert str(agent).startswith("Werkzeug/")
    assert str(stored).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_logout_ends_the_session_on_the_server(app: Flask, admin: FlaskClient) -> None:
    cookie = admin.get_cookie("palais_session")
    assert cookie is not None

    answer = admin.post("/logout", headers={"X-CSRF-Token": csrf_token(admin)})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert admin.get_cookie("palais_session") is None
    thief = app.test_client()
    thief.set_cookie("palais_session", cookie.value)
    assert thief.get("/agents").status_code == 401


def test_a_session_ends_after_seven_days(app: Flask, clock: Clock) -> None:
    admin = log_in(app)
    clock.forward(days=7, seconds=-1)
    assert admin.get("/agents").status_code == 200

    clock.forward(seconds=2)

    assert admin.get("/agents").status_code == 401


def test_a_new_password_ends_every_session_and_link(app: Flask, clock: Clock) -> None:
    admins, link = [log_in(app), log_in(app)], new_link(app)

    with app.app_context(), db.engine.begin() as conn:
        password.keep(conn, "another one", clock())

    assert [admin.get("/agents").status_code for admin in admins] == [401, 401]
    assert app.test_client().post("/login", data={"token": link}).status_code == 403


def test_a_login_ends_the_browser_s_last_session_and_never_takes_its_id_from_outside(
    app: Flask, admin: FlaskClient, sesame: str, database: Database
) -> None:
    log_in(app)
    first = log_in(app)
    enter(first, sesame)

    assert database.value("SELECT count(*) FROM login_sessions") == 2
    assert first.get("/agents").status_code == 200


def test_a_link_is_looked_at_without_being_used_and_then_works_once(
    app: Flask, anonymous: FlaskClient
) -> None:
    token = new_link(app)
    for _ in range(2):  # a link preview, and then the person
        page = anonymous.get(f"/login?token={token}")
        assert page.status_code == 200
        assert page.headers["Referrer-Policy"] == "strict-origin"
        assert f'name="token" value="{token}"' in page.text
        assert 'type="password"' not in page.text

    assert anonymous.post("/login", data={"token": token}).status_code == 303
    again = app.test_client().post("/login", data={"token": token})

    assert again.status_code == 403
    assert "Ce lien a expiré, ou a déjà servi." in again.text
    assert 'type="password"' in again.text


def test_a_link_works_for_ten_minutes(app: Flask, clock: Clock) -> None:
    early, late = new_link(app), new_link(app)
    clock.forward(minutes=10, seconds=-1)
    assert app.test_client().post("/login", data={"token": early}).status_code == 303

    clock.forward(seconds=1)

    assert app.test_client().post("/login", data={"token": late}).status_code == 403


@pytest.mark.parametrize("token", ["x", "é", "A" * 5000, "\x00"])
def test_a_made_up_link_is_none(anonymous: FlaskClient, token: str) -> None:
    assert anonymous.post("/login", data={"token": token}).status_code == 403


ELSEWHERE = [
    *(
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "/\\evil.example",
        "\\\\evil.example",
    ),
    *("https://evil.example", "https:evil.example", "http:///evil.example", "javascript:alert(1)"),
    *("/\t/evil.example", "/\n/evil.example", "\t//evil.example", "/ /evil", " //evil.example"),
    *("/\x00", "/a\r\nSet-Cookie: x=1", "evil.example", "?next=/x", "#x", "", "/" * 2001),
    *(
        "/login",
        "/login?next=/login",
        "/login/",
        "/login#x",
        "/a\\b",
        "/\x85/evil",
        "data:text/html,x",
    ),
]


@pytest.mark.parametrize("place", ELSEWHERE)
def test_nobody_is_led_anywhere_else(admin: FlaskClient, place: str) -> None:
    answer = admin.get("/login", query_string={"next": place})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/agents")


@pytest.mark.parametrize(
    "place",
    ["/", "/agents/n%C3%A9", "/activity?a=1&b=%2F%2Fevil", "/%2F%2Fevil.example", "/a//b", "/é",
     "/%5Cevil.example", "/%09/evil.example", "/logins", "/agents#x"],
)  # fmt: skip
def test_everybody_is_led_back_to_where_they_were(admin: FlaskClient, place: str) -> None:
    answer = admin.get("/login", query_string={"next": place})

    led = urljoin("http://localhost/login", answer.headers["Location"])
    assert urlsplit(led).netloc == "localhost"
    assert answer.headers["Location"] == place.replace("é", "%C3%A9")


@pytest.mark.parametrize(
    ("path", "led"),
    [
        ("/agents/né w?", "/agents/n%C3%A9%20w%3F"),
        ("/a\r\nb", "/a%0D%0Ab"),
        ("//evil.example/", "/evil.example/"),
        ("/\\evil.example/", "/%5Cevil.example/"),
    ],
)
def test_whoever_was_turned_away_comes_back_to_where_they_were_going(
    app: Flask, path: str, led: str
) -> None:
    asked = {"PATH_INFO": path.encode().decode("latin-1"), "QUERY_STRING": "x=a%20b&y=%26"}
    turned = app.test_client().get("/", headers={"Accept": "text/html"}, environ_overrides=asked)
    assert turned.headers["Location"].startswith("/login?next=")

    place = log_in(app).get(turned.headers["Location"]).headers["Location"]

    assert place == f"{led}?x=a%20b&y=%26"


def test_from_another_site_the_login_asks_for_itself_once_more_since_the_cookie_may_be_there(
    app: Flask, admin: FlaskClient, anonymous: FlaskClient
) -> None:
    first = anonymous.get("/login?next=/activity", headers={"Sec-Fetch-Site": "cross-site"})
    assert '<meta http-equiv="refresh" content="0">' in first.text

    own = {"Sec-Fetch-Site": "same-origin"}
    assert admin.get("/login?next=/activity", headers=own).headers["Location"] == "/activity"
    assert "http-equiv" not in anonymous.get("/login?next=/activity", headers=own).text
