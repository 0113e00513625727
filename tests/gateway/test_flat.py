"""The flat dialect (DESIGN, section 3): an object a frame, no handshake, for bridges."""

import pytest

from palais.domain.events import RunStatus
from tests.gateway.frames import Json, challenge, event, flat, hello
from tests.gateway.replay import Replay


@pytest.fixture
def replay() -> Replay:
    """Give a link on which the builder has introduced itself."""
    replay = Replay()
    replay.receive(flat("agent.registered", name="Imhotep"))
    return replay


def test_the_first_frame_tells_the_dialect_and_connects() -> None:
    replay = Replay()
    assert not replay.link.connected
    replay.receive(flat("agent.registered"))
    assert replay.link.connected
    assert (replay.link.protocol, replay.link.server_version, replay.link.boot_id) == (None,) * 3
    replay.wait(60_000)
    assert replay.asked == []


def test_registering_says_all_that_is_known_of_an_agent() -> None:
    replay = Replay()
    replay.receive(
        flat(
            "agent.registered",
            name="Imhotep",
            persona="architecte",
            bio="Bâtit.",
            model="mock/large",
            avatarUrl="https://example.org/imhotep.png",
        )
    )
    agent = replay.agent("builder")
    assert (agent.name, agent.persona, agent.bio) == ("Imhotep", "architecte", "Bâtit.")
    assert (agent.model, agent.avatar_url) == ("mock/large", "https://example.org/imhotep.png")
    assert agent.status == "idle"


def test_registering_again_updates_what_is_said_and_keeps_the_rest(replay: Replay) -> None:
    replay.receive(flat("agent.registered", bio="Bâtit."))
    assert (replay.agent("builder").name, replay.agent("builder").bio) == ("Imhotep", "Bâtit.")
    replay.receive(flat("agent.registered", name="Im"))
    assert (replay.agent("builder").name, replay.agent("builder").bio) == ("Im", "Bâtit.")


def test_an_agent_without_a_name_goes_by_its_id() -> None:
    replay = Replay()
    replay.receive(flat("agent.registered"))
    assert replay.agent("builder").name == "builder"


@pytest.mark.parametrize("status", ["idle", "busy", "error", "offline"])
def test_an_agent_is_what_it_says_it_is(replay: Replay, status: str) -> None:
    replay.receive(flat("agent.status", status="busy"))
    replay.receive(flat("agent.status", status=status))
    assert replay.agent("builder").status == status


@pytest.mark.parametrize("status", ["asleep", "", None, 3, ["busy"], "BUSY"])
def test_a_status_that_is_none_of_the_four_is_a_fault(replay: Replay, status: object) -> None:
    replay.receive(flat("agent.status", status=status))
    assert replay.agent("builder").status == "idle"
    assert sum(replay.link.faults.values()) == 1


@pytest.mark.parametrize("task_id", [12, 0, "T-12", 2**53])
def test_a_task_id_keeps_its_type(replay: Replay, task_id: int | str) -> None:
    replay.receive(flat("agent.status", status="busy", taskId=task_id))
    found = replay.agent("builder").task_id
    assert (found, type(found)) == (task_id, type(task_id))
    replay.receive(flat("session.started", sessionId="s", taskId=task_id))
    assert replay.run("s").task_id == task_id


@pytest.mark.parametrize("task_id", [True, [1], {"id": 1}, -1, 1.5e300])
def test_a_task_id_that_is_none_is_not_known(replay: Replay, task_id: object) -> None:
    replay.receive(flat("agent.status", status="busy", taskId=task_id))
    assert replay.agent("builder").status == "busy"
    assert replay.agent("builder").task_id is None


def test_a_session_runs_from_its_start_to_its_completion(replay: Replay) -> None:
    replay.receive(flat("session.started", sessionId="s1", taskId=7, model="mock/large"))
    run = replay.run("s1")
    assert (run.open, run.task_id, run.model) == (True, 7, "mock/large")
    assert replay.not_idle() == {"builder": "busy"}
    told = {"status": "completed", "tokens": 1500, "cost": 0.25, "summary": "Built it."}
    replay.receive(flat("session.completed", sessionId="s1", **told))
    run = replay.run("s1")
    assert (run.status, run.tokens, run.cost) == (RunStatus.COMPLETED, 1500, 0.25)
    assert (run.summary, run.ended_at) == ("Built it.", replay.now)
    assert replay.not_idle() == {}


def test_a_session_without_an_id_gets_one_of_its_own(replay: Replay) -> None:
    replay.receive(flat("session.started"))
    replay.receive(flat("session.started"))
    assert len({run.run_id for run in replay.runs()}) == 2


