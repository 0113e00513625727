"""Periods, thresholds and amounts of budgets."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palais.domain.budgets import (
    THRESHOLDS,
    Period,
    Standing,
    amount_of,
    due,
    plain,
    reached,
    watched,
    window,
)
from palais.errors import BadRequestError

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)

moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
money = st.decimals("0.0000000001", "1000000000", places=10)


@pytest.mark.parametrize(
    ("period", "now", "start", "until"),
    [
        ("day", NOW, "2026-11-23", "2026-11-24"),
        ("month", NOW, "2026-11-01", "2026-12-01"),
        ("month", datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "2026-12-01", "2027-01-01"),
        ("month", datetime(2028, 2, 29, tzinfo=UTC), "2028-02-01", "2028-03-01"),
        (
            "day",
            datetime(2026, 11, 24, 0, 30, tzinfo=timezone(timedelta(hours=1))),
            "2026-11-23",
            "2026-11-24",
        ),
    ],
)
def test_days_and_months_are_those_of_utc(
    period: str, now: datetime, start: str, until: str
) -> None:
    found = window(Period(period), now)

    assert (f"{found.start:%Y-%m-%d}", f"{found.until:%Y-%m-%d}") == (start, until)
    assert (found.start.tzinfo, found.start.hour) == (UTC, 0)


@given(now=moments, period=st.sampled_from(Period))
def test_each_moment_lies_in_one_window_and_the_next_one_follows(
    now: datetime, period: Period
) -> None:
    found = window(period, now)

    assert found.start <= now < found.until
    assert window(period, found.until).start == found.until


def test_a_day_that_just_ended_is_watched_for_another_hour() -> None:
    midnight = datetime(2026, 12, 1, tzinfo=UTC)

    def starts(now: datetime) -> list[str]:
        return [f"{one.period.value} {one.start:%m-%d}" for one in watched(now)]

    assert starts(midnight + timedelta(minutes=59)) == [
        *("month 11-01", "day 11-30"),
        *("day 12-01", "month 12-01"),
    ]
    assert starts(midnight + timedelta(hours=1)) == ["day 12-01", "month 12-01"]


@pytest.mark.parametrize(
    ("spent", "given", "told", "marked"),
    [
        ("4.99", set(), None, []),
        ("5", set(), 50, [50]),
        ("5", {50}, None, []),
        ("8", {50}, 80, [80]),
        ("12", set(), 100, [50, 80, 100]),
        ("12", {50, 80}, 100, [100]),
        ("12", {100}, None, [50, 80]),
        ("12", {50, 80, 100}, None, []),
    ],
)
def test_of_the_thresholds_reached_at_once_the_highest_is_told(
    spent: str, given: set[int], told: int | None, marked: list[int]
) -> None:
    assert due(Decimal(spent), Decimal(10), given) == (told, marked)


@given(spent=money, more=money, amount=money)
def test_no_threshold_is_told_twice_while_spending_grows(
    spent: Decimal, more: Decimal, amount: Decimal
) -> None:
    first, marked = due(spent, amount, set())
    second, _ = due(spent + more, amount, set(marked))

    assert {first, second} <= {None, *THRESHOLDS}
    assert first is None or second is None or first < second


def test_a_sum_of_cents_reaches_its_threshold_to_the_cent() -> None:
    assert reached(Decimal("0.1") + Decimal("0.2"), Decimal("0.3")) == [50, 80, 100]
    assert reached(Decimal("0.2999999999"), Decimal("0.3")) == [50, 80]


def test_a_standing_says_what_is_left_and_who_is_meant() -> None:
    fleet = Standing("*", window(Period.DAY, NOW), Decimal(10), Decimal("12.5"))
    builder = Standing("builder", window(Period.DAY, NOW), Decimal(10), Decimal(0))

    assert (fleet.left, fleet.share, fleet.reached) == (Decimal("-2.5"), 1.25, 100)
    assert (builder.left, builder.share, builder.reached) == (Decimal(10), 0.0, 0)
    assert (fleet.agent_id, builder.agent_id) == (None, "builder")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10", "10.00"),
        (" 2.5 ", "2.50"),
        ("0.0000000001", "0.0000000001"),
        ("1e3", "1000.00"),
        ("1000000000", "1000000000.00"),
        ("2.50000000000000", "2.50"),
    ],
)
def test_an_amount_is_written_as_a_person_does(text: str, said: str) -> None:
    assert plain(amount_of(text)) == said


@pytest.mark.parametrize(
    "text",
    [
        *("", "ten", "10,5", "0", "-1", "nan", "inf", "-Infinity", "1000000000.01", "1e10"),
        *("0.00000000001", "1e-11", "1e-999999999", "1e999999999", "١٠ $", "1_0 0"),
    ],
)
def test_what_is_no_amount_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(BadRequestError, match="amount"):
        amount_of(text)


@given(amount=money)
def test_equal_amounts_read_equal_and_lose_nothing(amount: Decimal) -> None:
    assert Decimal(plain(amount)) == amount
    assert plain(amount.normalize()) == plain(amount)
