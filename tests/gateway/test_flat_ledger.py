"""What a bridge tells of tokens and cost, by call and as a whole."""

import pytest

from palais.domain.events import Usage
from tests.gateway.frames import Json, flat
from tests.gateway.replay import Replay
from tests.gateway.test_flat_steps import step


@pytest.fixture
def replay() -> Replay:
    """Give a link on which the builder has introduced itself."""
    replay = Replay()
    replay.receive(flat("agent.registered", name="Imhotep"))
    return replay


def spent(replay: Replay, run_id: str = "r1") -> dict[str, Usage]:
    return dict(replay.run(run_id).usage)


def test_a_model_call_is_an_entry_of_the_ledger_under_its_step_s_id(replay: Replay) -> None:
    replay.receive(flat("session.started", sessionId="r1"))
    said = {"type": "llm_call", "name": "m", "model": "mock/large", "tokensIn": 7, "tokensOut": 3}
    for _ in range(2):
        step(replay, "r1", "span.completed", **said, cacheRead=20, cacheWrite=10, cost=0.25)
    [(key, usage)] = spent(replay).items()
    assert (key, usage.tokens_in, usage.tokens_out, usage.cost) == ("s1", 7, 3, 0.25)
    assert (usage.cache_read, usage.cache_write, usage.total) == (20, 10, None)
    assert (usage.model, replay.run("r1").tokens, replay.run("r1").cost) == ("mock/large", 40, 0.25)


def test_a_model_call_that_tells_one_side_of_its_tokens_is_not_divided(replay: Replay) -> None:
    replay.receive(flat("session.started", sessionId="r1"))
    step(replay, "r1", "span.completed", type="llm_call", name="m", tokensOut=3)
    assert [(it.total, it.cost) for it in spent(replay).values()] == [(3, None)]


@pytest.mark.parametrize(
    "said",
    [
        {"type": "tool_call", "tokensIn": 7, "tokensOut": 3, "cost": 0.5},
        {"type": "llm_call"},
        {"type": "llm_call", "tokensIn": 0, "tokensOut": 0, "cost": 0},
    ],
)
def test_a_step_that_is_no_call_or_consumed_nothing_is_no_entry(replay: Replay, said: Json) -> None:
    replay.receive(flat("session.started", sessionId="r1"))
    step(replay, "r1", "span.completed", name="m", **said)
    assert spent(replay) == {}


def test_a_total_adds_what_its_calls_leave_also_where_one_is_called_total(replay: Replay) -> None:
    replay.receive(flat("session.started", sessionId="r1"))
    step(replay, "r1", "span.completed", id="total", type="llm_call", name="m", tokensIn=7)
    for tokens in (10, 10, 12):
        replay.receive(flat("session.completed", sessionId="r1", tokens=tokens))
    assert [it.tokens for it in spent(replay).values()] == [7, 3, 2]
    assert replay.run("r1").tokens == 12


def test_a_call_without_a_session_is_the_one_s_whose_step_it_is(replay: Replay) -> None:
    replay.receive(flat("session.started", sessionId="r1"))
    replay.receive(flat("session.started", sessionId="r2"))
    step(replay, "r1", type="tool_call")
    replay.wait(10)
    replay.receive(flat("session.started", sessionId="r1"))
    said = {"id": "s2", "type": "llm_call", "name": "m", "tokensIn": 7, "tokensOut": 3}
    replay.receive(flat("span.completed", span=said))
    assert (list(replay.run("r1").steps), list(spent(replay))) == (["s1", "s2"], ["s2"])
    assert spent(replay, "r2") == {}
