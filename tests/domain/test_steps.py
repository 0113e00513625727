"""Steps make a tree: who asked for what, who delegated to whom, and what became of each."""

import pytest

from palais.domain import spans
from palais.domain.changes import SpanChanged
from palais.domain.events import Event, Span, SpanCompleted, SpanStarted
from tests.domain.record import on_record
from tests.domain.story import T0, Story, ended, listed, seen

CHILD = "agent:writer:subagent:1"


def begun(span_id: str = "s", at: int = T0, **more: object) -> Event:
    return SpanStarted("builder", made(span_id, status="running", **more), at, "a")


def done(span_id: str = "s", at: int = T0 + 5, status: str = "ok", **more: object) -> Event:
    return SpanCompleted("builder", made(span_id, status=status, **more), at, "a")


def made(span_id: str, kind: str = "tool_call", **more: object) -> Span:
    return Span(span_id, kind, "exec", **more)  # type: ignore[arg-type]


def asked(*calls: str, at: int = T0 + 2) -> Event:
    span = made("m", "llm_call", status="ok", started_at=T0, ended_at=at)
    return SpanCompleted("builder", span, at, "a", calls=calls, whole=True)


def court(*events: Event) -> Story:
    return Story(listed("builder", "writer"), *events)


def lines(story: Story) -> list[tuple[str, str, str | None]]:
    told = [*story.logged("span.started"), *story.logged("span.completed")]
    found = [(line.type, line.fields["span"]) for line in told]
    return [(kind, span.id, span.status) for kind, span in found if isinstance(span, Span)]


@pytest.mark.parametrize("status", ["completed", "failed", "timeout", "lost"])
def test_the_end_of_a_step_that_its_run_outlived_was_not_observed(status: str) -> None:
    story = court(seen("a"), begun("s"), begun("t"), done("t"), ended("a", status))
    step = story.step("a")
    assert (step.status, step.ended_at, step.lasted) == ("lost", None, None)
    assert story.step("a", "t").status == "ok"
    assert lines(story)[-1] == ("span.completed", "s", "lost")
    assert story.logged("span.completed")[-1].fields["inferred"] is True


def test_an_aborted_run_takes_its_steps_with_it() -> None:
    story = court(seen("a"), begun(), ended("a", "aborted", at=T0 + 900))
    step = story.step("a")
    assert (step.status, step.ended_at, step.lasted) == ("aborted", T0 + 900, 900)


@pytest.mark.parametrize("status", ["completed", "aborted"])
@pytest.mark.parametrize("real", ["ok", "error"])
def test_an_end_that_was_observed_wins_over_one_that_was_concluded(status: str, real: str) -> None:
    story = court(seen("a"), begun(), ended("a", status), done(at=T0 + 70, status=real))
    step = story.step("a")
    assert (step.status, step.ended_at) == (real, T0 + 70)
    assert lines(story)[-1] == ("span.completed", "s", real)


@pytest.mark.parametrize("status", ["completed", "aborted"])
def test_a_step_that_is_first_told_after_its_runs_end_has_ended_with_it(status: str) -> None:
    early = court(seen("a"), begun(), ended("a", status))
    late = court(seen("a"), ended("a", status), begun())
    assert late.step("a") == early.step("a")
    assert lines(late) == lines(early)


def test_of_two_wordings_of_an_error_the_shorter_stays_whichever_is_told_first() -> None:
    long, short = '{"error": "not found"}', "not found"
    for first, second in ((long, short), (short, long)):
        story = court(seen("a"), done(status="error", error=first))
        story.tell(done(status="error", error=second))
        assert story.step("a").error == short


def test_a_late_start_undoes_no_end_and_still_tells_when_it_began() -> None:
    story = court(seen("a"), done(at=T0 + 9), begun(at=T0 + 1, input="ls"))
    step = story.step("a")
    assert (step.status, step.started_at, step.ended_at) == ("ok", T0 + 1, T0 + 9)
    assert step.input == "ls"


def test_a_start_told_after_the_end_by_arrival_alone_tells_no_time() -> None:
    story = court(seen("a"), done(at=T0 + 9), begun(at=T0 + 50))
    assert (story.step("a").started_at, story.step("a").lasted) == (None, None)


def test_a_run_that_was_lost_and_goes_on_still_gets_the_end_of_its_steps() -> None:
    story = court(seen("a"), begun(), ended("a", "lost", inferred=True))
    story.tell(seen("a", T0 + 5_000), done(at=T0 + 6_000))
    assert story.run("a").open
    assert (story.step("a").status, story.step("a").ended_at) == ("ok", T0 + 6_000)


