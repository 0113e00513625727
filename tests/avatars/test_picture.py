"""Pictures from elsewhere are decoded within limits and painted anew."""

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from palais.avatars.picture import MAX_BYTES, repainted, shown
from palais.errors import PictureError


def encoded(kind: str, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_becomes_squares_of_ours(kind: str) -> None:
    files = repainted(encoded(kind))

    sizes = {name[32:]: Image.open(io.BytesIO(data)).size for name, data in files.items()}
    assert sizes[".png"] == (256, 256)
    assert sizes["-512.png"] == (512, 512)
    assert shown(files) in files


def test_nothing_that_rode_along_is_kept() -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "<script>alert(1)</script>")

    files = repainted(encoded("PNG", pnginfo=words))

    assert not any(b"script" in data for data in files.values())


def bomb() -> bytes:
    """Return a PNG of some hundred bytes that says to be 60,000 pixels wide and high."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"<svg/>", b"not a picture", encoded("PNG")[:80], encoded("BMP"), bomb()),
        *(encoded("PNG", (8, 8)), encoded("PNG", (4200, 4200)), b"\0" * (MAX_BYTES + 1)),
    ],
    ids=["none", "svg", "junk", "cut", "bmp", "bomb", "tiny", "huge", "long"],
)
def test_what_is_no_picture_within_the_limits_is_refused(data: bytes) -> None:
    with pytest.raises(PictureError, match="picture"):
        repainted(data)
