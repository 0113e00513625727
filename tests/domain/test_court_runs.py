"""How a run begins, goes on and ends, with late, repeated and missing events the normal case."""

import pytest

from palais.domain import step
from palais.domain.agent import Run
from palais.domain.changes import RunChanged
from palais.domain.events import ConversationsActive, GatewayRebooted, RunStatus
from palais.domain.step import ENDED_KEPT, Court
from tests.domain.story import T0, Story, ended, listed, news, seen

MAIN = "agent:builder:main"
NOBODY: frozenset[str] = frozenset()


def court(*events: object) -> Story:
    return Story(listed("builder", "writer"), *events)  # type: ignore[arg-type]


def looks(story: Story, *at: int, active: frozenset[str] = NOBODY) -> None:
    """Let the gateway say at these times which conversations are active."""
    story.tell(*(ConversationsActive(active, moment) for moment in at))


def lost() -> Story:
    """Return a court in which run ``a`` was lost at T0 + 6000."""
    story = court(seen("a"))
    looks(story, T0 + 5000, T0 + 6000)
    assert story.run("a").status is RunStatus.LOST
    return story


def test_the_first_sign_of_a_run_starts_it() -> None:
    story = court(seen("a", task="build", model="mock/large", task_id="T"))
    (line,) = story.logged("session.started")
    assert (line.at, line.agent_id, line.session_id, line.summary) == (T0, "builder", "a", "build")
    assert line.fields["model"] == "mock/large"
    assert story.run("a").started_at == T0


def test_a_run_that_says_when_it_started_started_then() -> None:
    assert court(seen("a", T0 + 50, started_at=T0 + 3)).run("a").started_at == T0 + 3


def test_what_is_learnt_later_is_told_once() -> None:
    story = court(seen("a"), *(seen("a", task="build", model="m") for _ in range(3)))
    run = story.run("a")
    assert (run.task, run.model) == ("build", "m")
    assert len(story.logged("session.updated")) == 1
    assert len(story.logged("session.started")) == 1


def test_the_first_task_stays_and_the_last_model_counts() -> None:
    story = court(seen("a", task="one", model="m1"), seen("a", task="two", model="m2"))
    assert (story.run("a").task, story.run("a").model) == ("one", "m2")


def test_signs_of_life_of_a_run_tell_the_store_nothing_of_it() -> None:
    story = court(seen("a", activity="typing"))
    changes = story.tell(*(seen("a", T0 + at, activity="typing") for at in range(1, 500)))
    assert [change for change in changes if isinstance(change, RunChanged)] == []


def test_the_end_says_how_when_and_with_what_result() -> None:
    story = court(seen("a", task="build"))
    story.tell(ended("a", "failed", T0 + 9, started_at=T0 - 5, error="broke", summary="half"))
    run = story.run("a")
    assert (run.status, run.started_at, run.ended_at) == (RunStatus.FAILED, T0 - 5, T0 + 9)
    assert (run.error, run.summary, run.inferred) == ("broke", "half", False)
    (line,) = story.logged("session.completed")
    assert (line.summary, line.fields["status"], line.fields["inferred"]) == (
        "broke",
        "failed",
        None,
    )


@pytest.mark.parametrize("late", ["completed", "failed", "timeout", "aborted"])
def test_the_first_end_wins(late: str) -> None:
    story = court(seen("a"), ended("a", "aborted"))
    assert news(story.tell(ended("a", late, T0 + 2000, error="late"))) == []
    assert (story.run("a").status, story.run("a").error) == (RunStatus.ABORTED, None)


def test_a_sign_of_life_after_the_end_opens_nothing() -> None:
    story = court(seen("a"), ended("a"))
    story.tell(seen("a", T0 + 60_000, task="late", activity="typing"))
    assert (story.run("a").status, story.run("a").task) == (RunStatus.COMPLETED, None)
    assert story.agent().status == "idle"


def test_an_end_of_which_no_start_was_seen_is_a_whole_run() -> None:
    story = court(ended("a", "failed", T0 + 9, started_at=T0 + 2))
    run = story.run("a")
    assert (run.status, run.started_at, run.ended_at) == (RunStatus.FAILED, T0 + 2, T0 + 9)
    assert len(story.logged("session.started")) == len(story.logged("session.completed")) == 1
    assert story.agent().status == "error"


def test_a_snapshots_end_of_an_unknown_run_is_no_news() -> None:
    story = court()
    assert news(story.tell(ended("a", adopt=False))) == []
    assert story.court.run("a") is None


def test_an_end_without_an_id_is_that_of_the_latest_running_run() -> None:
    story = court(seen("a", T0), seen("b", T0 + 10), seen("w", T0 + 99, "writer"))
    story.tell(ended(None))
    assert [story.run(run_id).open for run_id in "abw"] == [True, False, True]
    story.tell(ended(None, at=T0 + 2000))
    assert [story.run(run_id).open for run_id in "abw"] == [False, False, True]
    assert news(story.tell(ended(None, at=T0 + 3000))) == []


