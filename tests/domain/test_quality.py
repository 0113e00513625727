"""What a run was worth, by its own steps."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palais.domain.agent import Run
from palais.domain.changes import RunChanged
from palais.domain.events import RunStatus, Span, SpanCompleted, SpanStarted
from palais.domain.quality import confidence, noted, unrated
from tests.domain.story import T0, Story, ended, listed, seen

OVER = (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.TIMEOUT)


def rated(*steps: Span, status: RunStatus = RunStatus.COMPLETED, **known: Any) -> float | None:
    kept = {one.id: one for one in steps}
    calls = noted({}, *steps)
    return confidence(Run("r", "builder", status, steps=kept, calls=calls, **known))


def llm(id_: str, at: int, status: str = "ok") -> Span:
    return Span(id_, "llm_call", "mock", status=status, started_at=T0 + at)


def tool(id_: str, input_: str | None = None, status: str = "ok") -> Span:
    return Span(id_, "tool_call", "exec", status=status, input=input_, started_at=T0)


spans = st.builds(
    Span,
    id=st.uuids().map(str),
    type=st.sampled_from(["llm_call", "tool_call", "decision", "delegation"]),
    name=st.sampled_from(["exec", "read"]),
    status=st.sampled_from(["ok", "error", "aborted", "lost", "running", None]),
    input=st.sampled_from([None, "", "ls", "pwd"]),
    error=st.sampled_from([None, "no such file"]),
    started_at=st.none() | st.integers(T0, T0 + 5),
)
stories = st.lists(spans, min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("steps", "worth"),
    [
        ([llm("a", 0)], 1.0),
        ([llm("a", 0), tool("b", status="error")], 0.75),
        ([tool("a", status="error")], 0.5),
        ([llm("a", 0, "error"), llm("b", 1)], round(0.75 * 0.9, 2)),
        ([llm("a", 0), llm("b", 1, "error")], 0.75),
        ([tool("a", "ls"), tool("b", "ls")], 0.85),
        ([tool("a", "ls"), tool("b", "ls"), tool("c", "ls")], 0.72),
        ([tool("a", "ls"), tool("b", "pwd")], 1.0),
        ([tool("a"), tool("b")], 1.0),
        ([llm("a", 0), llm("b", 1)], 1.0),
    ],
)
def test_errors_retries_and_loops_each_cost_what_the_formula_says(
    steps: list[Span], worth: float
) -> None:
    assert rated(*steps) == worth


def test_a_failed_run_is_worth_less_whatever_its_steps_say() -> None:
    assert rated(llm("a", 0), status=RunStatus.FAILED) == 0.3
    assert rated(llm("a", 0), status=RunStatus.TIMEOUT) == 0.3


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({"status": RunStatus.RUNNING}, "running"),
        ({"status": RunStatus.ABORTED}, "aborted"),
        ({"status": RunStatus.LOST}, "lost"),
        ({"partial": True}, "steps"),
    ],
)
def test_what_nothing_tells_of_is_not_rated_and_why(known: dict[str, Any], why: str) -> None:
    assert rated(llm("a", 0), **known) is None
    assert unrated(known.get("status", RunStatus.COMPLETED)) == why


def test_a_run_without_steps_is_not_rated() -> None:
    assert rated() is None


@given(steps=stories, status=st.sampled_from(OVER))
def test_a_rating_lies_between_0_and_1(steps: list[Span], status: RunStatus) -> None:
    worth = rated(*steps, status=status)

    assert worth is not None
    assert 0 <= worth <= 1
    assert worth == round(worth, 2)


@given(steps=stories, data=st.data())
def test_one_more_error_never_raises_a_rating(steps: list[Span], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(steps) - 1))
    worse = [*steps[:place], replace(steps[place], status="error"), *steps[place + 1 :]]
    more = [*steps, replace(data.draw(spans), status="error")]

    before = rated(*steps) or 0.0
    assert (rated(*worse) or 0.0) <= before
    assert (rated(*more) or 0.0) <= before


@given(steps=stories, data=st.data())
def test_the_order_of_steps_does_not_matter(steps: list[Span], data: st.DataObject) -> None:
    assert rated(*data.draw(st.permutations(steps))) == rated(*steps)


def step(status: str = "ok", id_: str = "s1") -> SpanCompleted:
    return SpanCompleted("builder", replace(tool(id_, "ls"), status=status), T0 + 500, "a")


def test_the_end_of_a_run_tells_what_it_was_worth() -> None:
    story = Story(listed("builder"), seen("a"), step(), ended("a"))

    [line] = story.logged("session.completed")
    assert line.fields["confidence"] == 1.0


def test_a_late_step_that_changes_it_is_told_to_the_store_once() -> None:
    story = Story(listed("builder"), seen("a"), step(), ended("a"))

    told = Story(court=story.court)
    told.tell(step("error", "s2"), step("error", "s2"))

    [change] = [one for one in told.changes if isinstance(one, RunChanged)]
    assert change.run.run_id == "a"
    assert confidence(told.run("a")) == 0.64


def test_a_late_step_that_changes_nothing_is_no_news_of_the_run() -> None:
    story = Story(listed("builder"), seen("a"), step(), ended("a"))
    other = replace(step(), span=tool("s2", "pwd"))

    told = Story(court=story.court)
    told.tell(other)

    assert not any(isinstance(one, RunChanged) for one in told.changes)


def test_what_was_done_is_kept_in_mind_though_only_of_the_latest_calls() -> None:
    many = [tool(f"s{number}", str(number)) for number in range(300)]

    calls = noted(noted({}, *many), tool("again", "299"))

    assert len(calls) == 256
    assert list(calls)[-2:] == ["s299", "again"]
    assert len(set(calls.values())) == 255


@pytest.mark.parametrize("count", [300, 500, 3_000])
def test_of_a_long_run_all_steps_count_in_mind_or_not(count: int) -> None:
    many = [tool(f"s{number}", status="error" if number % 2 else "ok") for number in range(count)]
    calls = [llm(f"m{number}", number, "error") for number in range(3)]

    story = Story(listed("builder"), seen("a"))
    story.tell(
        *(replace(step(), span=one) for one in [*calls, *many, llm("last", count)]), ended("a")
    )

    errors = count // 2 + 3
    worth = (1 - errors / (2 * (count + 4))) * 0.9**3
    assert confidence(story.run("a")) == round(worth, 2)


def test_a_step_that_ends_after_hundreds_of_others_is_one_step() -> None:
    begun = SpanStarted("builder", replace(tool("long"), status="running"), T0, "a")
    many = [replace(step(), span=tool(f"s{number}")) for number in range(400)]
    more = [replace(step(), span=tool(f"t{number}")) for number in range(100)]
    end = replace(step(), span=tool("long"))

    story = Story(listed("builder"), seen("a"), begun, *many, end, *more, end)

    run = story.run("a")
    assert len(run.steps) + run.forgotten.steps == 501
