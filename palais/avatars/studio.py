"""Makes the portraits of agents, keeps them, and notes which one an agent has."""

import hashlib
import logging
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import Engine

from palais.avatars import fetch, picture
from palais.avatars.files import Folder
from palais.avatars.portrait import VERSION, portrait
from palais.errors import PictureError
from palais.store import introduce, portraits
from palais.store.portraits import Sitter

log = logging.getLogger(__name__)

Painter = Callable[[Sitter], dict[str, bytes]]
Fetch = Callable[[str], bytes]

STUDIO: Final = "studio"
IMAGE: Final = "image"
GATEWAY: Final = "gateway"


def drawn(sitter: Sitter) -> dict[str, bytes]:
    """Return the files of the studio's own portrait of an agent, by name."""
    return picture.painted(portrait(sitter.id, sitter.name, sitter.persona))


def made_of(sitter: Sitter) -> str:
    """Return the digest of what the studio's portrait of an agent is made of."""
    words = "\x1f".join((str(VERSION), sitter.id, sitter.name, sitter.persona))
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Studio:
    """Where portraits are made and kept."""

    def __init__(self, engine: Engine, folder: Folder, fetched: Fetch = fetch.fetched) -> None:
        self._engine = engine
        self._folder = folder
        self._fetched = fetched

    def is_current(self, sitter: Sitter) -> bool:
        """Whether an agent has the portrait it should have, by itself, on this host."""
        if sitter.file is None or sitter.asked != sitter.wish_digest:
            return False
        if sitter.source != STUDIO:
            return True
        return sitter.made_of == made_of(sitter) and self._folder.has(sitter.file)

    def make(self, sitter: Sitter, painter: Painter | None = None, *, tell: bool = False) -> str:
        """Make an agent's portrait anew; return whose it is: STUDIO, IMAGE or GATEWAY.

        Without ``painter`` it is the picture that the gateway wishes, where that can be had, else
        the studio's. Raises PictureError where the painter fails or nothing can be kept.
        """
        if painter is not None:
            source, files = IMAGE, painter(sitter)
        else:
            source, files = self._wished(sitter) or (STUDIO, drawn(sitter))
        self._keep(sitter, source, files, tell=tell)
        return source

    def sketch(self, sitter: Sitter) -> None:
        """Make the studio's own portrait in SVG alone; pixels are painted when asked for."""
        svg = portrait(sitter.id, sitter.name, sitter.persona)
        self._keep(sitter, STUDIO, picture.sketched(svg), tell=False)

    def _wished(self, sitter: Sitter) -> tuple[str, dict[str, bytes]] | None:
        if sitter.wish is None:
            return None
        try:
            return GATEWAY, picture.repainted(self._fetched(sitter.wish))
        except PictureError as error:
            log.warning("%s gets the studio's portrait: %s", sitter.id, error)
            return None

    def _keep(self, sitter: Sitter, source: str, files: dict[str, bytes], *, tell: bool) -> None:
        self._folder.write(files)
        with self._engine.begin() as conn:
            portraits.keep(conn, sitter, picture.shown(files), source, made_of(sitter))
            if tell:
                introduce.again(conn, sitter.id, time.time_ns() // 1_000_000)
