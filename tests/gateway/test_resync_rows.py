"""Catching up by the rows of conversations: they tell at once what the audit log tells later."""

import pytest

from palais.domain.events import RunStatus
from palais.gateway.link import Memory
from tests.gateway.frames import T0, Json, audited, event, lifecycle, log, spent
from tests.gateway.replay import Replay

KEY = "agent:builder:main"
HOUR = 3_600_000


def row(**said: object) -> Json:
    return {"key": KEY, "agentId": "builder", "hasActiveRun": False, "snapshotAt": T0, **said}


def over(**said: object) -> Json:
    """Return the row after run ``r1`` has ended."""
    return row(lastRunId="r1", startedAt=T0 - 50, endedAt=T0 + 900, **said)


def question(text: str, at: int = T0, run_id: str | None = None) -> Json:
    """Return what a person asked, in a transcript; with a run's id where the gateway says it."""
    named = {"idempotencyKey": f"{run_id}:user"} if run_id else {}
    return {"role": "user", "content": text, "timestamp": at, **named}


def back(before: Replay, *rows: Json, later: int = 5_000, **said: Json) -> Replay:
    """Connect again, so much later, to a gateway whose list has these rows."""
    listed = {"ts": T0 + later, "sessions": list(rows)}
    answers = {
        "sessions.subscribe": {"ok": True, "payload": {"subscribed": True, "list": listed}},
        **{method.replace("__", "."): it for method, it in said.items()},
    }
    replay = Replay(
        memory=Memory("boot-1", before.now),
        court=before.court,
        answers={method: lambda _, it=it: it for method, it in answers.items()},
    )
    replay.now = before.now + later
    return replay.connect(protocol=before.link.protocol or 4)


def history(*messages: Json) -> Json:
    return {"ok": True, "payload": {"messages": list(messages)}}


@pytest.fixture
def running() -> Replay:
    """Give a connection on which run ``r1`` of the builder goes on."""
    replay = Replay().connect()
    replay.receive(lifecycle("r1", "start", T0, startedAt=T0))
    return replay


@pytest.mark.parametrize(
    ("status", "known"), [("failed", "failed"), ("killed", "aborted"), ("timeout", "timeout")]
)
def test_a_run_that_failed_just_now_has_its_end_from_its_row(
    running: Replay, status: str, known: str
) -> None:
    begun = log(audited("r1", T0))
    replay = back(running, over(status=status, lastRunError="no"), audit__activity__list=begun)
    run = replay.run("r1")
    assert (run.status, run.started_at, run.ended_at) == (known, T0 - 50, T0 + 900)
    assert (run.error, run.inferred) == ("no", False)


def test_a_run_that_began_and_failed_just_now_is_on_record() -> None:
    begun = log(audited("r1", T0))
    replay = back(Replay().connect(), over(status="failed"), audit__activity__list=begun)
    assert replay.run("r1").status is RunStatus.FAILED
    assert replay.not_idle() == {"builder": "error"}


def test_a_row_and_the_audit_log_tell_one_end(running: Replay) -> None:
    told = log(audited("r1", T0 + 890, "cancelled"), audited("r1", T0))
    replay = back(running, over(status="failed", lastRunError="no"), audit__activity__list=told)
    run = replay.run("r1")
    assert (run.status, run.ended_at, run.started_at) == (RunStatus.ABORTED, T0 + 890, T0 - 50)
    assert len(replay.logged("session.completed")) == 1


def test_the_row_of_a_run_that_nobody_knows_puts_nothing_on_record() -> None:
    assert back(Replay().connect(), over(status="done")).runs() == []


def test_a_run_that_was_accepted_and_has_yet_to_begin_makes_its_agent_busy() -> None:
    active = row(hasActiveRun=True, activeRunIds=["r2"])
    listed = {"ok": True, "payload": {"sessions": [active]}}
    replay = back(Replay().connect(), active, sessions__list=listed)
    assert replay.run("r2").open
    assert replay.not_idle() == {"builder": "busy"}


def test_a_run_that_was_lost_has_its_real_end_at_the_next_return(running: Replay) -> None:
    gone = back(running)
    gone.wait(10_000)
    assert gone.run("r1").status is RunStatus.LOST
    assert back(gone, over(status="done")).run("r1").status is RunStatus.COMPLETED


