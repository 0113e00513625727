"""The demo's day makes trees that have everything a real gateway's have."""

import json
from itertools import count

from palais.demo.simulation import Simulation
from palais.domain.events import Span
from tests.domain.record import Steps, on_record, tree
from tests.gateway.frames import T0
from tests.gateway.replay import Replay

MINUTES_13 = 13 * 60_000


def lived() -> Replay:
    """Return some minutes of the demo, as Palais sees them."""
    simulation, replay, numbers = Simulation(1), Replay().connect(), count(1)
    simulation.wake(T0)
    while (now := simulation.next_due or 0) < T0 + MINUTES_13:
        for frame in simulation.advance(now):
            replay.now = max(replay.now, now)
            payload = json.loads(json.dumps(frame.payload))
            event = {"type": "event", "event": frame.event, "payload": payload}
            replay.receive({**event, "seq": next(numbers)})
    return replay


def test_a_day_at_court_has_steps_of_every_kind_all_in_their_place() -> None:
    replay = lived()
    assert not replay.link.faults
    record = on_record(replay.changes)
    steps = [step for found in record.values() for step in found.values()]
    kinds = {(step.type, step.status) for step in steps if step.status != "running"}
    assert kinds >= {
        *(("llm_call", "ok"), ("llm_call", "error"), ("tool_call", "ok"), ("tool_call", "error")),
        *(("tool_call", "aborted"), ("decision", "ok"), ("delegation", "ok")),
    }
    assert all(step.parent_id for step in steps if step.type != "llm_call")
    assert all(step.model and step.tokens_out for step in steps if answered(step))
    sessions = {run.id: run.conversation for run in replay.runs()}
    delegations = [(key, it) for key in record for it in record[key].values() if it.child_agent_id]
    assert delegations
    for session, step in delegations:
        child = replay.run(str(step.child_session_id))
        assert (child.agent_id, child.spawned_by) == (step.child_agent_id, sessions[session])
        assert nested(record[session], step)


def answered(step: Span) -> bool:
    """Whether it is a model call that is billed."""
    return step.type == "llm_call" and step.status == "ok"


def nested(steps: Steps, step: Span) -> bool:
    """Whether a delegation is called inside of the tool that searches tools."""
    parent = steps[str(step.parent_id)]
    line = f"    delegation sessions_spawn ok > {step.child_agent_id}"
    return parent.name == "tool_call" and line in tree(steps)
