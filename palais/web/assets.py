"""The page's own files, in memory: one address for ever, compressed once.

All sheets are one stylesheet, but for those that few pages need: a folder of sheets,
``css/trace/``, is one of its own, ``css/trace.css``.

Every address carries a digest of the whole tree (``/static/<digest>/js/main.js``), so that what a
file asks for by a relative address (a module's imports, a stylesheet's ``url()``) is addressed the
same way, and a browser may keep all of it for ever (RFC 8246, ``immutable``).
"""

import gzip
import hashlib
import mimetypes
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

import brotli  # type: ignore[import-untyped]
from flask import Flask, Response, request, url_for

from palais.config import ROOT
from palais.errors import NotFoundError

FOLDER: Final = ROOT / "static"
CSS: Final = PurePosixPath("css")
STYLESHEET: Final = "css/palais.css"
FIRST: Final = ("tokens", "fonts", "base", "layout")
LAST: Final = ("contrast", "print")
FOR_EVER: Final = "public, max-age=31536000, immutable"
TYPES: Final = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
TEXT: Final = {".css", ".js", ".svg", ".md", ".txt"}

_DIGEST = re.compile(r"[0-9a-f]{16}", re.ASCII)
_IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?from\s+"(\./[^"]+)";""", re.MULTILINE)


@dataclass(frozen=True)
class Asset:
    """One file. ``compressed`` has its encodings; what is compressed in itself has none."""

    name: str
    body: bytes = field(repr=False)

    @property
    def mimetype(self) -> str:
        """What a browser takes it for."""
        suffix = posixpath.splitext(self.name)[1]
        return TYPES.get(suffix) or mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @cached_property
    def etag(self) -> str:
        """Its content, in short."""
        return _digest(self.body)

    @cached_property
    def compressed(self) -> Mapping[str, bytes]:
        """Its encodings by their names (RFC 9110, 8.4.1), the smallest first."""
        if posixpath.splitext(self.name)[1] not in TEXT:
            return {}
        return {"br": brotli.compress(self.body), "gzip": gzip.compress(self.body, 9, mtime=0)}


class Assets:
    """All files of a folder, and the stylesheets made of its sheets; ``digest`` names them all."""

    def __init__(self, folder: Path) -> None:
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        bodies = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        bodies |= _stylesheets(bodies)
        self.files = {name: Asset(name, body) for name, body in bodies.items()}
        self.digest = _digest(
            *(part for pair in bodies.items() for part in (pair[0].encode(), pair[1]))
        )

    def modules(self, name: str) -> list[str]:
        """Return a script and all that it imports, so that a page can ask for them at once."""
        found = [name]
        for one in found:
            source = self.files[one].body.decode()
            for address in _IMPORT.findall(source):
                needed = posixpath.normpath(posixpath.join(posixpath.dirname(one), address))
                if needed not in found:
                    found.append(needed)
        return found


def register(app: Flask) -> None:
    """Serve the files at ``url_for("static", filename=…)``, and tell templates what to ask for."""
    assets = Assets(FOLDER)

    def static(filename: str) -> Response:
        return answer(assets, filename)

    def address(endpoint: str, values: dict[str, object]) -> None:
        if endpoint == "static":
            values["filename"] = f"{assets.digest}/{values['filename']}"

    def modules(name: str) -> list[str]:
        return [url_for("static", filename=one) for one in assets.modules(name)]

    app.add_url_rule("/static/<path:filename>", "static", static)
    app.url_defaults(address)
    app.add_template_global(modules)
    app.add_template_global(_sheet, "stylesheet")


def answer(assets: Assets, filename: str) -> Response:
    """Return a file. A browser keeps it for ever only under the digest that is true.

    Under another one, that of a page made before an update or by another instance, it gets what is
    there now, and keeps nothing. Raises NotFoundError where there is no such file.
    """
    head, _, rest = filename.partition("/")
    named = bool(_DIGEST.fullmatch(head))
    asset = assets.files.get(rest if named else filename)
    if asset is None:
        raise NotFoundError("There is no such file.")
    response = _encoded(asset)
    true = head == assets.digest
    response.headers["Cache-Control"] = FOR_EVER if true else "no-store" if named else "no-cache"
    response.set_etag(f"{asset.etag}:{response.content_encoding or 'plain'}")
    response.make_conditional(request)
    return response


def _encoded(asset: Asset) -> Response:
    chosen = next((one for one in asset.compressed if request.accept_encodings[one] > 0), None)
    body = asset.compressed[chosen] if chosen else asset.body
    response = Response(body, mimetype=asset.mimetype)
    if chosen:
        response.headers["Content-Encoding"] = chosen
    if asset.compressed:
        response.vary.add("Accept-Encoding")
    return response


def _sheet(area: str = "") -> str:
    return url_for("static", filename=f"css/{area}.css" if area else STYLESHEET)


def _stylesheets(bodies: Mapping[str, bytes]) -> dict[str, bytes]:
    folders = {path.parent for path in map(PurePosixPath, bodies) if path.suffix == ".css"}
    return {
        STYLESHEET if folder == CSS else f"{folder}.css": _joined(bodies, folder)
        for folder in {CSS, *folders}
    }


def _joined(bodies: Mapping[str, bytes], folder: PurePosixPath) -> bytes:
    paths = map(PurePosixPath, bodies)
    names = {path.stem for path in paths if path.parent == folder and path.suffix == ".css"}
    order = (*FIRST, *sorted(names - {*FIRST, *LAST}), *LAST)
    return b"\n".join(bodies[f"{folder}/{name}.css"] for name in order if name in names)


def _digest(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8) + part)
    return whole.hexdigest()[:16]
