"""The chart of the last 24 hours."""

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from palais.web.charts import HEIGHT, HOURS, LEAST, bars, by_hour

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = HOURS * 60


def period(first: int, last: int) -> tuple[datetime, datetime]:
    """Give a period from so many minutes before noon to so many."""
    return NOON - first * MINUTE, NOON - last * MINUTE


def test_a_period_counts_in_each_hour_that_it_touches() -> None:
    seconds = by_hour([period(150, 30)], NOON)
    assert seconds == [0.0] * 21 + [1800.0, 3600.0, 1800.0]


def test_what_is_older_than_a_day_or_not_yet_there_is_left_out() -> None:
    assert by_hour([period(3000, 1441), period(-10, -50)], NOON) == [0.0] * HOURS


@given(st.lists(st.integers(-100, DAY + 500), min_size=2, max_size=12, unique=True))
def test_nothing_within_the_day_is_lost_or_counted_twice(marks: list[int]) -> None:
    marks = sorted(marks, reverse=True)
    pairs = [period(a, b) for a, b in zip(marks[::2], marks[1::2], strict=False)]
    inside = sum(
        max(0.0, (min(end, NOON) - max(start, NOON - DAY * MINUTE)).total_seconds())
        for start, end in pairs
    )
    assert sum(by_hour(pairs, NOON)) == inside


def test_a_full_hour_is_as_high_as_the_chart_and_any_work_can_be_seen() -> None:
    heights = re.findall(r"v-(\d+)", bars([0, 1, 1800, 3600, 4000]))
    assert [int(one) for one in heights] == [LEAST, HEIGHT // 2, HEIGHT, HEIGHT]


def test_an_hour_without_work_draws_nothing() -> None:
    assert bars([0.0] * HOURS) == ""
