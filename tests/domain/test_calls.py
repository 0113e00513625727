"""Model calls are added up once each, and what was counted before does not change."""

import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palais.domain.calls import Calls
from palais.domain.court import apply
from palais.domain.events import Usage, UsageReported
from palais.domain.step import Court
from tests.domain.story import T0, Story, listed, seen, usage

keys = st.sampled_from("abcdef")
costs = st.none() | st.integers(0, 40).map(lambda eighths: eighths / 8)


@given(st.lists(st.tuples(st.integers(0, 20), keys, st.integers(0, 9), costs), max_size=25))
def test_each_of_several_that_share_calls_sees_its_own(
    steps: list[tuple[int, str, int, float | None]],
) -> None:
    made: list[tuple[Calls, dict[str, Usage]]] = [(Calls(), {})]
    for which, key, tokens, cost in steps:
        calls, whole = made[which % len(made)]
        made.append((calls.plus(key, usage(tokens, cost)), {key: usage(tokens, cost), **whole}))

    for calls, whole in made:
        assert calls == whole
        assert whole == calls
        assert calls == Calls(whole)
        assert sorted(calls) == sorted(whole)
        assert calls.tokens == sum(one.tokens for one in whole.values())
        assert calls.cost == sum(one.cost or 0 for one in whole.values())
        assert calls.unpriced == sum(one.cost is None for one in whole.values())
        assert all((key in calls) is (key in whole) for key in "abcdef")


def test_a_call_that_another_has_counted_is_not_among_these() -> None:
    none = Calls()
    none.plus("a", usage())

    with pytest.raises(KeyError):
        none["a"]
    assert none.get("a") is None


def effort(court: Court, event: UsageReported) -> int:
    """Return how many calls of Python and C functions it takes to apply an event."""
    count = 0

    def counted(_frame: FrameType, what: str, _arg: Any) -> None:
        nonlocal count
        count += what in {"call", "c_call"}

    sys.setprofile(counted)
    try:
        apply(court, event)
    finally:
        sys.setprofile(None)
    return count


def test_a_call_takes_no_longer_to_count_however_many_were_counted_before() -> None:
    def call(number: int) -> UsageReported:
        return UsageReported(f"k{number}", "builder", T0, usage(), "a")

    story = Story(listed("builder"), seen("a"), *(call(number) for number in range(10)))
    few = effort(story.court, call(2_000))
    story.tell(*(call(number) for number in range(10, 1_000)))

    assert effort(story.court, call(2_000)) <= few + 10
