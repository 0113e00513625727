"""By which names Palais answers, and whom it believes about names, schemes and addresses."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from palais import create_app
from palais.addresses import networks
from palais.web.hosts import allowance
from tests.database import keyed, settings

OURS = ["localhost", "localhost:3300", "LOCALHOST", "127.0.0.1:80", "127.9.9.9", "[::1]:3300"]
FOREIGN = [
    *("evil.example", "evil.example:3300", "localhost.evil.example", "127.0.0.1.evil.example"),
    *("evil.example@localhost", "localhost,evil.example", "localhost evil.example", "xlocalhost"),
    *("192.0.2.1", "[2001:db8::1]", "0.0.0.0", "2130706433", "[::1].evil.example", "::1"),
    *("", ".", "[", "localhost:80:80", "localhost:x", "localhost/", "[localhost]", "a" * 300),
]


def allowed(tmp_path: Path, host: str, bind: str = "127.0.0.1", *names: str) -> bool:
    return allowance(settings(None, tmp_path, bind_host=bind, allowed_hosts=names))(host)


@pytest.mark.parametrize("host", OURS)
def test_this_machine_s_own_names_are_always_good(tmp_path: Path, host: str) -> None:
    assert allowed(tmp_path, host)


@pytest.mark.parametrize("host", FOREIGN)
def test_no_other_name_is(tmp_path: Path, host: str) -> None:
    assert not allowed(tmp_path, host)


@pytest.mark.parametrize(
    ("host", "good"),
    [
        *(("palais.example", True), ("PALAIS.example.:443", True), ("www.palais.example", False)),
        *(("b.example", True), ("a.b.example", True), ("xb.example", False), ("example", False)),
        ("b.example.evil.example", False),
    ],
)
def test_the_operator_s_names_are_good_too(tmp_path: Path, host: str, good: bool) -> None:
    assert allowed(tmp_path, host, "127.0.0.1", "palais.example", ".b.example") is good


def test_the_listen_address_is_good_so_that_health_can_be_asked_by_it(tmp_path: Path) -> None:
    assert allowed(tmp_path, "192.0.2.1:3300", "192.0.2.1")
    assert allowed(tmp_path, "[2001:db8::1]:3300", "2001:db8::1")
    assert allowed(tmp_path, "[2001:db8::1]:3300", "2001:DB8:0:0::1")
    assert not allowed(tmp_path, "192.0.2.2", "192.0.2.1")


@pytest.mark.parametrize("bind", ["0.0.0.0", "::"])
def test_of_a_machine_with_all_its_addresses_each_is_good_and_no_name(
    tmp_path: Path, bind: str
) -> None:
    assert allowed(tmp_path, "192.0.2.1:3300", bind)
    assert allowed(tmp_path, "[2001:db8::1]", bind)
    assert not allowed(tmp_path, "evil.example", bind)


@pytest.mark.parametrize("path", ["/api/v1/agents", "/agents", "/login", "/api/health", "/nothing"])
def test_a_foreign_name_is_a_421_before_anything_else(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"})

    assert answer.status_code == 421
    assert answer.headers["Cache-Control"] == "no-store"
    if path.startswith("/api/"):
        assert answer.json["error"]["code"] == "misdirected"
    else:
        assert "Palais ne répond pas sous ce nom." in answer.text


TRUSTED = "10.0.0.0/8, 2001:db8:f::/48"


@pytest.fixture
def behind(database_url: str, tmp_path: Path) -> Flask:
    """Give an app that believes some proxies, and says what it sees."""
    names = ("palais.example",)
    given = settings(database_url, tmp_path, trusted_proxies=networks(TRUSTED), allowed_hosts=names)
    return seeing(create_app(given))


def seeing(app: Flask) -> Flask:
    @app.get("/api/seen")
    def seen() -> dict[str, Any]:
        return {
            "address": request.remote_addr,
            "scheme": request.scheme,
            "host": request.host,
            "root": request.script_root,
            "path": request.path,
        }

    return app


def see(app: Flask, peer: str, path: str = "/api/seen", **said: str) -> Any:
    headers = {f"X-Forwarded-{name.title()}": value for name, value in said.items()}
    overrides = {"REMOTE_ADDR": peer}
    return keyed(app).get(path, headers=headers, environ_overrides=overrides).json


@pytest.mark.parametrize(
    ("peer", "chain", "address"),
    [
        ("192.0.2.1", "198.51.100.1", "192.0.2.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1:5000", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::1]:5000", "2001:db8::1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "1.1.1.1, nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", ", ,", "10.0.0.1"),
        ("2001:db8:f::1", "198.51.100.1", "198.51.100.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_client_s_address_is_walked_to_over_trusted_proxies_alone(
    behind: Flask, peer: str, chain: str, address: str
) -> None:
    assert see(behind, peer, **{"for": chain})["address"] == address


def test_scheme_host_and_prefix_are_those_outside(behind: Flask) -> None:
    said = {"proto": "https", "host": "palais.example", "prefix": "/court"}

    assert see(behind, "10.0.0.1", **said) == {
        "address": "10.0.0.1",
        "scheme": "https",
        "host": "palais.example",
        "root": "/court",
        "path": "/api/seen",
    }
    assert see(behind, "10.0.0.1", "/court/api/seen", **said)["path"] == "/api/seen"


def test_of_what_several_proxies_said_the_outermost_trusted_one_is_heard(behind: Flask) -> None:
    chain = {"for": "1.1.1.1, 198.51.100.1, 10.0.0.2", "proto": "gopher, https, http"}

    seen = see(behind, "10.0.0.1", **chain, host="evil.example, palais.example, 127.0.0.1")

    assert (seen["scheme"], seen["host"]) == ("https", "palais.example")


def test_a_stranger_is_believed_nothing(behind: Flask, app: Flask) -> None:
    said = {"for": "127.0.0.1", "proto": "https", "host": "palais.example", "prefix": "/x"}

    for seen in (see(behind, "192.0.2.1", **said), see(seeing(app), "10.0.0.1", **said)):
        assert seen["address"] in {"192.0.2.1", "10.0.0.1"}
        assert (seen["scheme"], seen["host"], seen["root"]) == ("http", "localhost", "")


@pytest.mark.parametrize(
    "said",
    [
        *({"proto": "javascript"}, {"prefix": "//evil.example"}, {"prefix": "/a b"}),
        *({"prefix": "evil"}, {"prefix": "/"}, {"host": "a b"}, {"host": ""}),
    ],
)
def test_what_makes_no_sense_is_not_heard(behind: Flask, said: dict[str, str]) -> None:
    seen = see(behind, "10.0.0.1", **said)

    assert (seen["scheme"], seen["host"], seen["root"]) == ("http", "localhost", "")


def test_a_forwarded_host_has_to_be_ours_as_well(behind: Flask) -> None:
    assert see(behind, "10.0.0.1", host="evil.example")["error"]["code"] == "misdirected"
