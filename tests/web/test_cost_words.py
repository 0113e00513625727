"""How sums, shares and the marks of an axis are written."""

from datetime import date

import pytest

from palais.web import cost_words as words
from palais.web.catalogue import language

FR, EN = language("fr"), language("en")
NB = "\u00a0"


@pytest.mark.parametrize(
    ("usd", "step", "french", "english"),
    [
        (15.0, 5.0, f"15{NB}$", "$15"),
        (1.5, 0.5, f"1,50{NB}$", "$1.50"),
        (0.003, 0.001, f"0,003{NB}$", "$0.003"),
        (0.0, 1.0, f"0{NB}$", "$0"),
    ],
)
def test_an_axis_has_cents_where_it_needs_them(
    usd: float, step: float, french: str, english: str
) -> None:
    assert (words.tick(FR, usd, step), words.tick(EN, usd, step)) == (french, english)


@pytest.mark.parametrize(
    ("number", "french", "english"),
    [(None, "—", "—"), (500, "500", "500"), (1_200_000, f"1,2{NB}M", "1.2M")],
)
def test_a_large_number_is_told_in_short(number: int | None, french: str, english: str) -> None:
    assert (words.compact(FR, number), words.compact(EN, number)) == (french, english)


@pytest.mark.parametrize(
    ("part", "said"), [(None, "—"), (0.0, "0%"), (0.004, f"<{NB}1%"), (0.384, "38%"), (1.0, "100%")]
)
def test_a_share_is_in_per_cent_and_a_trace_is_less_than_one(part: float, said: str) -> None:
    assert words.share(EN, part) == said


def test_a_difference_has_its_sign() -> None:
    assert [words.signed(EN, usd) for usd in (1.5, -1.5, 0.0)] == ["+$1.50", "\u2212$1.50", "$0.00"]
    assert words.signed_share(FR, -0.5) == f"\u221250{NB}%"


def test_a_day_is_told_in_short_in_full_and_by_its_weekday() -> None:
    day = date(2026, 11, 23)

    assert words.day_short(FR, day) == f"23{NB}nov."
    assert words.day_full(EN, day) == f"Monday,{NB}23{NB}November{NB}2026"
    assert words.weekday(FR, day) == "lundi"
