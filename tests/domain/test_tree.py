"""A list of steps becomes one tree, whatever its order and whatever is wrong with it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from palais.domain.rollup import together, totals
from palais.domain.tree import Node, forest, walk

START = datetime(2026, 11, 23, 8, tzinfo=UTC)


def at(seconds: float | None) -> datetime | None:
    return None if seconds is None else START + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Made:
    id: str
    parent_id: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_ms: int | None = None
    type: str = "tool_call"
    status: str | None = "ok"
    tokens: int | None = None
    cost: float | None = None


IDS = [f"s{number}" for number in range(12)]


@some.composite
def lists(draw: some.DrawFn) -> list[Made]:
    """Draw steps with any parents: known, unknown, each other's, their own."""
    ids = draw(some.lists(some.sampled_from(IDS), unique=True))
    seconds = some.one_of(some.none(), some.integers(0, 9))
    return [
        Made(
            one,
            draw(some.one_of(some.none(), some.sampled_from(IDS))),
            at(draw(seconds)),
            at(draw(seconds)),
            type=draw(some.sampled_from(["llm_call", "tool_call", "delegation"])),
            status=draw(some.sampled_from(["ok", "error", "running", None])),
            tokens=draw(some.one_of(some.none(), some.integers(0, 50))),
        )
        for one in ids
    ]


def shape(roots: list[Node[Made]]) -> list[tuple[int, str]]:
    return [(node.depth, node.step.id) for node in walk(roots)]


@given(lists(), some.randoms(use_true_random=False))
def test_any_order_of_the_list_gives_the_same_tree(steps: list[Made], random: Random) -> None:
    other = random.sample(steps, len(steps))

    assert shape(forest(other)) == shape(forest(steps))
    assert totals(forest(other)) == totals(forest(steps))


@given(lists())
def test_every_step_is_in_the_tree_once_and_below_its_parent_unless_that_is_cut(
    steps: list[Made],
) -> None:
    roots = forest(steps)

    assert sorted(node.step.id for node in walk(roots)) == sorted(one.id for one in steps)
    for node in walk(roots):
        assert all(child.step.parent_id == node.step.id for child in node.children)
        assert all(child.depth == node.depth + 1 for child in node.children)
        assert node.children == sorted(
            node.children, key=lambda one: (one.step.started_at or at(99), one.step.id)
        )


@given(lists())
def test_what_all_roots_come_to_counts_every_step_and_error_once(steps: list[Made]) -> None:
    roots = forest(steps)
    sums = totals(roots)
    whole = together([sums[root.step.id] for root in roots])

    assert whole.steps == len(steps)
    assert whole.errors == sum(one.status == "error" for one in steps)


@given(lists())
def test_an_orphan_and_the_first_of_a_circle_stand_at_the_top(steps: list[Made]) -> None:
    top = {root.step.id for root in forest(steps)}
    known = {one.id: one for one in steps}

    assert top >= {one.id for one in steps if one.parent_id not in known}
    assert bool(top) == bool(steps)


def test_a_circle_is_cut_at_its_earliest_step_wherever_it_is_entered() -> None:
    circle = [Made("a", "c", at(3)), Made("b", "a", at(1)), Made("c", "b", at(2))]

    assert shape(forest([*circle, Made("tail", "a", at(0))])) == [
        (0, "b"),
        (1, "c"),
        (2, "a"),
        (3, "tail"),
    ]


def test_a_chain_of_ten_thousand_is_as_good_as_any() -> None:
    chain = [Made(f"{n:05}", f"{n - 1:05}", at(n)) for n in range(10_000)]

    roots = forest(reversed(chain))

    assert [node.depth for node in walk(roots)] == list(range(10_000))
    assert totals(roots)["00000"].steps == 10_000


def test_a_parent_comes_to_its_own_and_all_below_it() -> None:
    steps = [
        Made("call", None, at(0), at(10), type="llm_call", tokens=100, cost=0.5),
        Made("tool", "call", at(2), at(6)),
        Made("inner", "tool", at(5), at(12), type="llm_call", tokens=7, cost=0.25),
        Made("failed", "call", at(7), at(8), status="error"),
    ]

    total = totals(forest(steps))["call"]

    assert (total.steps, total.errors) == (4, 1)
    assert (total.tokens, total.cost) == (107, 0.75)
    assert (total.duration_ms, total.own_ms) == (12_000, 5_000)
    assert (total.uncounted, total.unpriced) == (0, 0)


def test_an_unknown_part_is_counted_as_such_and_never_as_nothing() -> None:
    steps = [
        Made("call", None, at(0), at(1), type="llm_call"),
        Made("next", None, at(1), at(2), type="llm_call", tokens=5, cost=0.0),
        Made("tool", "call", at(1), at(2)),
    ]
    sums = totals(forest(steps))

    assert (sums["call"].tokens, sums["call"].uncounted) == (None, 1)
    assert (sums["call"].cost, sums["call"].unpriced) == (None, 1)
    assert (sums["next"].cost, sums["next"].unpriced) == (0.0, 0)
    assert (sums["tool"].cost, sums["tool"].unpriced) == (None, 0)
    whole = together([sums["call"], sums["next"]])
    assert (whole.cost, whole.unpriced) == (0.0, 1)


@pytest.mark.parametrize("below", [True, False])
def test_what_was_delegated_is_counted_once(below: bool) -> None:
    steps = [Made("handed", None, at(0), at(9), type="delegation", tokens=30, cost=0.3)]
    if below:
        steps.append(Made("call", "handed", at(1), at(2), type="llm_call", tokens=28, cost=0.2))

    total = totals(forest(steps))["handed"]

    assert (total.tokens, total.cost) == ((28, 0.2) if below else (30, 0.3))


def test_what_has_no_end_has_no_duration_and_one_that_says_how_long_has_an_end() -> None:
    steps = [Made("open", None, at(0)), Made("said", None, at(1), duration_ms=1500)]
    sums = totals(forest(steps))

    assert (sums["open"].duration_ms, sums["open"].own_ms) == (None, None)
    assert (sums["said"].duration_ms, sums["said"].ended_at) == (1500, at(2.5))
