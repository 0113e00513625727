"""What holds for any events in any order: nothing counts twice, the books agree, nobody is lost."""

import copy
import random
from dataclasses import fields, replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palais.domain.agent import Agent, Run
from palais.domain.calls import Calls
from palais.domain.changes import RunChanged
from palais.domain.court import apply
from palais.domain.events import (
    Event,
    GatewayRebooted,
    Profile,
    RosterListed,
    RunEnded,
    RunSeen,
    RunStatus,
    RunWithdrawn,
    Span,
    SpanCompleted,
    SpanStarted,
    Status,
    StatusReported,
    Unobserved,
    UsageReported,
)
from palais.domain.silence import RunsUnheard
from palais.domain.step import Court
from tests.domain.story import T0, Story, listed, news, usage
from tests.gateway.recording import connections, recordings
from tests.gateway.replay import Replay

BUSY_RECORDINGS = [
    *("02", "03", "03b", "04", "05", "06", "07", "07b", "07d", "08", "09", "10", "11", "12"),
    *("13", "13b", "19b", "19c", "21a", "21b", "22", "23"),
]
AGENTS = ("builder", "writer")
RUNS = ("a", "b", "c")

times = st.integers(T0, T0 + 20_000)
agent_ids = st.sampled_from(AGENTS)
run_ids = st.sampled_from(RUNS)
words = st.none() | st.sampled_from(["one", "two"])
activities = st.sampled_from([None, "typing", "thinking", "waiting", "tool:exec"])


def of_run(run_id: str) -> str:
    """Return the agent of a run: a run has one."""
    return AGENTS[RUNS.index(run_id) % 2]


def key(run_id: str) -> str:
    return f"agent:{of_run(run_id)}:main"


seen = st.builds(
    lambda run_id, at, task, activity, live: RunSeen(
        run_id, of_run(run_id), at, key(run_id), task=task, activity=activity, live=live
    ),
    *(run_ids, times, words, activities, st.booleans()),
)
ends = st.builds(
    lambda run_id, at, status, adopt, inferred: RunEnded(
        of_run(run_id), status, at, run_id, key(run_id), adopt=adopt, inferred=inferred
    ),
    *(run_ids, times, st.sampled_from([s for s in RunStatus if s != "running"])),
    *(st.booleans(), st.just(False)),
)
others = (
    st.builds(lambda run_id, at: RunWithdrawn(run_id, of_run(run_id), at), run_ids, times)
    | st.builds(
        lambda name, run_id, at, cost: UsageReported(
            name, of_run(run_id), at, usage(5, cost), run_id, key(run_id)
        ),
        *(st.sampled_from("klm"), run_ids, times, st.none() | st.just(0.5)),
    )
    | st.builds(
        lambda begins, name, run_id, at: (SpanStarted if begins else SpanCompleted)(
            of_run(run_id), Span(name, "tool_call", "exec", status="ok"), at, run_id
        ),
        *(st.booleans(), st.sampled_from("st"), run_ids, times),
    )
    | st.builds(StatusReported, agent_ids, st.sampled_from(Status), times)
    | st.builds(
        lambda ids, at: RosterListed(tuple(Profile(one) for one in sorted(ids)), at),
        *(st.sets(agent_ids), times),
    )
    | st.builds(GatewayRebooted, times, st.frozensets(run_ids))
    | st.builds(RunsUnheard, times, times, st.frozensets(run_ids), st.frozensets(agent_ids))
)
stories = st.lists(seen | ends | others, max_size=30)


def told(events: list[Event]) -> Story:
    return Story(listed(*AGENTS), *events)


def facts(court: Court) -> tuple[dict[str, Agent], dict[str, Run]]:
    """Return what the store and the pages would see in the end."""
    runs = {**court.ended, **court.open}
    settled = {
        run_id: replace(run, steps=dict(run.steps), usage=Calls(run.usage), missing_since=None)
        for run_id, run in runs.items()
    }
    return dict(court.agents), settled


def sessions(court: Court) -> dict[str, tuple[object, ...]]:
    """Return what history keeps of each run."""
    return {
        run.run_id: (
            *(run.agent_id, run.status, run.started_at, run.ended_at, run.tokens, run.cost),
            *(run.task, run.model, run.summary, run.error, run.inferred, sorted(run.steps)),
        )
        for run in [*court.ended.values(), *court.open.values()]
    }


def states(court: Court) -> dict[str, tuple[object, ...]]:
    """Return what each agent is."""
    return {
        agent.id: (agent.status, agent.task, agent.active_sessions, agent.failed)
        for agent in court.agents.values()
    }


@cache
def lived(name: str) -> tuple[Event, ...]:
    """Return the domain events of a recording but absences, which Link tells just once."""
    (*_, recorded) = connections(name)
    told = Replay().play(recorded).events
    events = tuple(event for event in told if not isinstance(event, Unobserved))
    assert len(events) > 10
    return events


