"""What a run was asked: told before it, after it, or while another one is still at work."""

import pytest

from palais.domain.events import RunStatus
from tests.gateway.frames import T0, Json, event, lifecycle, of_run
from tests.gateway.replay import Replay

KEY = "agent:builder:main"


def question(text: object, run_id: str | None = None, key: str = KEY, **more: object) -> Json:
    message = {"role": "user", "content": text, "timestamp": T0, **more}
    if run_id is not None:
        message["idempotencyKey"] = f"{run_id}:user"
    return event("session.message", {"sessionKey": key, "message": message})


def row(at: int = T0, key: str = KEY, **said: object) -> Json:
    session = {"key": key, "hasActiveRun": True, "status": "running", "snapshotAt": at, **said}
    return event("sessions.changed", {"sessionKey": key, "reason": "send", "session": session})


@pytest.fixture
def replay() -> Replay:
    return Replay().connect()


def test_a_question_before_its_run_is_the_runs_task(replay: Replay) -> None:
    replay.receive(question("Build it"))
    replay.receive(lifecycle("a", "start"))
    assert replay.run("a").task == replay.agent("builder").task == "Build it"


def test_a_question_after_its_run_began_is_the_runs_task(replay: Replay) -> None:
    replay.receive(lifecycle("a", "start"))
    replay.receive(question("Build it"))
    assert replay.run("a").task == replay.agent("builder").task == "Build it"


def test_a_question_is_not_asked_of_the_next_run_as_well(replay: Replay) -> None:
    replay.receive(question("Build it"))
    for run_id in ("a", "b"):
        replay.receive(lifecycle(run_id, "start"))
        replay.receive(lifecycle(run_id, "end", T0 + 9))
    assert [run.task for run in replay.runs()] == ["Build it", None]


def test_a_question_that_names_its_run_goes_to_that_one(replay: Replay) -> None:
    replay.receive(lifecycle("a", "start"))
    replay.receive(lifecycle("b", "start", T0 + 1))
    replay.receive(question("Second", "b"))
    replay.receive(question("First", "a"))
    assert (replay.run("a").task, replay.run("b").task) == ("First", "Second")


def test_a_question_may_name_its_run_in_the_gateways_own_part(replay: Replay) -> None:
    replay.receive(lifecycle("a", "start"))
    replay.receive(lifecycle("b", "start", T0 + 1))
    replay.receive(question("Second", __openclaw={"idempotencyKey": "b:user"}))
    replay.receive(question("First", __openclaw={"runId": "a"}))
    assert (replay.run("a").task, replay.run("b").task) == ("First", "Second")


def test_a_question_in_another_conversation_is_another_runs(replay: Replay) -> None:
    replay.receive(question("Elsewhere", key="agent:builder:telegram:1"))
    replay.receive(lifecycle("a", "start"))
    assert replay.run("a").task is None


def test_a_question_that_nobody_answered_in_time_is_forgotten(replay: Replay) -> None:
    replay.receive(question("Build it"))
    replay.wait(20_000)
    replay.receive(lifecycle("a", "start", replay.now))
    assert replay.run("a").task is None


def test_a_question_that_waits_behind_a_run_is_no_session_of_its_own(replay: Replay) -> None:
    replay.receive(lifecycle("a", "start"))
    replay.receive(row(activeRunIds=["queued"]))
    replay.receive(event("chat", of_run("queued", T0 + 5, state="final")))
    assert [run.run_id for run in replay.runs()] == ["a"]
    assert replay.agent("builder").active_sessions == 1


def test_a_question_that_waited_is_the_task_of_the_run_that_answers_it(replay: Replay) -> None:
    replay.receive(question("First"))
    replay.receive(lifecycle("a", "start"))
    replay.receive(row(activeRunIds=["queued"]))
    replay.receive(event("chat", of_run("queued", T0 + 5, state="final")))
    replay.receive(lifecycle("a", "end", T0 + 100))
    replay.receive(question("Second", "queued"))
    replay.receive(lifecycle("answering", "start", T0 + 200))
    tasks = {run.run_id: run.task for run in replay.runs()}
    assert tasks == {"a": "First", "answering": "Second"}


def test_an_accepted_run_that_a_row_names_makes_the_agent_busy_before_it_starts(
    replay: Replay,
) -> None:
    replay.receive(row(activeRunIds=["a"]))
    assert replay.not_idle() == {"builder": "busy"}
    assert replay.run("a").conversation == KEY


def test_an_accepted_run_that_is_withdrawn_before_it_began_was_aborted(replay: Replay) -> None:
    replay.receive(row(activeRunIds=["a"]))
    replay.receive(event("chat", of_run("a", T0 + 5, state="final")))
    assert replay.run("a").status is RunStatus.ABORTED
    assert replay.not_idle() == {}


def test_the_final_word_of_a_chat_does_not_withdraw_a_run_that_has_begun(replay: Replay) -> None:
    replay.receive(lifecycle("a", "start"))
    replay.receive(event("chat", of_run("a", T0 + 5, state="final")))
    assert replay.run("a").open


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Build\nit", "Build it"),
        ([{"type": "text", "text": "Build"}, {"type": "text", "text": "it"}], "Build it"),
        ([{"type": "image"}, {"type": "text", "text": "Build it"}], "Build it"),
        ("[Sun 2026-11-22 20:08 UTC] Build it", "Build it"),
        ("[draft] Build it", "[draft] Build it"),
        ("<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>> secret", None),
        ("", None),
        ([], None),
        (None, None),
        ({"text": "x"}, None),
    ],
)
def test_a_question_is_shown_as_it_was_asked(
    replay: Replay, said: object, shown: str | None
) -> None:
    replay.receive(question(said))
    replay.receive(lifecycle("a", "start"))
    assert replay.run("a").task == shown


def test_what_a_model_answers_is_not_what_was_asked(replay: Replay) -> None:
    replay.receive(question("I am done", role="assistant", provider="mock"))
    replay.receive(lifecycle("a", "start"))
    assert replay.run("a").task is None


def test_the_title_of_a_task_outlasts_the_question(replay: Replay) -> None:
    task = {"id": "T", "runId": "a", "sessionKey": KEY, "title": "Title", "status": "running"}
    replay.receive(event("task", {"task": {**task, "runtime": "cli"}}))
    replay.receive(question("Question", "a"))
    assert (replay.run("a").task, replay.run("a").task_id) == ("Title", "T")


@pytest.mark.parametrize(
    "changed",
    [
        {"runtime": "cron"},
        {"status": "completed"},
        {"runId": None},
        {"sessionKey": None},
    ],
)
def test_a_task_that_is_no_run_opens_no_session(replay: Replay, changed: Json) -> None:
    task = {"id": "T", "runId": "a", "sessionKey": KEY, "agentId": "builder", "title": "Title"}
    task |= {"status": "running", "runtime": "cli"}
    replay.receive(event("task", {"task": task | changed}))
    assert replay.runs() == []
    replay.receive(event("task", {"task": task}))
    assert replay.run("a").open