def test_a_completion_without_an_id_is_that_of_the_latest_running_session(replay: Replay) -> None:
    for name in ("first", "second", "third"):
        replay.now += 1000
        replay.receive(flat("session.started", sessionId=name))
    replay.receive(flat("session.completed", sessionId="first"))
    replay.receive(flat("session.completed", status="failed"))
    assert {run.run_id: run.status.value for run in replay.runs()} == {
        "first": "completed",
        "second": "running",
        "third": "failed",
    }


def test_a_completion_without_an_id_never_ends_another_agents_session(replay: Replay) -> None:
    replay.receive(flat("agent.registered", "writer"))
    replay.receive(flat("session.started", "writer", sessionId="theirs"))
    replay.receive(flat("session.completed"))
    assert replay.run("theirs").open
    assert replay.logged("session.completed") == []


@pytest.mark.parametrize("status", ["completed", "failed", "timeout", "aborted", "lost"])
def test_a_session_ends_as_it_says(replay: Replay, status: str) -> None:
    replay.receive(flat("session.started", sessionId="s"))
    replay.receive(flat("session.completed", sessionId="s", status=status))
    assert replay.run("s").status == status


@pytest.mark.parametrize("status", ["running", "done", 5, ["failed"], {"a": 1}])
def test_a_session_that_ends_in_no_known_way_is_a_fault(replay: Replay, status: object) -> None:
    replay.receive(flat("session.started", sessionId="s"))
    replay.receive(flat("session.completed", sessionId="s", status=status))
    assert replay.run("s").open
    assert sum(replay.link.faults.values()) == 1


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ({}, (None, None)),
        ({"tokens": 0, "cost": 0}, (0, 0.0)),
        ({"tokens": -5, "cost": -1}, (None, None)),
        ({"tokens": "many", "cost": "much"}, (None, None)),
        ({"tokens": True, "cost": False}, (None, None)),
    ],
)
def test_consumption_that_is_not_said_is_unknown_and_never_zero(
    replay: Replay, said: Json, known: tuple[object, object]
) -> None:
    replay.receive(flat("session.started", sessionId="s"))
    replay.receive(flat("session.completed", sessionId="s", **said))
    assert (replay.run("s").tokens, replay.run("s").cost) == known


@pytest.mark.parametrize(
    "type_", ["agent.status", "session.started", "session.completed", "span.started"]
)
def test_an_agent_that_nobody_introduced_is_dropped_and_told_of(replay: Replay, type_: str) -> None:
    court = replay.court
    span = {"id": "1", "type": "decision", "name": "x"}
    replay.receive(flat(type_, "stranger", status="failed", sessionId="s", span=span))
    replay.receive(flat(type_, "stranger", status="idle", sessionId="s", span=span))
    assert replay.court == court
    told = len(replay.unknown) + sum(replay.link.faults.values())
    assert told == 2


@pytest.mark.parametrize("agent_id", ["", " ", "../x", "a b", "a\x00", "é", "x" * 129, 7, None])
def test_an_agent_with_an_unusable_id_is_not_registered(agent_id: object) -> None:
    replay = Replay()
    replay.receive({"type": "agent.registered", "agentId": agent_id})
    assert dict(replay.court.agents) == {}
    assert sum(replay.link.faults.values()) == 1


def test_an_unknown_flat_event_is_a_fault_and_the_next_one_counts(replay: Replay) -> None:
    replay.receive(flat("agent.danced"))
    replay.receive(flat("agent.status", status="busy"))
    assert replay.link.faults == {"unknown flat event agent.danced": 1}
    assert replay.not_idle() == {"builder": "busy"}


def test_a_flat_frame_on_an_openclaw_connection_is_a_fault() -> None:
    replay = Replay().connect()
    replay.receive(flat("agent.registered", "intruder"))
    replay.receive(flat("agent.status", "builder", status="error"))
    assert replay.link.faults == {"a flat frame on an OpenClaw connection": 2}
    assert "intruder" not in replay.court.agents
    assert replay.not_idle() == {}


def test_a_flat_frame_between_challenge_and_hello_is_a_fault_too() -> None:
    replay = Replay()
    replay.receive(challenge())
    replay.receive(flat("agent.registered", "intruder"))
    assert not replay.link.connected
    replay.receive(hello())
    assert "intruder" not in replay.court.agents
    assert replay.link.faults == {"a flat frame on an OpenClaw connection": 1}


def test_an_openclaw_event_on_a_flat_connection_changes_nothing(replay: Replay) -> None:
    court = replay.court
    replay.receive(event("shutdown", {"reason": "forged"}))
    assert replay.court == court
    assert replay.link.farewell is None