def test_every_recording_in_which_something_runs_is_among_those_below() -> None:
    busy = [name for name in recordings() if any(_runs(name))]
    assert busy == [name for name in recordings() if name.partition("-")[0] in BUSY_RECORDINGS]


def _runs(name: str) -> list[bool]:
    frames = [frame for one in connections(name.partition("-")[0]) for _, frame in one.frames]
    return [frame.get("event") in {"agent", "session.message"} for frame in frames]


@pytest.mark.parametrize("name", BUSY_RECORDINGS)
def test_each_event_of_a_recording_told_twice_changes_nothing_more(name: str) -> None:
    court = Court()
    for event in lived(name):
        court, _ = apply(court, event)
        again, changes = apply(court, event)
        assert news(changes) == []
        assert facts(again) == facts(court)


@pytest.mark.parametrize("name", BUSY_RECORDINGS)
def test_a_recording_in_which_each_event_comes_twice_ends_the_same(name: str) -> None:
    once = Story(*lived(name)).court
    twice = Story(*(event for event in lived(name) for _ in range(2))).court
    assert facts(twice) == facts(once)


@pytest.mark.parametrize("name", BUSY_RECORDINGS)
@pytest.mark.parametrize("seed", range(3))
def test_a_recording_whose_events_come_again_later_ends_the_same(name: str, seed: int) -> None:
    chance = random.Random(f"{name} {seed}")
    events = list(lived(name))
    late = [(chance.uniform(at, len(events)), event) for at, event in enumerate(events)]
    both = [*enumerate(events), *chance.sample(late, len(late) // 2)]
    again = Story(*(event for _, event in sorted(both, key=lambda pair: pair[0]))).court
    once = Story(*events).court
    assert sessions(again) == sessions(once)
    assert states(again) == states(once)


@pytest.mark.parametrize("name", BUSY_RECORDINGS)
def test_a_recording_lived_through_again_from_its_beginning_adds_nothing(name: str) -> None:
    once = Story(*lived(name)).court
    again = Story(*lived(name), court=once)
    assert sessions(again.court) == sessions(once)
    assert again.logged("session.started") == again.logged("session.completed") == []


@given(events=stories)
def test_any_event_told_twice_changes_nothing_more(events: list[Event]) -> None:
    court = told([]).court
    for event in events:
        court, _ = apply(court, event)
        again, changes = apply(court, event)
        assert news(changes) == []
        assert facts(again) == facts(court)


@given(events=stories)
def test_the_books_agree_whatever_happens(events: list[Event]) -> None:
    court = told([]).court
    for event in events:
        court, _ = apply(court, event)
        assert all(run.open for run in court.open.values())
        assert not any(run.open for run in court.ended.values())
        assert court.open.keys().isdisjoint(court.ended)
        for agent in court.agents.values():
            mine = [run for run in court.open.values() if run.agent_id == agent.id]
            assert agent.active_sessions == len(mine)
            if not agent.present:
                assert agent.status == "offline"
            elif agent.reported is None:
                assert (agent.status == "busy") == bool(mine)


@given(events=stories)
def test_each_run_starts_once_and_ends_at_most_as_often_as_it_was_open(events: list[Event]) -> None:
    story = told(events)
    starts = [line.session_id for line in story.logged("session.started")]
    ended = [line.session_id for line in story.logged("session.completed")]
    assert len(starts) == len(set(starts))
    assert set(starts) == {
        run.id for run in [*story.court.ended.values(), *story.court.open.values()]
    }
    assert {run.id for run in story.court.ended.values()} <= set(ended)


@given(events=stories)
def test_the_last_state_that_was_told_is_the_state_that_is_kept(events: list[Event]) -> None:
    story = told(events)
    stored = {it.run.run_id: it.run for it in story.changes if isinstance(it, RunChanged)}
    kept = {**story.court.ended, **story.court.open}
    assert stored.keys() == kept.keys()
    for run_id, run in kept.items():
        known = stored[run_id]
        assert (known.status, known.task, known.tokens) == (run.status, run.task, run.tokens)
        assert (known.started_at, known.ended_at) == (run.started_at, run.ended_at)


@given(events=stories)
def test_a_court_that_was_left_behind_stays_as_it_was(events: list[Event]) -> None:
    court = told([]).court
    for event in events:
        before, frozen = court, copy.deepcopy(court)
        court, _ = apply(before, event)
        assert before == frozen


@pytest.mark.parametrize("name", ["04", "05", "07b", "09", "21b", "22"])
def test_no_rule_invents_a_field(name: str) -> None:
    court = Story(*lived(name)).court
    for kept in [*court.agents.values(), *court.open.values(), *court.ended.values()]:
        assert set(vars(kept)) == {field.name for field in fields(kept)}