def test_a_run_that_one_snapshot_lacks_goes_on() -> None:
    story = court(seen("a"))
    looks(story, T0 + 5000)
    assert story.run("a").open


def test_a_run_that_two_snapshots_lack_is_lost() -> None:
    story = lost()
    run = story.run("a")
    assert (run.ended_at, run.inferred) == (T0 + 6000, True)
    assert story.logged("session.completed")[0].fields["inferred"] is True


def test_two_snapshots_with_the_run_in_between_do_not_add_up() -> None:
    story = court(seen("a"))
    looks(story, T0 + 5000)
    looks(story, T0 + 6000, active=frozenset({MAIN}))
    looks(story, T0 + 7000)
    assert story.run("a").open


def test_two_snapshots_with_a_sign_of_life_in_between_do_not_add_up() -> None:
    story = court(seen("a"))
    looks(story, T0 + 5000)
    story.tell(seen("a", T0 + 5500))
    looks(story, T0 + 9000)
    assert story.run("a").open


def test_the_same_snapshot_twice_is_one_snapshot() -> None:
    story = court(seen("a"))
    looks(story, T0 + 5000, T0 + 5000)
    assert story.run("a").open


def test_a_snapshot_from_before_the_run_says_nothing_of_it() -> None:
    story = court(seen("a"))
    looks(story, T0 - 5000, T0 - 4000, T0, T0 + 100, T0 + 200)
    assert story.run("a").open


def test_a_snapshot_ends_only_runs_of_conversations_that_it_could_list() -> None:
    story = court(seen("flat", conversation=None))
    looks(story, T0 + 5000, T0 + 6000, T0 + 7000)
    story.tell(GatewayRebooted(T0 + 9000))
    assert story.run("flat").open


def test_a_lost_run_is_found_again_by_a_live_sign() -> None:
    story = lost()
    story.tell(seen("a", T0 + 7000, activity="typing"))
    run = story.run("a")
    assert (run.open, run.ended_at, run.inferred) == (True, None, False)
    assert story.agent().status == "busy"
    assert story.logged("session.updated")[-1].fields["status"] == "running"


@pytest.mark.parametrize("sign", [{"at": T0 + 7000, "live": False}, {"at": T0 + 5999}])
def test_a_lost_run_is_not_found_by_a_snapshot_or_an_older_sign(sign: dict[str, int]) -> None:
    story = lost()
    assert [it for it in story.tell(seen("a", **sign)) if isinstance(it, RunChanged)] == []
    assert story.run("a").status is RunStatus.LOST
    assert story.agent().status == "idle"


def test_a_lost_run_takes_the_real_end_when_it_is_learnt() -> None:
    story = lost()
    story.tell(ended("a", "failed", T0 + 5500, error="broke"))
    run = story.run("a")
    assert (run.status, run.ended_at, run.inferred) == (RunStatus.FAILED, T0 + 5500, False)
    assert story.agent().status == "error"
    assert news(story.tell(ended("a", "completed", T0 + 5600))) == []


def test_an_inferred_end_does_not_replace_another() -> None:
    story = lost()
    assert news(story.tell(ended("a", "lost", T0 + 9000, inferred=True))) == []


def test_a_reboot_loses_all_runs_but_the_survivors_at_once() -> None:
    story = court(seen("a"), seen("b"), seen("w", agent_id="writer"))
    story.tell(GatewayRebooted(T0 + 100, frozenset({"b"})))
    statuses = {run_id: story.run(run_id).status.value for run_id in "abw"}
    assert statuses == {"a": "lost", "b": "running", "w": "lost"}
    assert (story.agent().status, story.agent("writer").status) == ("busy", "idle")


def test_a_reboot_leaves_ended_runs_alone() -> None:
    story = court(seen("a"), ended("a"))
    assert news(story.tell(GatewayRebooted(T0 + 5000))) == []


def ended_run(number: int) -> Run:
    return Run(f"old-{number}", "builder", RunStatus.COMPLETED)


def test_ended_runs_are_kept_in_mind_up_to_a_bound_and_the_oldest_forgotten() -> None:
    kept = {f"old-{number}": ended_run(number) for number in range(ENDED_KEPT)}
    story = Story(listed("builder"), court=Court(ended=kept))
    for run_id in ("x", "y", "z"):
        story.tell(seen(run_id), ended(run_id))
    assert len(story.court.ended) == ENDED_KEPT
    assert [number for number in range(5) if f"old-{number}" in story.court.ended] == [3, 4]
    assert list(story.court.ended)[-3:] == ["x", "y", "z"]


def test_what_is_forgotten_is_never_an_open_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "ENDED_KEPT", 2)
    story = court(seen("open"))
    for number in range(5):
        story.tell(seen(f"r{number}"), ended(f"r{number}"))
    assert story.run("open").open
    assert list(story.court.ended) == ["r3", "r4"]
