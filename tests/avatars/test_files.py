"""The folder of the portraits."""

from pathlib import Path

import pytest

from palais.avatars.files import Folder
from palais.errors import PictureError

NAME = "0" * 32 + ".svg"


def test_what_is_written_is_read_and_no_draft_is_left(tmp_path: Path) -> None:
    folder = Folder(tmp_path)

    folder.write({NAME: b"one"})
    folder.write({NAME: b"two"})

    assert folder.read(NAME) == b"two"
    assert [path.name for path in (tmp_path / "avatars").iterdir()] == [NAME]


@pytest.mark.parametrize("name", ["../secret_key", "secret_key", "/etc/passwd", NAME + "\n", ""])
def test_no_other_name_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret_key").write_text("x")
    Folder(tmp_path).write({NAME: b"one"})

    assert Folder(tmp_path).read(name) is None
    assert not Folder(tmp_path).has(name)


def test_a_folder_that_cannot_be_is_explained(tmp_path: Path) -> None:
    (tmp_path / "avatars").write_text("a file")

    with pytest.raises(PictureError, match="Make it writable"):
        Folder(tmp_path).write({NAME: b"one"})
