"""The script of the day: pure, deterministic, varied, and fair to all ten agents."""

import random
from itertools import islice, pairwise

import pytest

from palais.demo.day import Day, Turn, compose
from palais.demo.roster import ROSTER
from palais.demo.steps import (
    Aborted,
    Answered,
    ApprovalAsked,
    ApprovalGranted,
    AttemptFailed,
    Completed,
    Failed,
    Run,
    TimedOut,
    ToolEnded,
)
from palais.demo.tasks import TASKS
from palais.demo.tools import typeset

SEEDS = range(5)


def turns(seed: int, count: int) -> list[Turn]:
    return list(islice(Day(random.Random(seed)), count))


def intervals(day: list[Turn]) -> list[tuple[float, float, str]]:
    spans = []
    for turn in day:
        spans.append((turn.at, turn.at + turn.run.duration, turn.run.agent_id))
        for at, step in turn.run.steps:
            if isinstance(step, ToolEnded) and step.invocation.number in turn.run.children:
                child = turn.run.children[step.invocation.number]
                start = turn.at + at
                spans.append((start, start + child.duration, child.agent_id))
    return spans


def test_the_same_seed_gives_the_same_day_and_another_seed_another():
    assert turns(7, 60) == turns(7, 60)
    assert turns(7, 60) != turns(8, 60)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_agent_has_its_turn_within_twenty_runs(seed):
    ids = [turn.run.agent_id for turn in turns(seed, 400)]
    everyone = {agent.id for agent in ROSTER}
    for start in range(len(ids) - 20):
        assert set(ids[start : start + 20]) == everyone


@pytest.mark.parametrize("seed", SEEDS)
def test_two_to_four_agents_are_at_work_most_of_the_time_and_never_more(seed):
    day = turns(seed, 400)
    spans = intervals(day)
    counts = [
        sum(start <= second < end for start, end, _ in spans)
        for second in range(10, int(day[-1].at))
    ]
    assert max(counts) <= 5
    assert sum(2 <= count <= 4 for count in counts) / len(counts) > 0.75


@pytest.mark.parametrize("seed", SEEDS)
def test_no_agent_does_two_things_at_once(seed):
    spans = sorted(intervals(turns(seed, 400)))
    for agent in ROSTER:
        own = [(start, end) for start, end, agent_id in spans if agent_id == agent.id]
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(own))


def test_every_run_lasts_from_four_to_forty_seconds_and_never_goes_back_in_time():
    for turn in turns(3, 400):
        assert 4 <= turn.run.duration <= 40
        times = [at for at, _ in turn.run.steps]
        assert times == sorted(times)


def test_about_one_run_in_twelve_fails_and_few_are_stopped_or_time_out():
    endings = [type(turn.run.ending) for turn in turns(11, 3000)]
    assert 1 / 16 < endings.count(Failed) / len(endings) < 1 / 9
    assert 0 < endings.count(Aborted) / len(endings) < 0.04
    assert 0 < endings.count(TimedOut) / len(endings) < 0.04
    assert endings.count(Completed) / len(endings) > 0.8


def test_some_runs_wait_for_a_human_and_go_on():
    waits = [
        [
            type(step)
            for _, step in turn.run.steps
            if isinstance(step, ApprovalAsked | ApprovalGranted)
        ]
        for turn in turns(11, 600)
    ]
    waits = [kinds for kinds in waits if kinds]
    assert waits
    assert all(kinds == [ApprovalAsked, ApprovalGranted] for kinds in waits)


def test_each_agent_has_eight_tasks_of_its_own_and_a_command_among_them():
    for agent_id, pool in TASKS.items():
        assert len({task.ask for task in pool}) >= 8, agent_id
        assert any(call.exit_code is not None for task in pool for call in task.calls), agent_id
        assert all(task.answer.endswith((".", "?", "!")) for task in pool), agent_id
    asks = [task.ask for pool in TASKS.values() for task in pool]
    assert len(asks) == len(set(asks))


def test_an_agent_does_all_its_tasks_before_it_repeats_one():
    asks = [turn.run.ask for turn in turns(2, 200) if turn.run.agent_id == "cfo"]
    count = len(TASKS["cfo"])
    assert len(set(asks[:count])) == count


@pytest.mark.parametrize(
    ("scenario", "ending"),
    [
        ("completed", Completed),
        ("approval", Completed),
        ("failed", Failed),
        ("aborted", Aborted),
        ("timeout", TimedOut),
    ],
)
@pytest.mark.parametrize("agent", [agent.id for agent in ROSTER])
def test_a_scenario_decides_how_a_run_ends_whatever_the_agent(agent, scenario, ending):
    for seed in SEEDS:
        run = compose(random.Random(seed), agent, scenario, "Fais cela.")
        assert isinstance(run.ending, ending)
        assert run.ask == "Fais cela."
        asked = any(isinstance(step, ApprovalAsked) for _, step in run.steps)
        assert asked == (scenario == "approval")


def test_a_provider_that_refuses_for_good_is_tried_again_first_unless_the_request_was_bad():
    for seed in range(40):
        run = compose(random.Random(seed), "writer", "failed")
        assert isinstance(run.ending, Failed)
        tries = sum(isinstance(step, AttemptFailed) for _, step in run.steps)
        assert tries == run.ending.fault.retries
        assert (tries == 0) == (run.ending.fault.status == 400)


def test_the_context_of_the_model_grows_from_call_to_call():
    run: Run = compose(random.Random(4), "maintainer", "completed")
    calls = [step.tokens for _, step in run.steps if isinstance(step, Answered)]
    assert len(calls) > 1
    assert all(a.cache_read < b.cache_read for a, b in pairwise(calls))


def test_french_punctuation_gets_its_no_break_spaces():
    assert typeset("Oui : 1 720 € !") == "Oui\u00a0: 1\u00a0720\u00a0€\u00a0!"
