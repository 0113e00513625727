"""Totals and calls: whatever is told first, and however often, the ledger has it once."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from palais.domain.changes import UsageAdded
from palais.domain.court import apply
from palais.domain.events import Event, Usage, UsageReported
from palais.domain.ledger import dated
from palais.domain.step import Court
from tests.domain.story import T0, Story, ended, listed, seen, usage

RUN = "a"
HOUR = 3_600_000


def call(key: str, tokens: int = 10, cost: float | None = 0.5) -> Event:
    return UsageReported(key, "builder", T0, usage(tokens, cost), RUN)


def total(tokens: int | None = None, cost: float | None = None, at: int = T0 + 1000) -> Event:
    return ended(RUN, at=at, tokens=tokens, cost=cost)


def court(*events: Event) -> Story:
    return Story(listed("builder"), seen(RUN), *events)


def entries(story: Story) -> list[tuple[str, int, float | None]]:
    added = [it for it in story.changes if isinstance(it, UsageAdded)]
    return [(it.key, it.usage.tokens, it.usage.cost) for it in added]


def test_a_total_without_calls_is_one_entry_whose_division_nobody_knows() -> None:
    story = court(ended(RUN, tokens=100, cost=0.25, model="mock/large"))
    assert story.run(RUN).usage == {
        "total": Usage(total=100, cost=0.25, model="mock/large", at=T0 + 1000)
    }
    assert (story.run(RUN).tokens, story.run(RUN).cost) == (100, 0.25)
    assert story.logged("session.completed")[0].fields["tokens"] == 100


def test_a_larger_total_adds_what_the_calls_before_it_leave() -> None:
    story = court(call("k1"), call("k2"), total(100, 1.5))
    assert entries(story) == [("k1", 10, 0.5), ("k2", 10, 0.5), ("total", 80, 0.5)]
    assert (story.run(RUN).tokens, story.run(RUN).cost) == (100, 1.5)


@pytest.mark.parametrize("told", [(20, 1.0), (5, 0.1), (0, 0.0), (None, None)])
def test_a_total_that_is_no_larger_adds_nothing(told: tuple[int | None, float | None]) -> None:
    story = court(call("k1"), call("k2"), total(*told))
    assert entries(story) == [("k1", 10, 0.5), ("k2", 10, 0.5)]
    assert (story.run(RUN).tokens, story.run(RUN).cost) == (20, 1.0)


def test_a_total_told_again_counts_once_and_one_corrected_upward_its_difference() -> None:
    story = court(total(100, 0.25), total(100, 0.25), total(150, 0.75), total(120, 0.5))
    assert [entry[1:] for entry in entries(story)] == [(100, 0.25), (50, 0.5)]
    assert (story.run(RUN).tokens, story.run(RUN).cost) == (150, 0.75)
    assert [line.fields["tokens"] for line in story.logged("session.updated")] == [150]


def test_a_call_told_after_the_total_is_in_it() -> None:
    story = court(total(100, 0.25), call("k"))
    assert entries(story) == [("total", 100, 0.25)]


def test_a_call_told_after_a_total_of_the_cost_alone_brings_its_tokens() -> None:
    story = court(total(cost=0.25), call("k"))
    assert entries(story) == [("total", 0, 0.25), ("k", 10, 0.0)]
    assert (story.run(RUN).tokens, story.run(RUN).cost) == (10, 0.25)


def test_a_total_without_a_cost_leaves_the_cost_unknown() -> None:
    story = court(call("k"), total(100))
    assert entries(story) == [("k", 10, 0.5), ("total", 90, None)]
    assert story.run(RUN).cost is None


def test_the_total_s_cost_is_the_run_s_also_where_calls_have_none() -> None:
    story = court(call("k", cost=None), total(10, 0.25))
    assert entries(story) == [("k", 10, None), ("total", 0, 0.25)]
    assert (story.run(RUN).tokens, story.run(RUN).cost) == (10, 0.25)


def test_a_total_of_nothing_is_no_entry_and_still_no_unknown() -> None:
    story = court(total(0, 0.0))
    assert entries(story) == []
    assert (story.run(RUN).tokens, story.run(RUN).cost) == (0, 0.0)


COSTS = [None, 0.0, 0.5, 0.75]
CALLS = some.builds(call, some.sampled_from("abc"), some.integers(0, 99), some.sampled_from(COSTS))
TOTALS = some.builds(
    total,
    some.none() | some.integers(0, 300),
    some.none() | some.sampled_from([0.0, 0.5, 2.0]),
    some.integers(T0, T0 + 5000),
)
EVENTS = some.lists(CALLS | TOTALS | some.just(seen(RUN, T0 + 9000)), max_size=12)


@given(told=EVENTS)
def test_a_run_has_what_its_entries_add_up_to_in_every_order(told: list[Event]) -> None:
    story = court(*told, *told)
    run, added = story.run(RUN), entries(story)
    assert len({key for key, _, _ in added}) == len(added)
    assert run.tokens in {sum(tokens for _, tokens, _ in added), run.reported_tokens}
    assert run.tokens or not sum(tokens for _, tokens, _ in added)
    known = sum(cost for _, _, cost in added if cost is not None)
    if added and run.cost is not None:
        assert run.cost == pytest.approx(known)
    assert all(tokens >= 0 and (cost is None or cost >= 0) for _, tokens, cost in added)


@given(
    calls=some.dictionaries(some.sampled_from("abcdef"), some.integers(1, 99)),
    rest=some.integers(0, 99),
    data=some.data(),
)
def test_whoever_tells_the_truth_gets_the_same_sums_in_every_order(
    calls: dict[str, int], rest: int, data: some.DataObject
) -> None:
    whole = sum(calls.values()) + rest
    told = [call(key, tokens, tokens / 8) for key, tokens in calls.items()]
    ends = [total(whole, whole / 8), total(whole, whole / 8)]
    story = court(*data.draw(some.permutations([*told, *told, *ends])))
    assert (story.run(RUN).tokens or 0) == whole == sum(it[1] for it in entries(story))
    assert story.run(RUN).cost == pytest.approx(whole / 8)


def test_the_court_before_an_event_is_left_as_it_was() -> None:
    before = court(call("k")).court
    after, _ = apply(before, total(100))
    assert list(before.open[RUN].usage) == ["k"]
    assert list(after.ended[RUN].usage) == ["k", "total"]
    assert isinstance(after, Court)


@pytest.mark.parametrize(
    ("at", "kept"),
    [
        (T0, T0),
        (T0 - 400 * 24 * HOUR, T0 - 400 * 24 * HOUR),
        (T0 + HOUR, T0 + HOUR),
        (T0 + HOUR + 1, T0),
        (253_402_300_799_999, T0),
        (T0 // 1000, T0),
        (0, T0),
    ],
)
def test_a_call_of_an_impossible_time_is_dated_by_when_it_was_heard_of(at: int, kept: int) -> None:
    event = UsageReported("k", "builder", T0, Usage(tokens_in=1, at=at), RUN)

    told = dated(event, T0)

    assert isinstance(told, UsageReported)
    assert told.usage.at == kept
