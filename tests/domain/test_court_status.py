"""What an agent is: idle, busy, in error or offline, and since when."""

from itertools import pairwise

import pytest

from palais.domain.changes import AgentChanged
from palais.domain.court import UnknownAgentError, apply
from palais.domain.events import (
    ConversationsActive,
    Event,
    RunWithdrawn,
    Span,
    SpanCompleted,
    SpanStarted,
    Status,
    StatusReported,
    UsageReported,
)
from palais.domain.step import PRESENCE_MS, Court
from tests.domain.story import T0, Story, ended, listed, presences, seen, usage


def court(*events: Event) -> Story:
    """Return a court of two idle agents to which this happened."""
    return Story(listed("builder", "writer"), *events)


def gone(story: Story, at: int) -> None:
    """Let the gateway say twice that nothing is active."""
    story.tell(*(ConversationsActive(frozenset(), at + step) for step in (0, 1000)))


def test_an_agent_that_is_listed_and_does_nothing_is_idle() -> None:
    assert court().agent().status == "idle"


def test_a_run_makes_exactly_its_agent_busy_until_it_ends() -> None:
    story = court(seen("a", task="build"))
    assert (story.agent().status, story.agent("writer").status) == ("busy", "idle")
    assert story.agent().task == "build"
    story.tell(ended("a"))
    assert (story.agent().status, story.agent().task) == ("idle", None)


def test_the_status_dates_from_its_change_and_not_from_the_last_event() -> None:
    story = court(seen("a", T0 + 5), seen("a", T0 + 900), seen("a", T0 + 5000))
    assert story.agent().status_since == T0 + 5
    story.tell(ended("a", at=T0 + 6000))
    assert story.agent().status_since == T0 + 6000


def test_several_runs_at_once_are_counted_and_the_newest_speaks() -> None:
    story = court(seen("a", task="first"), seen("b", T0 + 10, task="second"))
    assert (story.agent().active_sessions, story.agent().task) == (2, "second")
    story.tell(ended("b"))
    assert (story.agent().status, story.agent().active_sessions) == ("busy", 1)
    assert story.agent().task == "first"
    story.tell(ended("a"))
    assert (story.agent().status, story.agent().active_sessions) == ("idle", 0)


def test_an_older_run_that_ends_leaves_the_newer_ones_task() -> None:
    story = court(seen("a", task="first"), seen("b", T0 + 10, task="second"), ended("a"))
    assert (story.agent().active_sessions, story.agent().task) == (1, "second")


@pytest.mark.parametrize("status", ["failed", "timeout"])
def test_a_run_that_went_wrong_leaves_its_agent_in_error_until_the_next_starts(
    status: str,
) -> None:
    story = court(seen("a"), ended("a", status))
    assert story.agent().status == "error"
    story.tell(listed("builder", "writer", at=T0 + 60_000))
    assert story.agent().status == "error"
    story.tell(seen("b", T0 + 70_000))
    assert story.agent().status == "busy"
    story.tell(ended("b", at=T0 + 80_000))
    assert story.agent().status == "idle"


@pytest.mark.parametrize("status", ["completed", "aborted"])
def test_a_run_that_was_stopped_or_went_well_leaves_no_error(status: str) -> None:
    assert court(seen("a"), ended("a", status)).agent().status == "idle"


def test_a_run_that_fails_beside_another_shows_when_the_other_has_ended_well_no_more() -> None:
    story = court(seen("a"), seen("b"), ended("a", "failed"))
    assert story.agent().status == "busy"
    story.tell(ended("b", at=T0 + 2000))
    assert story.agent().status == "idle"


def test_a_lost_run_is_no_error() -> None:
    story = court(seen("a"))
    gone(story, T0 + 5000)
    assert (story.run("a").status, story.agent().status) == ("lost", "idle")


def test_a_lost_run_does_not_bring_back_the_error_from_before_it() -> None:
    story = court(seen("a"), ended("a", "failed"), seen("b", T0 + 2000))
    gone(story, T0 + 5000)
    assert (story.run("b").status, story.agent().status) == ("lost", "idle")


def test_an_accepted_run_that_never_begins_leaves_the_agent_idle() -> None:
    story = court(seen("a"), RunWithdrawn("a", "builder", T0 + 10))
    assert (story.run("a").status, story.agent().status) == ("aborted", "idle")


