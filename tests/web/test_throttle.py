"""Failed logins are slowed, address by address, and nobody else is."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from palais.store import password, throttle
from palais.store.models import db
from tests.database import Database
from tests.web.conftest import Clock

Try = Callable[..., TestResponse]


@pytest.fixture
def attempt(anonymous: FlaskClient, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Try:
    """Give what tries a password; only "right" is, and what it costs is not looked at here.

    No time passes but what a test lets pass: a busy machine would wait out what it asserts.
    """
    monkeypatch.setattr(password, "matches", lambda _stored, word: word == "right")

    def attempt(word: str = "wrong", address: str = "192.0.2.1") -> TestResponse:
        overrides = {"REMOTE_ADDR": address}
        return anonymous.post("/login", data={"password": word}, environ_overrides=overrides)

    return attempt


def test_from_the_fifth_attempt_on_an_address_waits_longer_and_longer(
    attempt: Try, clock: Clock
) -> None:
    assert [attempt().status_code for _ in range(5)] == [403] * 5

    waits = []
    for _ in range(7):
        slowed = attempt()
        assert slowed.status_code == 429
        waits.append(int(slowed.headers["Retry-After"]))
        clock.forward(seconds=waits[-1])
        assert attempt().status_code == 403

    assert waits == [2, 4, 8, 16, 32, 60, 60]


def test_the_page_says_how_long_and_the_right_password_has_to_wait_too(
    attempt: Try, clock: Clock
) -> None:
    for _ in range(5):
        attempt()

    slowed = attempt("right")

    assert slowed.status_code == 429
    assert "Trop de tentatives depuis votre adresse. Réessayez dans 2 secondes." in slowed.text
    clock.forward(seconds=2)
    assert attempt("right").status_code == 303


def test_another_address_is_never_slowed(attempt: Try) -> None:
    for _ in range(30):
        attempt()

    assert attempt("right", "192.0.2.2").status_code == 303
    assert attempt("right", "192.0.2.1").status_code == 429


def test_whoever_gets_in_begins_anew(attempt: Try, database: Database) -> None:
    for _ in range(4):
        attempt()
    assert attempt("right").status_code == 303

    assert [attempt().status_code for _ in range(5)] == [403] * 5
    assert database.value("SELECT count FROM login_failures") == 5


def test_an_ipv6_network_counts_as_one_and_a_wrapped_ipv4_address_as_itself(attempt: Try) -> None:
    for number in range(5):
        attempt(address=f"2001:db8:1:2::{number}")

    assert attempt(address="2001:db8:1:2:ffff::1").status_code == 429
    assert attempt(address="2001:db8:1:3::1").status_code == 403
    for _ in range(5):
        attempt(address="::ffff:192.0.2.9")
    assert attempt(address="192.0.2.9").status_code == 429


def test_after_an_hour_all_is_forgotten(attempt: Try, clock: Clock, database: Database) -> None:
    for _ in range(5):
        attempt()
    clock.forward(hours=1, seconds=3)

    attempt(address="192.0.2.7")

    assert database.run("SELECT address FROM login_failures") == [("192.0.2.7",)]


def test_attempts_count_before_the_password_is_looked_at(app: Flask, clock: Clock) -> None:
    with app.app_context(), db.engine.begin() as conn:
        waits = [throttle.attempt(conn, "192.0.2.1", clock()) for _ in range(7)]

    assert waits == [0, 0, 0, 0, 0, 2, 2]
