"""The contact sheet: every portrait in its window, as it is, within the frame."""

import io

from PIL import Image, ImageChops, ImageStat

from palais.avatars.frame import MARGIN
from palais.avatars.portrait import portrait
from palais.avatars.sheet import EDGE, GAP, contact_sheet
from palais.store.portraits import Sitter
from tests.avatars.hashing import raster
from tests.avatars.test_portrait import TEN

STEP = EDGE + GAP


def test_each_of_the_ten_hangs_in_its_window_in_its_own_colours() -> None:
    sheet = Image.open(io.BytesIO(contact_sheet([Sitter(*one) for one in TEN]))).convert("RGB")

    for index, one in enumerate(TEN):
        x, y = MARGIN + GAP + index % 5 * STEP, MARGIN + GAP + index // 5 * STEP
        hung, own = sheet.crop((x, y, x + EDGE, y + EDGE)), raster(portrait(*one), EDGE)
        assert max(ImageStat.Stat(ImageChops.difference(hung, own)).mean) < 12, one


def test_a_sheet_is_as_tall_as_its_rows_and_framed_all_around() -> None:
    sheet = Image.open(io.BytesIO(contact_sheet([Sitter(*one) for one in TEN[:6]]))).convert("RGB")
    width, height = sheet.size

    assert sheet.size == (5 * STEP + GAP + 2 * MARGIN, 2 * STEP + GAP + 2 * MARGIN)
    for place in ((width // 2, 16), (width // 2, height - 16), (16, height // 2)):
        red, green, blue = sheet.getpixel(place)
        assert red > green > blue + 15, "the rules are of gold"
