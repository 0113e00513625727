"""Medians, ratios and the printed table."""

import math

from bench import table
from bench.rows import Row, at_least, at_most, below


def test_a_ratio_is_taken_within_each_run() -> None:
    row = Row("rate", "events/s", {"palais": [100, 10, 1000], "seed": [10, 2, 10]})

    assert row.median("palais") == 100
    assert row.ratio("seed") == 10


def test_a_failed_run_leaves_no_figure_and_misses_every_goal() -> None:
    row = Row("rate", "events/s", {"palais": [100, math.nan], "seed": [10, 10]})

    assert math.isnan(row.median("palais"))
    assert math.isnan(row.ratio("seed"))
    assert not at_least(1, "seed").met(row)
    assert not at_most(100, "seed").met(row)
    assert not below(1000, "s").met(row)


def test_goals_are_met_at_their_very_limit() -> None:
    row = Row("rate", "events/s", {"palais": [50], "seed": [10]})

    assert at_least(5, "seed").met(row)
    assert not at_least(5.1, "seed").met(row)
    assert at_most(5, "seed").met(row)
    assert below(50, "events/s").met(row)


def test_the_table_shows_ratio_goal_and_whether_it_is_reached() -> None:
    row = Row("rate", "events/s", {"palais": [12_000], "seed": [2_000]}, goal=at_least(5, "seed"))

    _, line = table.ratios([row]).splitlines()

    assert " ".join(line.split()) == "rate events/s 12,000 6.0× – – – – ≥ 5× seed reached"


def test_the_small_print_has_every_run_and_every_note() -> None:
    row = Row("rate", "events/s", {"palais": [1, 2, math.nan]}, notes=["a note"])
    row.out_of_order["palais"] = 0.25

    text = table.small_print([row])

    assert "Palais: failed of 1.0, 2.0, failed; up to 25% out of order" in text
    assert "a note" in text
