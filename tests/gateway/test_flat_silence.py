"""A bridge that was restarted never ends what it had begun; it does not run for ever."""

from typing import Final

from palais.domain.events import RunStatus
from palais.gateway.dialects.flat import QUIET_MS
from palais.gateway.link import Memory
from tests.gateway.frames import T0, Json, flat
from tests.gateway.replay import Replay

OUTAGE_MS: Final = 60_000


def step(**more: str) -> Json:
    return flat("span.started", span={"id": "s1", "type": "tool_call", "name": "exec"}, **more)


def back(*sessions: str) -> Replay:
    """Return a bridge that comes back after an outage in which it forgot these sessions."""
    before = Replay()
    before.receive(flat("agent.registered"))
    for session in sessions:
        before.receive(flat("session.started", sessionId=session))
    after = Replay(memory=Memory(None, T0), court=before.court)
    after.now = T0 + OUTAGE_MS
    after.receive(flat("agent.registered"))
    return after


def test_a_session_that_nobody_speaks_of_after_an_outage_has_an_end_that_was_not_observed() -> None:
    replay = back("old")
    replay.wait(QUIET_MS)
    assert replay.run("old").open  # a model may take its time

    replay.receive(flat("agent.status", status="idle"))

    run = replay.run("old")
    assert (run.status, run.inferred, run.ended_at) == (RunStatus.LOST, True, replay.now)
    assert replay.agent("builder").active_sessions == 0


def test_a_session_of_which_a_step_is_told_goes_on() -> None:
    replay = back("named", "old")
    replay.receive(step(sessionId="named"))
    replay.wait(QUIET_MS)
    replay.receive(flat("agent.status", status="busy"))

    assert (replay.run("named").open, replay.run("old").open) == (True, False)


def test_a_step_that_names_no_session_keeps_those_of_its_agent() -> None:
    replay = back("old")
    replay.receive(step())
    replay.wait(QUIET_MS)
    replay.receive(flat("agent.status", status="busy"))

    assert replay.run("old").open


def test_a_session_that_began_since_goes_on_however_quiet() -> None:
    replay = back()
    replay.receive(flat("session.started", sessionId="new"))
    replay.wait(2 * QUIET_MS)
    replay.receive(flat("agent.status", status="busy"))

    assert replay.run("new").open


def test_what_is_told_of_its_end_after_all_wins() -> None:
    replay = back("old")
    replay.wait(QUIET_MS)
    replay.receive(flat("agent.status", status="idle"))
    replay.receive(flat("session.completed", sessionId="old", summary="Built."))

    run = replay.run("old")
    assert (run.status, run.inferred, run.summary) == (RunStatus.COMPLETED, False, "Built.")


def test_without_an_outage_nothing_is_given_up() -> None:
    replay = Replay()
    replay.receive(flat("agent.registered"))
    replay.receive(flat("session.started", sessionId="long"))
    replay.wait(10 * QUIET_MS)
    replay.receive(flat("agent.status", status="busy"))

    assert replay.run("long").open
