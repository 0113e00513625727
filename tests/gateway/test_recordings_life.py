"""Recordings of a gateway that stops, dies, starts, or is old."""

import pytest

from palais.domain.events import RunStatus
from palais.errors import GatewayError, RefusedError
from palais.gateway.link import Memory
from tests.gateway.frames import Json, audited
from tests.gateway.recording import Connection, connection, connections, is_end
from tests.gateway.replay import Replay, replayed

KILLED = "agent:artist:r48cef"
IDLE: Json = {"ok": True, "payload": {"sessions": []}}


def of_old(name: str = "") -> Connection:
    """Return a connection to the gateway that speaks protocol 3; the unnamed one has runs."""
    return [one for one in connections("22") if one.name == name][-1]


def again(before: Replay, boot_id: str, later: int, **answers: Json) -> Replay:
    """Connect once more, that much later, with what the earlier connection left."""
    memory = Memory(before.link.boot_id, before.now)
    said = {method.replace("_", "."): lambda _, it=it: it for method, it in answers.items()}
    replay = Replay(memory=memory, court=before.court, answers=said)
    replay.now = before.now + later
    return replay.connect(server={"bootId": boot_id, "version": "2026.9.6"})


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("19a", "gateway stopping"),
        ("19b", "gateway stopping"),
        ("19d", "gateway restarting"),
        ("19c", None),
    ],
)
def test_a_gateway_says_why_it_goes_unless_it_is_killed(name: str, reason: str | None) -> None:
    assert replayed(name).link.farewell == reason


@pytest.mark.parametrize("name", ["19a", "19d"])
def test_a_farewell_changes_no_agent(name: str) -> None:
    replay = replayed(name)
    assert replay.not_idle() == {}
    assert replay.runs() == []


def test_a_stopping_gateway_lets_the_run_end_first() -> None:
    replay = Replay().play(connection("19b"), until=is_end)
    assert replay.link.farewell is None
    replay.go_on()
    run = replay.run("77f7ed9e")
    assert (run.status, run.tokens) == (RunStatus.COMPLETED, 6267)
    assert replay.busy == [set(), {"artist"}, set()]


def test_a_lost_gateway_leaves_its_runs_and_agents_as_they_were_last_seen() -> None:
    replay = replayed("19c")
    assert replay.run("8503452f").open
    assert replay.not_idle() == {"artist": "busy"}


def test_a_run_of_a_killed_gateway_is_lost_as_soon_as_the_new_one_is_known() -> None:
    replay = again(replayed("19c"), "a-new-boot", 12_000, sessions_list=IDLE)
    run = replay.run("8503452f")
    assert (run.status, run.inferred) == (RunStatus.LOST, True)
    assert replay.not_idle() == {}
    assert [line.fields["status"] for line in replay.logged("session.completed")] == ["lost"]
    assert replay.logged("session.completed")[0].fields["inferred"] is True


def test_a_run_that_the_new_gateway_resumes_under_a_new_id_makes_the_agent_busy() -> None:
    before = replayed("19c")
    started = audited("resumed", before.now + 9_000, agent_id="artist") | {"sessionKey": KILLED}
    row = {"key": KILLED, "hasActiveRun": True}
    replay = again(
        before,
        "a-new-boot",
        12_000,
        sessions_list={"ok": True, "payload": {"ts": before.now + 12_000, "sessions": [row]}},
        audit_activity_list={"ok": True, "payload": {"events": [started]}},
    )
    assert replay.run("8503452f").status is RunStatus.LOST
    assert replay.run("resumed").open
    assert replay.agent("artist").active_sessions == 1
    assert replay.not_idle() == {"artist": "busy"}


def test_a_run_outlives_a_broken_connection_to_the_same_gateway() -> None:
    before = replayed("19c")
    assert before.link.boot_id is not None
    row = {"key": KILLED, "hasActiveRun": True}
    listed = {"ok": True, "payload": {"sessions": [row]}}
    replay = again(before, before.link.boot_id, 12_000, sessions_list=listed)
    replay.wait(60_000)
    assert replay.run("8503452f").open
    assert replay.not_idle() == {"artist": "busy"}


def test_a_starting_gateway_asks_to_come_back_and_is_no_refusal() -> None:
    *starting, ready = connections("19e")
    assert len(starting) == 6
    for recorded in starting:
        with pytest.raises(GatewayError, match="not ready yet: gateway starting") as caught:
            Replay().play(recorded)
        assert not isinstance(caught.value, RefusedError)
    assert Replay().play(ready).link.connected


def test_a_connection_without_the_read_scope_is_refused_though_the_gateway_says_hello() -> None:
    with pytest.raises(RefusedError) as caught:
        replayed("13c")
    assert caught.value.code == "SCOPE_MISSING"
    assert "openclaw devices approve" in caught.value.remedy


@pytest.mark.parametrize("name", ["proto 3-3", "proto 3-4", "test/test no device", "with Origin"])
def test_an_old_gateway_that_grants_nothing_is_found_out_by_the_first_read(name: str) -> None:
    recorded = of_old(name)
    assert recorded.hello is not None
    assert "auth" not in recorded.hello["payload"]
    with pytest.raises(RefusedError) as caught:
        Replay().play(recorded)
    assert caught.value.code == "SCOPE_MISSING"


def test_an_old_gateway_that_speaks_another_protocol_only_names_the_mismatch() -> None:
    with pytest.raises(RefusedError) as caught:
        Replay().play(of_old("proto 4-4"))
    assert caught.value.code == "PROTOCOL_MISMATCH"


def test_an_old_gateway_is_understood_as_well() -> None:
    replay = Replay().play(of_old())
    assert replay.link.protocol == 3
    assert replay.statuses("builder") == ["idle", "busy", "idle", "busy", "error"]
    assert replay.busy == [set(), {"builder"}, set(), {"builder"}, set(), {"artist"}]
    good, bad = replay.run("741f8f55"), replay.run("48694cd7")
    assert (good.status, bad.status) == (RunStatus.COMPLETED, RunStatus.FAILED)
    assert bad.error == "400 mock failure 400 on request"
    assert good.model == "mock/mock-large"
    assert [step.status for step in replay.used("741f8f55")] == ["ok"]


def test_consumption_of_an_old_gateway_is_counted_to_the_run_of_its_conversation() -> None:
    replay = Replay().play(of_old())
    good, bad = replay.run("741f8f55"), replay.run("48694cd7")
    assert (good.tokens, good.cost) == (7316, pytest.approx(0.012273))
    assert (bad.tokens, bad.cost) == (None, None)


def test_questions_to_an_old_gateway_are_told_without_their_time_stamp() -> None:
    replay = Replay().play(of_old())
    tasks = [replay.run(prefix).task for prefix in ("741f8f55", "48694cd7", "f92259f7")]
    assert tasks == ["please [[exec echo old]]", "fail [[error 400]]", "long [[slow 10]]"]


def test_an_old_gateway_that_begins_at_another_number_than_1_has_dropped_nothing() -> None:
    told = [frame["seq"] for _, frame in of_old().frames if frame.get("seq") is not None]
    assert told[0] > 1
    assert Replay().play(of_old()).link.faults == {}


def test_a_run_that_an_old_gateway_no_longer_has_is_lost_after_the_next_connection() -> None:
    before = Replay().play(of_old())
    assert before.link.farewell == "gateway stopping"
    assert before.run("f92259f7").open
    replay = again(before, "", 20_000, sessions_list=IDLE)
    replay.wait(5_000)
    assert replay.run("f92259f7").status is RunStatus.LOST
    assert "artist" not in replay.not_idle()
