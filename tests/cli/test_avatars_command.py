"""``flask avatars``."""

import io
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from palais.avatars import studio as studios
from palais.errors import PictureError
from palais.store.portraits import Sitter
from tests.database import Database


@pytest.fixture
def seeded(app: Flask) -> Flask:
    assert app.test_cli_runner().invoke(args=["agents", "seed"]).exit_code == 0
    return app


def run(app: Flask, *args: str) -> tuple[int, list[str]]:
    result = app.test_cli_runner().invoke(args=["avatars", *args])
    return result.exit_code, result.output.splitlines()


def test_seeding_makes_all_portraits_and_a_run_after_it_changes_nothing(
    seeded: Flask, database: Database
) -> None:
    assert database.value("SELECT count(*) FROM portraits WHERE source = 'studio'") == 10

    code, lines = run(seeded, "generate")

    assert code == 0
    assert len(lines) == 10
    assert all(line.endswith(": unchanged") for line in lines)


def test_force_makes_one_anew(seeded: Flask) -> None:
    assert run(seeded, "generate", "cfo", "--force") == (0, ["cfo: made (studio)"])


def test_a_changed_name_and_a_lost_file_are_mended(seeded: Flask, database: Database) -> None:
    database.run("UPDATE agents SET name = 'Bob' WHERE id = 'builder'")
    folder = seeded.extensions["palais.settings"].data_dir / "avatars"
    lost = database.value("SELECT file FROM portraits WHERE agent_id = 'cfo'")
    (folder / str(lost)).unlink()

    code, lines = run(seeded, "generate")

    assert code == 0
    assert {line for line in lines if "unchanged" not in line} == {
        "builder: made (studio)",
        "cfo: made (studio)",
    }


def test_what_an_older_art_made_is_made_anew(
    seeded: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studios, "VERSION", studios.VERSION + 1)

    assert run(seeded, "generate", "cfo") == (0, ["cfo: made (studio)"])
    assert run(seeded, "generate", "cfo") == (0, ["cfo: unchanged"])


def test_whoever_is_not_there_fails_and_the_others_are_made(seeded: Flask) -> None:
    code, lines = run(seeded, "generate", "nobody", "cfo")

    assert code == 1
    assert "nobody: there is no such agent" in lines
    assert "cfo: unchanged" in lines


def test_a_painter_that_fails_leaves_the_old_portrait(
    seeded: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = database.run("SELECT * FROM portraits ORDER BY agent_id")

    def broken(_sitter: Sitter) -> dict[str, bytes]:
        raise PictureError("The brush broke.")

    monkeypatch.setattr(studios, "drawn", broken)
    code, lines = run(seeded, "generate", "cfo", "--force")

    assert code == 1
    assert "cfo: failed: The brush broke." in lines
    assert database.run("SELECT * FROM portraits ORDER BY agent_id") == before


def test_without_an_image_model_its_provider_says_what_to_set(seeded: Flask) -> None:
    code, [line] = run(seeded, "generate", "--provider", "image")

    assert code == 2
    assert "PALAIS_IMAGE_API_URL" in line


def test_the_sheet_has_all_ten(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "sheet.png"

    assert run(app, "sheet", str(file)) == (0, [f"{file}: 10 portraits"])
    assert Image.open(io.BytesIO(file.read_bytes())).size == (2192, 980)
