"""Pictures as files: the studio's art painted, and foreign pictures decoded and painted anew."""

import hashlib
import io
import warnings
from typing import Final

import resvg_py
from PIL import Image, ImageOps

from palais.errors import PictureError

SIZES: Final = {"": 256, "-512": 512}
"""The edge of each picture in pixels, by what its name ends with."""

MAX_BYTES: Final = 4 * 2**20
MAX_PIXELS: Final = 4096 * 4096
FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")


def painted(svg: str) -> dict[str, bytes]:
    """Return the files of a portrait of the studio, by name: SVG, PNG, WebP where smaller."""
    files = sketched(svg)
    stem = _stem(svg.encode())
    for suffix, size in SIZES.items():
        png = resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size, skip_system_fonts=True)
        files |= _smaller(f"{stem}{suffix}", bytes(png))
    return files


def sketched(svg: str) -> dict[str, bytes]:
    """Return only the SVG of a portrait, by its name: what pages show, without a delay."""
    data = svg.encode()
    return {f"{_stem(data)}.svg": data}


def repainted(data: bytes) -> dict[str, bytes]:
    """Return the files of a foreign picture, by name: cut to a square, nothing of it as it came.

    Raises PictureError where it is too large, broken, or no PNG, JPEG, WebP or GIF.
    """
    if len(data) > MAX_BYTES:
        raise PictureError(f"The picture is larger than {MAX_BYTES // 2**20} MB.")
    square = ImageOps.fit(_decoded(data), (512, 512), Image.Resampling.LANCZOS)
    stem = _stem(square.tobytes())
    files: dict[str, bytes] = {}
    for suffix, size in SIZES.items():
        files |= _files(f"{stem}{suffix}", square.resize((size, size), Image.Resampling.LANCZOS))
    return files


def shown(files: dict[str, bytes]) -> str:
    """Return the name of the file that pages show: SVG, else 256 × 256, WebP where smaller."""
    kinds = {name.rpartition(".")[2]: name for name in files if "-" not in name}
    return kinds.get("svg") or kinds.get("webp") or kinds["png"]


def _decoded(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                _measured(picture)
                upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except PictureError:
        raise
    except Exception as error:
        raise PictureError(f"The picture cannot be read ({type(error).__name__}).") from None
    ground = Image.new("RGBA", upright.size, "#0A0A0F")
    return Image.alpha_composite(ground, upright).convert("RGB")


def _measured(picture: Image.Image) -> None:
    if picture.width * picture.height > MAX_PIXELS:
        raise PictureError("The picture has more than 16 million pixels.")
    if min(picture.size) < 16:
        raise PictureError("The picture is smaller than 16 × 16 pixels.")


def _files(stem: str, picture: Image.Image) -> dict[str, bytes]:
    png = io.BytesIO()
    picture.save(png, "PNG")
    return _smaller(stem, png.getvalue())


def _smaller(stem: str, png: bytes) -> dict[str, bytes]:
    """Return the PNG's file, and that of a WebP where it is smaller."""
    webp = io.BytesIO()
    # Method 1 of 6: a tenth larger, and ten portraits are ready in a second or so.
    Image.open(io.BytesIO(png)).convert("RGB").save(webp, "WEBP", quality=88, method=1)
    files = {f"{stem}.png": png}
    if len(webp.getvalue()) < len(png):
        files[f"{stem}.webp"] = webp.getvalue()
    return files


def _stem(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
