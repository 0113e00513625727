"""A gateway whose clock is not ours: what was missed is looked for by its own."""

import pytest

from palais.domain.events import RunStatus
from palais.gateway.link import Memory
from tests.gateway.frames import T0, Json, audited, challenge, hello, log, spent
from tests.gateway.replay import Replay

MINUTE = 60_000


@pytest.mark.parametrize("ahead", [-10 * MINUTE, 0, 10 * MINUTE])
def test_what_was_missed_is_found_whatever_the_gateway_s_clock_says(ahead: int) -> None:
    missed = T0 - MINUTE + ahead

    def since(params: Json) -> Json:
        return log(*([audited("r1", missed, "succeeded")] if missed >= params["after"] else []))

    message = spent("r1", "k1", missed)["message"]
    answers = {
        "audit.activity.list": since,
        "chat.history": lambda _: {"ok": True, "payload": {"messages": [message]}},
    }
    replay = Replay(memory=Memory("boot-1", T0 - 2 * MINUTE), answers=answers)
    replay.receive(challenge(T0 + ahead))
    replay.receive(hello())
    replay.wait(5_000)

    run = replay.run("r1")
    assert (run.status, run.tokens) == (RunStatus.COMPLETED, 15)
    assert replay.logged("gap")[0].fields["started_at"] == T0 - 2 * MINUTE  # by our own clock


@pytest.mark.parametrize("ahead", [-10 * MINUTE, 10 * MINUTE])
def test_no_more_is_read_again_because_the_clocks_differ(ahead: int) -> None:
    replay = Replay(memory=Memory("boot-1", T0 - 2 * MINUTE))
    replay.receive(challenge(T0 + ahead))
    replay.receive(hello())

    [asked] = replay.requests("audit.activity.list")
    assert asked["params"]["after"] == T0 + ahead - 3 * MINUTE