@pytest.mark.parametrize("begun", [{"activity": "thinking"}, {}])
def test_a_run_that_has_begun_is_not_withdrawn(begun: dict[str, str]) -> None:
    story = court(seen("a", **begun))
    if not begun:
        story.tell(UsageReported("k", "builder", T0 + 5, usage(), "a"))
    story.tell(RunWithdrawn("a", "builder", T0 + 10))
    assert story.run("a").open


@pytest.mark.parametrize("status", Status)
def test_what_an_agent_says_of_itself_outweighs_what_its_runs_say(status: Status) -> None:
    story = court(seen("a"), StatusReported("builder", status, T0 + 1, 12, "by hand"))
    assert story.agent().status is status
    story.tell(ended("a"))
    assert story.agent().status is status


def test_a_reported_task_shows_while_the_agent_says_it_is_busy() -> None:
    story = court(StatusReported("builder", Status.BUSY, T0 + 1, 12, "by hand"))
    assert (story.agent().task, story.agent().task_id) == ("by hand", 12)
    story.tell(StatusReported("builder", Status.IDLE, T0 + 2))
    assert (story.agent().task, story.agent().task_id) == (None, None)


def test_each_change_of_status_is_one_line_of_history() -> None:
    story = court(seen("a"), seen("a", T0 + 1), seen("a", T0 + 2), ended("a"), ended("a"))
    told = [(it.agent_id, it.fields["status"]) for it in story.logged("agent.status")]
    assert told == [
        ("builder", "idle"),
        ("writer", "idle"),
        ("builder", "busy"),
        ("builder", "idle"),
    ]


def test_signs_of_life_are_passed_on_at_most_once_a_second() -> None:
    story = court(seen("a", activity="typing"))
    changes = story.tell(*(seen("a", T0 + at, activity="typing") for at in range(75, 10_000, 75)))
    told = [at for at, _ in presences(changes)]
    assert all(later - before >= PRESENCE_MS for before, later in pairwise(told))
    assert 8 <= len(told) <= 10
    assert len(changes) == 2 * len(told)
    assert story.agent().last_seen_at == told[-1]


def test_what_an_agent_does_next_is_passed_on_at_once() -> None:
    story = court(seen("a", activity="thinking"))
    changes = story.tell(seen("a", T0 + 1, activity="typing"), seen("a", T0 + 2))
    assert presences(changes) == [(T0 + 1, "typing")]
    assert story.agent().activity == "typing"


def test_waiting_and_retrying_go_into_history_and_typing_does_not() -> None:
    story = court(seen("a", activity="thinking"))
    for at, activity in enumerate(["typing", "waiting", "waiting", "thinking", "retrying"]):
        story.tell(seen("a", T0 + at, activity=activity))
    told = [line.fields["activity"] for line in story.logged("agent.status")[2:]]
    assert told == ["thinking", "waiting", "thinking", "retrying"]


def test_an_agent_that_rests_does_nothing() -> None:
    story = court(seen("a", activity="typing"), ended("a"))
    assert (story.agent().activity, story.run("a").activity) == (None, None)


def test_last_seen_never_goes_back() -> None:
    story = court(seen("a", T0 + 5000), seen("b", T0 - 5000), ended("b", at=T0 - 4000))
    assert story.agent().last_seen_at == T0 + 5000


@pytest.mark.parametrize(
    "event",
    [
        seen("a", agent_id="ghost"),
        ended("a", agent_id="ghost"),
        ended(None, agent_id="ghost"),
        StatusReported("ghost", Status.BUSY, T0),
        RunWithdrawn("a", "ghost", T0),
        UsageReported("k", "ghost", T0, usage(), "a"),
        SpanStarted("ghost", Span("s", "tool_call", "exec"), T0, "a"),
        SpanCompleted("ghost", Span("s", "tool_call", "exec"), T0, "a"),
    ],
)
def test_an_agent_that_nobody_introduced_is_not_taken_in(event: Event) -> None:
    with pytest.raises(UnknownAgentError, match="ghost"):
        apply(court().court, event)


def test_an_agents_own_state_is_told_with_every_change_of_it() -> None:
    story = court()
    changes = story.tell(seen("a"))
    told = [change.agent for change in changes if isinstance(change, AgentChanged)]
    assert told[-1] == story.agent()


def test_an_empty_court_is_an_empty_court() -> None:
    assert Story(ConversationsActive(frozenset(), T0)).court == Court()