def test_a_run_that_was_heard_of_just_before_it_vanished_does_not_run_for_ever(
    running: Replay,
) -> None:
    replay = back(running, later=100)
    replay.wait(10_000)
    assert (replay.run("r1").status, replay.run("r1").inferred) == (RunStatus.LOST, True)
    assert replay.not_idle() == {}


def test_how_a_run_ended_is_only_guessed_from_a_row_that_lags(running: Replay) -> None:
    late = over(status="running", hasActiveRun=True, lastRunError="too slow")
    replay = back(running, late)
    assert (replay.run("r1").status, replay.run("r1").inferred) == (RunStatus.FAILED, True)
    told = {"sessionKey": KEY, "session": over(status="timeout", lastRunError="too slow")}
    replay.receive(event("sessions.changed", told))
    assert (replay.run("r1").status, replay.run("r1").inferred) == (RunStatus.TIMEOUT, False)


def test_the_question_of_another_run_is_not_taken_for_that_of_the_one_that_goes_on() -> None:
    active = row(hasActiveRun=True)
    replay = back(
        Replay().connect(),
        active,
        sessions__list={"ok": True, "payload": {"sessions": [active]}},
        audit__activity__list=log(audited("r2", T0 + 900), audited("r1", T0 + 800, "succeeded")),
        chat__history=history(question("First", run_id="r1")),
    )
    assert replay.run("r2").task is None


def test_a_question_that_waited_when_sight_was_lost_is_that_of_the_next_run() -> None:
    replay = back(
        Replay().connect(),
        row(updatedAt=T0),
        later=1_000,
        chat__history=history(spent("r0", "k")["message"], question("Second", T0 + 500)),
    )
    replay.receive(lifecycle("r2", "start", replay.now))
    assert replay.run("r2").task == "Second"


@pytest.mark.parametrize("run_id", ["r1", None])
def test_a_question_whose_run_has_ended_is_not_that_of_the_next_one(
    running: Replay, run_id: str | None
) -> None:
    replay = back(
        running,
        over(status="done", updatedAt=T0 + 900),
        later=1_000,
        chat__history=history(question("First", T0, run_id), spent("r1", "k")["message"]),
    )
    replay.receive(lifecycle("r2", "start", replay.now))
    assert replay.run("r2").task is None


def test_what_was_said_before_a_run_of_protocol_3_was_named_is_counted_to_it() -> None:
    before = Replay().connect(protocol=3)
    said = [question("Why?", T0 + 100), spent(None, "k1", T0 + 200)["message"]]
    going = {"key": KEY, "status": "running", "updatedAt": T0 + 100}
    replay = back(
        before,
        sessions__list={"ok": True, "payload": {"ts": T0 + 300, "sessions": [going]}},
        sessions__subscribe={"ok": False, "error": {"message": "unexpected property"}},
        chat__history=history(*said),
        later=300,
    )
    replay.receive(lifecycle("r1", "model", T0 + 400, model="large"))
    replay.receive(event("session.message", spent(None, "k2", T0 + 500)))
    assert sorted(replay.run("r1").usage) == ["k1", "k2"]


def test_a_call_of_protocol_3_is_not_counted_to_a_run_of_another_question(running: Replay) -> None:
    said = [
        *(question("One", T0 - 5), spent(None, "k1", T0 + 50)["message"]),
        *(question("Two", T0 + 900), spent(None, "k2", T0 + 950)["message"]),
    ]
    replay = back(running, row(updatedAt=T0 + 950), chat__history=history(*said))
    assert list(replay.run("r1").usage) == ["k1"]


def test_a_call_of_protocol_3_is_not_counted_to_the_run_of_a_later_question() -> None:
    before = Replay().connect()
    before.receive(lifecycle("r2", "start", T0 + 901, startedAt=T0 + 901))
    said = [
        question("One", T0 - 5),
        spent(None, "k1", T0 + 50)["message"],
        question("Two", T0 + 900),
    ]
    replay = back(before, row(updatedAt=T0 + 950), chat__history=history(*said))
    assert dict(replay.run("r2").usage) == {}


def test_the_question_of_a_run_of_which_only_the_end_is_told_is_not_that_of_the_next() -> None:
    said = history(question("First", T0 + 100))
    replay = back(Replay().connect(), row(updatedAt=T0), later=200, chat__history=said)
    replay.receive(lifecycle("r1", "error", replay.now + 50))
    replay.receive(lifecycle("r2", "start", replay.now + 90))
    assert replay.run("r2").task is None
