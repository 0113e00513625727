"""The page's own files: one address for ever, small on the wire, and never a wrong version."""

import gzip
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from flask.testing import FlaskClient

from palais.web.assets import FOR_EVER, STYLESHEET, Assets


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("css/card", "css/base", "css/tokens", "css/print"):
        put(tmp_path, f"{name}.css", f"/* {name} */")
    put(tmp_path, "js/main.js", 'import { a } from "./a.js";\nimport {\n  b,\n} from "./b.js";\n')
    put(tmp_path, "js/a.js", 'import { b } from "./b.js";\nexport const a = b;\n')
    put(tmp_path, "js/b.js", "export const b = 1;\n")
    put(tmp_path, "js/alone.js", "1;\n")
    return tmp_path


def put(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True, parents=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_the_sheets_are_one_tokens_first_and_print_last(tree: Path) -> None:
    whole = Assets(tree).files[STYLESHEET].body.decode()
    assert whole.split("\n") == [
        *("/* css/tokens */", "/* css/base */", "/* css/card */", "/* css/print */")
    ]


def test_a_folder_of_sheets_is_a_sheet_of_its_own(tree: Path) -> None:
    for name in ("bars", "base"):
        put(tree, f"css/trace/{name}.css", f"/* {name} */")

    files = Assets(tree).files

    assert files["css/trace.css"].body.decode() == "/* base */\n/* bars */"
    assert "bars" not in files[STYLESHEET].body.decode()


def test_a_script_brings_all_that_it_imports_once(tree: Path) -> None:
    assert Assets(tree).modules("js/main.js") == ["js/main.js", "js/a.js", "js/b.js"]


def test_any_change_of_any_file_gives_another_digest(tree: Path) -> None:
    before = Assets(tree).digest
    assert Assets(tree).digest == before
    put(tree, "js/b.js", "export const b = 2;\n")
    changed = Assets(tree).digest
    put(tree, "js/c.js", "")
    assert len({before, changed, Assets(tree).digest}) == 3


def addresses(client: FlaskClient) -> list[str]:
    page = client.get("/agents").text
    return [part.partition('"')[0] for part in page.split('href="') if part.startswith("/static/")]


def test_a_page_asks_only_for_addresses_that_may_be_kept_for_ever(client: FlaskClient) -> None:
    found = addresses(client)
    assert any(one.endswith(STYLESHEET) for one in found)
    assert {client.get(one.partition("#")[0]).headers["Cache-Control"] for one in found} == {
        FOR_EVER
    }


@pytest.mark.parametrize(
    ("address", "kept"),
    [("/static/0123456789abcdef/js/main.js", "no-store"), ("/static/js/main.js", "no-cache")],
)
def test_an_address_of_another_version_is_answered_and_not_kept(
    client: FlaskClient, address: str, kept: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == kept


@pytest.mark.parametrize(
    "address",
    ["/static/js/nowhere.js", "/static/0123456789abcdef/nowhere.css", "/static/../wsgi.py"],
)
def test_what_is_not_there_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("accepted", "coding", "unpack"),
    [("gzip, br", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress), ("", None, bytes)],
)
def test_a_text_file_comes_in_the_best_encoding_that_is_accepted(
    client: FlaskClient, accepted: str, coding: str | None, unpack: object
) -> None:
    plain = client.get("/static/js/main.js", headers={"Accept-Encoding": "identity"}).data
    answer = client.get("/static/js/main.js", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert unpack(answer.data) == plain  # type: ignore[operator]


def test_a_font_is_compressed_in_itself(client: FlaskClient) -> None:
    answer = client.get("/static/fonts/inter-latin.woff2", headers={"Accept-Encoding": "br"})
    assert answer.mimetype == "font/woff2"
    assert "Content-Encoding" not in answer.headers


def test_a_file_that_did_not_change_is_not_sent_again(client: FlaskClient) -> None:
    etag = client.get("/static/js/main.js").headers["ETag"]
    again = client.get("/static/js/main.js", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_pages_and_json_are_compressed_and_the_stream_never_is(client: FlaskClient) -> None:
    accepting = {"Accept-Encoding": "br"}
    page = client.get("/agents", headers=accepting)
    assert page.headers["Content-Encoding"] == "br"
    assert b"</html>" in brotli.decompress(page.data)
    with client.get("/api/sse", headers=accepting) as stream:
        assert "Content-Encoding" not in stream.headers
