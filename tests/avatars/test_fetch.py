"""Pictures that a gateway names are fetched from the open Internet alone."""

import base64
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from palais.avatars import fetch
from palais.avatars.fetch import fetched, is_public
from palais.avatars.picture import MAX_BYTES
from palais.errors import PictureError
from tests.avatars.servers import Answer, certified, dripping, serving

IMAGE = {"Content-Type": "image/png"}


def anywhere(_address: str) -> bool:
    return True


def plan(path: str, _body: bytes) -> Answer | None:
    return {
        "/good.png": (200, IMAGE, b"picture"),
        "/moved": (302, {"Location": "/good.png"}, b""),
        "/plain": (302, {"Location": "http://localhost/good.png"}, b""),
        "/round": (302, {"Location": "/round"}, b""),
        "/page": (200, {"Content-Type": "text/html"}, b"<html>"),
        "/long": (200, IMAGE, b"\0" * (MAX_BYTES + 2)),
        "/gone": (404, {}, b""),
    }.get(path)


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[str, ssl.SSLContext]]:
    server, client = certified(tmp_path)
    with serving(plan, server) as port:
        yield f"https://localhost:{port}", client


@pytest.mark.parametrize("path", ["/good.png", "/moved"])
def test_a_picture_is_fetched_also_where_it_moved(
    tls: tuple[str, ssl.SSLContext], path: str
) -> None:
    url, context = tls

    assert fetched(url + path, anywhere, context) == b"picture"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/page", "did not send a picture"),
        ("/long", "larger than 4 MB"),
        ("/gone", "answered 404"),
        ("/round", "more than 3 redirects"),
        ("/plain", "https: or data: alone"),
        ("/silent", "gives no picture"),
    ],
)
def test_anything_else_is_refused(tls: tuple[str, ssl.SSLContext], path: str, why: str) -> None:
    url, context = tls

    with pytest.raises(PictureError, match=why):
        fetched(url + path, anywhere, context)


def test_a_server_that_stalls_is_left(
    tls: tuple[str, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, context = tls
    monkeypatch.setattr(fetch, "TIMEOUT_SECONDS", 0.0)

    with pytest.raises(PictureError, match="did not come within"):
        fetched(url + "/good.png", anywhere, context)


def test_a_server_that_sends_a_byte_now_and_then_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, client = certified(tmp_path)
    monkeypatch.setattr(fetch, "TIMEOUT_SECONDS", 0.5)

    with dripping(server) as (port, left):
        with pytest.raises(PictureError, match="did not come within"):
            fetched(f"https://localhost:{port}/", anywhere, client)
        assert left.wait(5)


def test_an_inner_address_is_not_even_connected_to(tls: tuple[str, ssl.SSLContext]) -> None:
    url, context = tls

    with pytest.raises(PictureError, match="no public address"):
        fetched(url + "/good.png", context=context)


def test_a_redirect_s_target_is_checked_as_the_first_address(
    tls: tuple[str, ssl.SSLContext],
) -> None:
    url, context = tls
    answers = iter([True, False])

    with pytest.raises(PictureError, match="no public address"):
        fetched(url + "/moved", lambda _: next(answers), context)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1"),
        *(
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "2002:7f00:1::",
            "64:ff9b:1::1",
            "64:ff9b::7f00:1",
        ),
    ],
)
def test_no_inner_address_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111"])
def test_the_open_internet_is(address: str) -> None:
    assert is_public(address)


def test_a_data_uri_is_its_own_picture() -> None:
    data = base64.b64encode(b"picture").decode()

    assert fetched(f"data:image/png;base64,{data}") == b"picture"
    assert fetched("data:image/png,pic%74ure") == b"picture"


@pytest.mark.parametrize(
    "url",
    [
        *("data:text/html,x", "data:image/svg+xml,<svg/>", "data:image/png;base64,***", "data:"),
        *("http://example.org/a.png", "file:///etc/passwd", "ftp://a/b", "//a/b", "https://"),
        *("https://user:secret@example.org/a.png", "https://[::1", "gopher://a"),
    ],
)
def test_no_other_url_is_followed(url: str) -> None:
    with pytest.raises(PictureError):
        fetched(url)
