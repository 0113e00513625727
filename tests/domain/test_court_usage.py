"""What runs consumed and which steps they took: each counted and told once."""

import pytest

from palais.domain import spans
from palais.domain.changes import UsageAdded
from palais.domain.events import Event, Span, SpanCompleted, SpanStarted, UsageReported
from tests.domain.story import T0, Story, ended, listed, news, seen, usage

MAIN = "agent:builder:main"


def court(*events: Event) -> Story:
    return Story(listed("builder", "writer"), *events)


def spent(key: str, run_id: str | None = "a", cost: float | None = 0.5, at: int = T0) -> Event:
    return UsageReported(key, "builder", at, usage(10, cost), run_id, MAIN)


def call(span_id: str = "s", **more: object) -> Span:
    return Span(span_id, "tool_call", "exec", **more)  # type: ignore[arg-type]


def begun(span_id: str = "s", at: int = T0, **more: object) -> Event:
    return SpanStarted("builder", call(span_id, status="running", **more), at, "a")


def done(span_id: str = "s", at: int = T0 + 5, status: str = "ok", **more: object) -> Event:
    return SpanCompleted("builder", call(span_id, status=status, **more), at, "a")


def test_a_model_call_is_counted_once_however_often_it_is_reported() -> None:
    story = court(seen("a"), spent("k"))
    assert news(story.tell(spent("k"), spent("k", at=T0 + 5000))) == []
    assert (story.run("a").tokens, story.run("a").cost) == (10, 0.5)
    assert len([it for it in story.changes if isinstance(it, UsageAdded)]) == 1
    assert len(story.logged("session.updated")) == 1


def test_two_calls_add_up() -> None:
    story = court(seen("a"), spent("k1"), spent("k2", cost=0.25))
    assert (story.run("a").tokens, story.run("a").cost) == (20, 0.75)


def test_a_late_usage_report_is_counted_after_the_run_ended() -> None:
    story = court(seen("a"), ended("a"), spent("k", at=T0 + 60_000))
    run = story.run("a")
    assert (run.status.value, run.tokens, run.ended_at) == ("completed", 10, T0 + 1000)
    assert story.logged("session.updated")[-1].fields["tokens"] == 10
    assert story.agent().status == "idle"


def test_a_call_without_a_price_makes_the_runs_cost_unknown() -> None:
    story = court(seen("a"), spent("k1"), spent("k2", cost=None))
    assert (story.run("a").tokens, story.run("a").cost) == (20, None)
    assert story.logged("session.updated")[-1].fields["cost"] is None


def test_a_call_of_an_unknown_run_is_not_counted_to_another() -> None:
    story = court(seen("a"))
    story.tell(spent("k", "unknown"))
    assert story.run("a").tokens is None
    assert story.court.run("unknown") is None


def test_a_call_without_a_run_is_counted_to_the_running_one_of_its_conversation() -> None:
    story = court(seen("old"), ended("old"), seen("other", conversation="agent:builder:x"))
    story.tell(seen("a", T0 + 2000), spent("k", None, at=T0 + 3000))
    assert [story.run(run_id).tokens for run_id in ("old", "other", "a")] == [None, None, 10]


def test_a_call_without_a_run_is_counted_to_the_last_one_where_none_is_running() -> None:
    story = court(seen("old"), ended("old"), seen("a", T0 + 2000), ended("a", at=T0 + 3000))
    story.tell(spent("k", None, at=T0 + 2900))
    assert [story.run(run_id).tokens for run_id in ("old", "a")] == [None, 10]


def test_the_model_and_the_answer_of_a_call_are_those_of_its_run() -> None:
    story = court(seen("a"))
    told = usage(10, model="mock/large")
    story.tell(UsageReported("k", "builder", T0, told, "a", MAIN, text="An answer"))
    assert (story.run("a").model, story.run("a").summary) == ("mock/large", "An answer")


def test_a_step_is_told_at_its_start_and_at_its_end() -> None:
    story = court(seen("a"), begun(title="List"), done(output="out"))
    (start,) = story.logged("span.started")
    (end,) = story.logged("span.completed")
    assert (start.summary, start.session_id) == ("List", "a")
    assert end.fields["span"].output == "out"  # type: ignore[attr-defined]
    kept = story.step("a")
    assert (kept.status, kept.title, kept.output) == ("ok", "List", "out")
    assert story.run("a").steps["s"].output is None, "what is on record need not be kept in mind"


def test_a_step_told_twice_is_one_step_with_what_both_tellings_know() -> None:
    story = court(seen("a"), begun(input="ls"), begun(title="List"), done(output="out"))
    story.tell(done(ended_at=T0 + 5))
    kept = story.step("a")
    assert (kept.input, kept.title, kept.output, kept.ended_at) == ("ls", "List", "out", T0 + 5)
    assert len(story.logged("span.started")) == len(story.logged("span.completed")) == 1


@pytest.mark.parametrize("status", ["ok", "error"])
def test_a_start_that_comes_after_the_end_does_not_reopen_a_step(status: str) -> None:
    story = court(seen("a"), done(status=status))
    story.tell(begun(at=T0 + 9))
    assert story.run("a").steps["s"].status == status
    assert story.logged("span.started") == []


def test_a_failure_that_is_told_second_still_counts() -> None:
    story = court(seen("a"), begun(), done(status="ok"), done(status="error", error="exit 3"))
    kept = story.run("a").steps["s"]
    assert (kept.status, kept.error) == ("error", "exit 3")


def test_a_step_of_an_ended_run_is_kept_with_it() -> None:
    story = court(seen("a"), begun(), ended("a"), done(output="late"))
    assert (story.step("a").status, story.step("a").output) == ("ok", "late")
    assert not story.run("a").open


def test_a_step_of_an_unknown_run_is_dropped() -> None:
    story = court(seen("b"))
    assert news(story.tell(begun())) == []
    assert story.run("b").steps == {}


def test_a_step_without_a_run_belongs_to_the_one_that_began_last() -> None:
    story = court(seen("a"), seen("b", T0 + 10), seen("a", T0 + 20))
    story.tell(SpanStarted("builder", call(), T0 + 30))
    assert [list(story.run(run_id).steps) for run_id in "ab"] == [[], ["s"]]


def test_steps_are_kept_in_mind_up_to_a_bound_and_running_ones_never_forgotten() -> None:
    story = court(seen("a"), begun("open"))
    for number in range(2 * spans.STEPS_KEPT):
        story.tell(begun(f"s{number}"), done(f"s{number}"))
    steps = story.run("a").steps
    assert spans.STEPS_KEPT <= len(steps) <= spans.STEPS_KEPT + spans.SLACK
    assert steps["open"].status == "running"
    assert "s0" not in steps
    assert f"s{2 * spans.STEPS_KEPT - 1}" in steps
