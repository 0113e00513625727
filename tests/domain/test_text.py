"""What an agent says is made safe: one line, no marks that hide or reorder, never too long."""

import sys
import unicodedata
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palais.domain.text import MARKS_LIMIT, block, clean, is_id, is_plain

SURROGATES = st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF)
TEXTS = st.text(max_size=200) | st.text(st.characters() | SURROGATES, max_size=80)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("hello", "hello"),
        ("", ""),
        ("   ", ""),
        ("  two   words ", "two words"),
        ("line\none\r\ntwo\tthree\v\ffour", "line one two three four"),
        ("a\u2028b\u2029c", "a b c"),
        ("no\x00nul\x1b[31m", "nonul[31m"),
        ("\ud800half\udfff", "half"),
        ("safe\u202eevil\u2066x\u2069", "safeevilx"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("soft\u00adhyphen", "softhyphen"),
        ("private\ue000", "private"),
        ("\u0301\u0302 marks of nothing", "marks of nothing"),
        ("\u3164\u115f\uffa0\u2800\u200d\ufe0f", ""),
        ("blank\u2800pattern", "blank pattern"),
        ("été à Kinshasa", "été à Kinshasa"),
        ("日本語", "日本語"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
    ],
)
def test_a_text_becomes_one_safe_line(said: str, shown: str) -> None:
    assert clean(said, 300) == shown


@pytest.mark.parametrize("emoji", ["👩🏾‍🚀", "❤️", "👨‍👩‍👧‍👦", "🇨🇩", "می‌خواهم"])
def test_what_shapes_letters_and_emoji_is_kept(emoji: str) -> None:
    assert clean(emoji, 300) == emoji


@pytest.mark.parametrize("mark", ["\u0301", "\u20dd", "\u200d", "\ufe0f"])
def test_marks_do_not_pile_up_on_a_letter(mark: str) -> None:
    assert clean(f"Z{mark * 5000}", 300) == "Z" + mark * MARKS_LIMIT + "…"
    assert clean(f"Z{mark * 50}algo", 300) == "Z" + mark * MARKS_LIMIT + "algo"


@pytest.mark.parametrize("word", ["שַּׁ֥בָּת", "Việt Nam", "น้ำ", "हिन्दी", "ကြွှုံ့", "각", "1️⃣", "❤️‍🔥"])
def test_no_script_loses_a_mark(word: str) -> None:
    for form in ("NFC", "NFD"):
        written = unicodedata.normalize(form, word)
        assert clean(written, 300) == written
        assert is_plain(written)


@given(text=TEXTS)
def test_a_text_is_plain_if_nothing_of_it_is_dropped(text: str) -> None:
    if is_plain(text):
        assert clean(text, 300) == " ".join(text.split())


@pytest.mark.parametrize("length", [9, 10, 11, 39, 40, 41, 1_000_000])
def test_a_text_that_is_too_long_ends_in_an_ellipsis(length: int) -> None:
    shown = clean("x" * length, 10)
    assert shown == ("x" * length if length <= 10 else "x" * 9 + "…")


def test_a_text_is_not_cut_before_a_space() -> None:
    assert clean("four word and more", 6) == "four…"


def test_what_is_clipped_away_unseen_is_told_by_the_ellipsis() -> None:
    assert clean("ok" + "\x00" * 1000 + "hidden", 10) == "ok…"


@given(text=TEXTS, limit=st.integers(1, 100))
def test_no_text_stays_dangerous(text: str, limit: int) -> None:
    shown = clean(text, limit)
    assert len(shown) <= limit
    assert shown == " ".join(shown.split())
    shown.encode()
    kinds = {unicodedata.category(char) for char in shown if char not in "\u200c\u200d\ufe0f"}
    assert kinds.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@given(text=TEXTS, limit=st.integers(1, 100))
def test_a_text_that_is_safe_stays_as_it_is(text: str, limit: int) -> None:
    once = clean(text, limit)
    assert clean(once, limit) == once


@pytest.mark.parametrize(
    "text", ["builder", "a", "0", "R2D2", "a.b_c@d:e+f-g", "agent:x", "x" * 128, "Concierge-2"]
)
def test_a_plain_word_can_name_an_agent(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "a b", ".", "..", ".hidden", "-rf", "_x", "a/b", "a\\b", "a?b", "a#b", "a%b"),
        *("a\n", "\na", "a\x00", "é", "а", "a\u200b", "<b>", "'", '"', "x" * 129),
    ],
)
def test_what_is_not_safe_in_a_path_cannot(text: str) -> None:
    assert not is_id(text)


@given(text=TEXTS)
def test_an_id_is_the_same_in_a_path_a_page_and_a_log(text: str) -> None:
    if is_id(text):
        assert text == clean(text, 300)
        assert not set(text) & set("/\\?#%&<>\"' \n")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("one\n\ttwo  three\n", "one\n\ttwo  three"),
        ("a\r\nb\rc\x0bd\u2028e", "a\nb\nc\nd\ne"),
        ("caf\u00e9 \u2192 \u2026", "caf\u00e9 \u2192 \u2026"),
        ("safe\u202eevil\x1b[31m\x00\n\u200bx\ud800", "safeevil[31m\nx"),
        (
            "\u043f\u0440\u0438\u0432\u0435\u0442\n\t\u4e16",
            "\u043f\u0440\u0438\u0432\u0435\u0442\n\t\u4e16",
        ),
    ],
)
def test_a_block_keeps_its_lines_and_tabs_and_nothing_that_cannot_be_seen(
    said: str, shown: str
) -> None:
    assert block(said) == shown


@given(TEXTS)
def test_each_line_of_a_block_is_plain(said: str) -> None:
    shown = block(said)
    assert block(shown) == shown
    assert all(is_plain(part) for part in shown.replace("\t", "\n").split("\n"))


@given(st.text(st.sampled_from("aé\u2026\u2192 \t\n-"), max_size=60), st.integers(20, 40))
def test_a_plain_text_becomes_the_same_line_as_one_with_something_hidden(
    said: str, limit: int
) -> None:
    assert clean(said, limit) == clean("\u200b" + said, limit)


@given(st.integers(1, 50))
def test_a_long_plain_text_is_not_looked_at_letter_by_letter(lines: int) -> None:
    calls = 0

    def counted(_frame: FrameType, _what: str, _arg: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(counted)
    try:
        clean("Un texte à plusieurs lignes.\n" * lines, 1_200)
    finally:
        sys.setprofile(None)
    assert calls < 30
