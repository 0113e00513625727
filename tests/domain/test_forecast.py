"""What a day will have cost at midnight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palais.domain.forecast import ENOUGH, FASTEST, forecast
from palais.domain.spending import NOTHING, Difference, Spent, by_rank, difference, total

EVENLY = [1.0] * 24
AT_NIGHT = [0.0] * 12 + [2.0] * 12
WEEK = [EVENLY] * 7

money = st.floats(0, 1e6)
hours = st.lists(money, min_size=24, max_size=24)
days = st.lists(hours, min_size=ENOUGH, max_size=7)
moments = st.floats(0, 24)


@pytest.mark.parametrize(
    ("spent", "days", "elapsed", "cost"),
    [
        (12.0, WEEK, 12.0, 24.0),
        (12.5, WEEK, 12.5, 24.0),
        (24.0, WEEK, 12.0, 42.0),  # twice as fast, which half of the day bears out: 24 + 12 * 1.5
        (0.0, WEEK, 0.0, 24.0),
        (5.0, [AT_NIGHT] * 3, 12.0, 29.0),  # nothing to compare with: at their own pace
        (0.0, [[0.0] * 24] * 3, 6.0, 0.0),
    ],
)
def test_what_is_left_is_taken_at_the_pace_of_the_days_before(
    spent: float, days: list[list[float]], elapsed: float, cost: float
) -> None:
    told = forecast(spent, days, elapsed)

    assert told
    assert told.cost == pytest.approx(cost)
    assert told.days == len(days)


def test_the_bounds_are_the_quietest_and_the_dearest_rest_of_those_days() -> None:
    told = forecast(12.0, [EVENLY, [2.0] * 24, [0.0] * 24], 12.0)

    assert told
    assert (told.low, told.cost, told.high) == pytest.approx((12.0, 24.0, 36.0))


def test_one_dear_morning_does_not_foretell_more_than_four_times_the_usual() -> None:
    told = forecast(1000.0, WEEK, 12.0)

    assert told
    assert told.cost - 1000.0 <= 12.0 * FASTEST


@pytest.mark.parametrize("known", range(ENOUGH))
def test_too_little_history_foretells_nothing(known: int) -> None:
    assert forecast(1.0, WEEK[:known], 12.0) is None


@given(money, days, moments)
def test_it_is_never_less_than_what_is_spent_and_lies_within_its_bounds(
    spent: float, days: list[list[float]], elapsed: float
) -> None:
    told = forecast(spent, days, elapsed)

    assert told
    assert spent <= told.low <= told.cost <= told.high


@given(money, days)
def test_at_midnight_it_is_what_was_spent(spent: float, days: list[list[float]]) -> None:
    told = forecast(spent, days, 24.0)

    assert told
    assert told.low == told.cost == told.high == spent


@given(days, moments)
def test_a_day_like_the_days_before_comes_to_what_they_did(
    days: list[list[float]], elapsed: float
) -> None:
    usual = [sum(hour) / len(days) for hour in zip(*days, strict=True)]
    whole = int(elapsed)

    told = forecast(sum(usual[:whole]), days, whole)

    assert told
    assert told.cost == pytest.approx(sum(usual))


def spent(known: float, calls: int = 1, unpriced: int = 0) -> Spent:
    return Spent(calls=calls, known=known, unpriced_calls=unpriced)


@pytest.mark.parametrize(
    ("now", "then", "told"),
    [
        (spent(3.0), spent(2.0), Difference(1.0, 0.5)),
        (spent(1.0), spent(2.0), Difference(-1.0, -0.5)),
        (spent(1.0), NOTHING, Difference(1.0, None)),
        (NOTHING, NOTHING, Difference(0.0, None)),
        (spent(0.0, unpriced=1), spent(2.0), None),
        (spent(1.0), spent(0.0, unpriced=1), None),
    ],
)
def test_a_difference_is_told_where_both_costs_are_known(
    now: Spent, then: Spent, told: Difference | None
) -> None:
    assert difference(now, then) == told


sums = st.builds(
    Spent, *(st.integers(0, 10**12) for _ in range(6)), st.integers(0, 10**6).map(float)
)


@given(st.lists(st.tuples(st.sampled_from("abc"), sums)))
def test_ranks_lose_nothing_and_the_dearest_is_first(parts: list[tuple[str, Spent]]) -> None:
    ranked = by_rank(parts)

    assert total(one for _, one in ranked) == total(one for _, one in parts)
    assert [one.known for _, one in ranked] == sorted(
        (one.known for _, one in ranked), reverse=True
    )
    assert len({name for name, _ in ranked}) == len(ranked)
