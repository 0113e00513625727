"""The folder of the portraits: files named by what is in them, written whole or not at all."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from palais.errors import PictureError

TYPES: Final = {"svg": "image/svg+xml", "png": "image/png", "webp": "image/webp"}
_NAME: Final = re.compile(r"([0-9a-f]{32})(?:-512)?\.(svg|png|webp)", re.ASCII)


def stem_of(name: str) -> str | None:
    """Return the digest in a file's name; None where no file of ours has that name."""
    match = _NAME.fullmatch(name)
    return match[1] if match else None


def type_of(name: str) -> str:
    """Return the media type of one of our files."""
    return TYPES[name.rpartition(".")[2]]


class Folder:
    """``PALAIS_DATA_DIR/avatars``."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "avatars"

    def read(self, name: str) -> bytes | None:
        """Return a file's content; None where it is not there."""
        if stem_of(name) is None:
            return None
        try:
            return (self._path / name).read_bytes()
        except FileNotFoundError:
            return None

    def has(self, name: str) -> bool:
        """Whether a file is there."""
        return stem_of(name) is not None and (self._path / name).is_file()

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write these files; whoever reads meanwhile sees all of one or nothing of it.

        Raises PictureError where the folder takes none.
        """
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name, data in files.items():
                self._put(name, data)
        except OSError as error:
            raise PictureError(
                f"{self._path} takes no file ({error.strerror}). Make it writable."
            ) from None

    def _put(self, name: str, data: bytes) -> None:
        handle, draft = tempfile.mkstemp(dir=self._path, prefix=".draft-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(draft).replace(self._path / name)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