def test_a_model_call_is_the_parent_of_the_tool_calls_it_asked_for_told_in_either_order() -> None:
    before = court(seen("a"), asked("s", "t"), begun("s"), begun("t"))
    after = court(seen("a"), begun("s"), done("s"), asked("s", "t"), begun("t"))
    for story in (before, after):
        assert [story.step("a", name).parent_id for name in "st"] == ["m", "m"]
    assert [line.fields.get("again") for line in after.logged("span.completed")] == [
        *(None, None, True)
    ]


def test_the_parent_that_a_step_names_itself_wins() -> None:
    story = court(seen("a"), begun("s"), asked("s"), done("s", parent_id="outer"))
    assert story.step("a").parent_id == "outer"
    story.tell(begun("t", parent_id="outer"), asked("t", at=T0 + 7))
    assert story.step("a", "t").parent_id == "outer"


def test_a_model_call_that_is_told_again_says_nothing_new() -> None:
    story = court(seen("a"), begun("s"), asked("s"))
    assert story.tell(asked("s")) == []


def delegation(told: type[SpanStarted | SpanCompleted], **more: object) -> Event:
    status = "running" if told is SpanStarted else "ok"
    return told("builder", made("d", "delegation", status=status, **more), T0 + 3, "a")


def child(run_id: str = "kid", spawned_by: str | None = "agent:builder:main") -> Event:
    return seen(run_id, T0 + 4, "writer", conversation=CHILD, spawned_by=spawned_by)


def test_a_run_that_says_who_spawned_it_is_the_child_of_the_only_step_that_can_have() -> None:
    first = court(seen("a"), delegation(SpanStarted), child())
    last = court(seen("a"), child(), delegation(SpanStarted))
    late = court(seen("a"), delegation(SpanStarted), child(spawned_by=None), child())
    for story in (first, last, late):
        step = story.step("a", "d")
        assert (step.child_session_id, step.child_agent_id) == ("kid", "writer")
        assert story.run("kid").spawned_by == "agent:builder:main"


def test_what_a_delegation_says_itself_of_its_child_wins() -> None:
    told = {"child_session_id": "other", "child_agent_id": "tutor"}
    story = court(seen("a"), delegation(SpanStarted), child(), delegation(SpanCompleted, **told))
    assert story.step("a", "d").child_session_id == "other"
    known = court(seen("a"), delegation(SpanCompleted, **told), child())
    assert known.step("a", "d").child_session_id == "other"


def test_of_two_steps_that_can_have_delegated_a_run_none_is_chosen() -> None:
    second = SpanStarted("builder", made("e", "delegation", status="running"), T0, "a")
    story = court(seen("a"), delegation(SpanStarted), second, child())
    assert {step.child_session_id for step in on_record(story.changes)["a"].values()} == {None}


def test_a_run_of_ten_thousand_steps_is_kept_in_bounded_mind_and_whole_on_record() -> None:
    story = court(seen("a"))
    for number in range(5_000):
        call = made(f"m{number}", "llm_call", status="ok", started_at=T0, ended_at=T0 + 1)
        name = f"t{number}"
        told = SpanCompleted("builder", call, T0 + 1, "a", calls=(name,), whole=True)
        story.tell(told, begun(name, input="x" * 100), done(name, output="y" * 100))
    steps = on_record(story.changes)["a"]
    assert len(steps) == 10_000
    assert {steps[f"t{number}"].parent_id for number in (0, 4_999)} == {"m0", "m4999"}
    kept = story.run("a")
    assert len(kept.steps) <= spans.STEPS_KEPT + spans.SLACK
    assert len(kept.asked) <= spans.STEPS_KEPT
    assert len(kept.steps) + kept.forgotten.steps == 10_000
    waits = [change.run for change in story.changes if isinstance(change, SpanChanged)]
    assert {len(run.steps) + len(run.asked) + len(run.usage) for run in waits} == {0}
    assert {(step.input, step.output) for step in kept.steps.values()} == {(None, None)}


def test_of_more_running_steps_than_anybody_has_only_so_many_are_kept_in_mind() -> None:
    story = court(seen("a"), *(begun(f"s{number}") for number in range(spans.RUNNING_KEPT + 50)))
    assert len(story.run("a").steps) == spans.RUNNING_KEPT
