"""The geometry of plots."""

import itertools
import math
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palais.domain.forecast import Forecast
from palais.domain.spending import NOTHING, Spent, total
from palais.web import plots
from palais.web.course import course
from palais.web.plots import HEIGHT, scale
from palais.web.spending import Day, Today
from palais.web.stacks import SERIES, in_dollars, of_agents, stacks

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (0, [0, 1]),
        (0.9, [0, 0.5, 1]),
        (1, [0, 0.5, 1]),
        (3, [0, 1, 2, 3]),
        (13.4, [0, 5, 10, 15]),
        (0.0031, [0, 0.001, 0.002, 0.003, 0.004]),
        (1_500_000, [0, 500_000, 1_000_000, 1_500_000]),
        (math.inf, [0, 1]),
    ],
)
def test_an_axis_has_steps_of_one_two_or_five(highest: float, ticks: list[float]) -> None:
    assert scale(highest).ticks == pytest.approx(ticks)


@given(st.floats(1e-9, 1e15))
def test_an_axis_holds_its_figure_and_is_no_higher_than_it_must_be(highest: float) -> None:
    axis = scale(highest)

    digit = float(f"{axis.step:e}".partition("e")[0])
    assert round(digit, 6) in {1, 2, 5}
    assert highest <= axis.top * (1 + 1e-6)
    assert axis.top - axis.step < highest
    assert len(axis.ticks) <= 5


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=6))
def test_parts_stand_on_one_another_and_within_the_plot(values: list[float]) -> None:
    axis = scale(sum(values))

    parts = plots.stacked(values, axis)

    assert [part.series for part in parts] == [n for n, value in enumerate(values) if value > 0]
    assert all(-plots.LEAST <= part.y <= part.y + part.height <= HEIGHT for part in parts)
    assert all(part.height >= plots.LEAST for part in parts)
    for lower, upper in itertools.pairwise(parts):
        assert upper.y <= lower.y + 0.02


def test_columns_fill_the_width_and_do_not_touch() -> None:
    found = plots.places(30)

    assert (found[0].left, found[-1].left + found[-1].room) == (0, pytest.approx(100, abs=0.01))
    assert all(a.x + a.width < b.x for a, b in itertools.pairwise(found))


@pytest.mark.parametrize(("days", "labels"), [(1, 1), (7, 7), (30, 5), (90, 7), (366, 7)])
def test_the_last_day_has_a_label_and_there_are_never_too_many(days: int, labels: int) -> None:
    found = plots.labelled(days)

    assert days - 1 in found
    assert len(found) == labels


def test_a_day_is_summed_up_to_now() -> None:
    assert plots.summed([1.0, 2.0, 4.0], 1.5) == [(0.0, 0.0), (1.0, 1.0), (1.5, 3.0)]
    assert len(plots.summed([1.0] * 24)) == 25


def spent(cost: float | None, calls: int = 1) -> Spent:
    return Spent(calls, 10, known=cost or 0.0, unpriced_calls=calls if cost is None else 0)


def day(number: int, *, unseen: float = 0.0, kept: bool = True, **agents: float | None) -> Day:
    its = {name: spent(cost) for name, cost in agents.items()}
    return Day(MONDAY + timedelta(days=number), its, {}, unseen, kept)


def test_the_first_series_is_the_dearest_and_many_are_put_together() -> None:
    names = [f"a{number}" for number in range(10)]
    days = [day(0, **{name: float(n) for n, name in enumerate(names, 1)}), day(1, a0=100.0)]

    plot = stacks(days, of_agents, in_dollars)

    assert [one.name for one in plot.series] == ["a0", "a9", "a8", "a7", "a6", None]
    assert plot.series[-1].many == 10 - SERIES
    assert [one.known for one in plot.columns[0].spent] == [1.0, 10.0, 9.0, 8.0, 7.0, 20.0]
    assert total(one.spent for one in plot.series) == total(one.spent for one in days)


def test_one_alone_is_called_by_its_name_rather_than_the_others() -> None:
    plot = stacks([day(0, **{f"a{n}": 1.0 for n in range(6)})], of_agents, in_dollars)

    assert [one.name for one in plot.series] == [f"a{n}" for n in range(6)]


def test_plots_beside_each_other_show_the_same_in_the_same_place() -> None:
    days = [day(0, a=1.0, b=3.0, c=2.0)]
    by_cost = stacks(days, of_agents, in_dollars)

    beside = stacks(days, of_agents, lambda one: 10 - one.known, beside=by_cost)

    assert [one.name for one in beside.series] == [one.name for one in by_cost.series]


def test_today_reaches_up_to_its_forecast() -> None:
    plot = stacks([day(0, a=8.0), day(1, a=2.0)], of_agents, in_dollars, 10.0)

    first, last = plot.columns
    assert (first.ghost, last.ghost) == (None, 0.0)
    assert plot.axis.top == 10.0


def test_a_period_without_anything_is_an_empty_plot() -> None:
    plot = stacks([day(0), day(1, kept=False)], of_agents, in_dollars)

    assert plot.empty
    assert [column.parts for column in plot.columns] == [[], []]


@pytest.mark.parametrize(
    ("of", "told"),
    [
        (day(0, a=1.0), spent(1.0)),
        (day(0), NOTHING),
        (day(0, unseen=0.4), NOTHING),
        (day(0, unseen=0.9), None),
        (day(0, unseen=0.9, a=1.0), spent(1.0)),
        (day(0, kept=False), None),
    ],
)
def test_a_day_without_data_is_nothing_only_where_it_was_observed(
    of: Day, told: Spent | None
) -> None:
    assert of.told == told


def test_the_course_of_a_day_ends_now_and_goes_on_to_its_forecast() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    hours = [spent(1.0)] * 12 + [NOTHING] * 12
    blind = [(now - timedelta(hours=20), now - timedelta(hours=6))]

    plot = course(
        Today(now, hours, [spent(1.0)] * 24, spent(12.0, 12), before_kept=True,
              forecast=Forecast(24.0, 20.0, 30.0, 7), unseen=blind)
    )  # fmt: skip

    assert plot.axis.top == 30.0
    assert plot.now == (50.0, HEIGHT * 0.6)
    assert plot.today.startswith(f"M0 {HEIGHT}")
    assert plot.today.endswith("L720 120")
    assert plot.before.endswith("L1440 40")
    assert plot.ahead == "M720 120L1440 40"
    assert plot.unseen == [(0.0, pytest.approx(25.0))]
    assert re.fullmatch(r"[MLZ\d .]+", plot.band + plot.ground)


def test_without_a_week_of_history_there_is_only_today() -> None:
    now = datetime(2026, 11, 23, 6, tzinfo=UTC)

    plot = course(
        Today(now, [NOTHING] * 24, [NOTHING] * 24, NOTHING, before_kept=False,
              forecast=None, unseen=[])
    )  # fmt: skip

    assert (plot.before, plot.ahead, plot.band) == ("", "", "")


def test_a_ledger_that_began_today_has_no_course_before_that() -> None:
    now = datetime(2026, 11, 23, 10, tzinfo=UTC)
    hours = [NOTHING] * 8 + [spent(1.0)] * 2 + [NOTHING] * 14

    plot = course(
        Today(now, hours, [NOTHING] * 24, NOTHING, before_kept=False, forecast=None, unseen=[],
              since=8)
    )  # fmt: skip

    assert plot.today == f"M480 {HEIGHT}L540 100L600 0"
