"""Catching up after an absence: what went on, what ended meanwhile, and what nobody will tell."""

import json

import pytest

from palais.domain.events import Blindness, RunStatus
from palais.gateway.link import Memory
from tests.gateway.frames import (
    T0,
    TEN,
    Json,
    active,
    audited,
    challenge,
    event,
    hello,
    lifecycle,
    log,
    spent,
)
from tests.gateway.replay import Replay

HOUR = 3_600_000
BOOT = Memory("boot-1", T0)


def back(
    before: Replay, *, later: int = HOUR, boot: str = "boot-1", protocol: int = 4, **said: Json
) -> Replay:
    """Connect again, so much later, to a gateway that says this (methods with ``__`` for dots)."""
    answers = {method.replace("__", "."): lambda _, it=it: it for method, it in said.items()}
    memory = Memory(before.link.boot_id, before.now)
    replay = Replay(memory=memory, court=before.court, answers=answers)
    replay.now = before.now + later
    return replay.connect(protocol=protocol, server={"bootId": boot, "version": "2026.9.6"})


@pytest.fixture
def running() -> Replay:
    """Give a connection on which the builder's run ``r1`` goes on."""
    replay = Replay(answers={"sessions.list": lambda _: active("builder")}).connect()
    replay.receive(lifecycle("r1", "start", T0, startedAt=T0))
    replay.wait(1_000)
    assert replay.not_idle() == {"builder": "busy"}
    return replay


def test_a_run_that_ended_meanwhile_gets_its_end_from_the_audit_log(running: Replay) -> None:
    ended = running.now + 60_000
    replay = back(running, audit__activity__list=log(audited("r1", ended, "failed")))
    run = replay.run("r1")
    assert (run.status, run.ended_at, run.inferred) == (RunStatus.FAILED, ended, False)
    assert replay.not_idle() == {"builder": "error"}


def test_a_run_that_ended_meanwhile_gets_its_consumption_from_the_transcript(
    running: Replay,
) -> None:
    replay = back(
        running,
        audit__activity__list=log(audited("r1", running.now + 9, "succeeded")),
        chat__history={"ok": True, "payload": {"messages": [spent("r1", "k1")["message"]]}},
    )
    run = replay.run("r1")
    assert (run.status, run.tokens, run.cost) == (RunStatus.COMPLETED, 15, 0.5)
    assert run.summary == "An answer"
    assert replay.requests("chat.history")[0]["params"]["sessionKey"] == "agent:builder:main"


def test_a_run_that_began_and_ended_meanwhile_is_on_record(running: Replay) -> None:
    at = running.now
    rows = (
        audited("r2", at + 90_000, "timed_out"),
        audited("r2", at + 80_000),
        audited("r1", at + 70_000, "succeeded"),
    )
    replay = back(running, audit__activity__list=log(*rows))
    missed = replay.run("r2")
    assert (missed.status, missed.started_at, missed.ended_at) == (
        RunStatus.TIMEOUT,
        at + 80_000,
        at + 90_000,
    )
    assert replay.not_idle() == {"builder": "error"}


def test_a_run_that_began_meanwhile_and_goes_on_makes_its_agent_busy(running: Replay) -> None:
    at = running.now
    rows = log(audited("r2", at + 80_000), audited("r1", at + 70_000, "succeeded"))
    replay = back(running, audit__activity__list=rows, sessions__list=active("builder"))
    assert replay.run("r2").open
    assert replay.run("r2").started_at == at + 80_000
    assert replay.not_idle() == {"builder": "busy"}


def test_a_start_without_end_in_an_idle_conversation_is_no_run(running: Replay) -> None:
    rows = log(audited("died", T0 - 50_000, agent_id="writer"))
    replay = back(running, audit__activity__list=rows, sessions__list=active("builder"))
    assert [run.run_id for run in replay.runs()] == ["r1"]
    assert replay.not_idle() == {"builder": "busy"}


def test_a_run_that_is_gone_without_trace_is_lost_at_the_second_look(running: Replay) -> None:
    replay = back(running)
    assert replay.run("r1").open
    replay.wait(2_000)
    run = replay.run("r1")
    assert (run.status, run.inferred) == (RunStatus.LOST, True)
    assert replay.not_idle() == {}
    assert replay.now <= running.now + HOUR + 5_000


def test_one_look_that_lacks_a_run_does_not_end_it(running: Replay) -> None:
    replay = back(running)
    replay.answers["sessions.list"] = lambda _: active("builder", at=replay.now)
    replay.wait(60_000)
    assert replay.run("r1").open


def test_a_run_from_before_that_later_ends_without_a_word_is_found_out(running: Replay) -> None:
    replay = back(running, sessions__list=active("builder"))
    replay.wait(60_000)
    assert replay.run("r1").open
    replay.answers["sessions.list"] = lambda _: active(at=replay.now)
    replay.wait(30_000)
    assert replay.run("r1").status is RunStatus.LOST


def test_a_new_boot_loses_the_old_runs_at_once(running: Replay) -> None:
    replay = back(running, boot="boot-2")
    assert replay.run("r1").status is RunStatus.LOST
    assert replay.not_idle() == {}


def test_a_new_boot_keeps_the_run_that_it_resumed(running: Replay) -> None:
    rows = log(audited("resumed", running.now + HOUR - 5_000))
    replay = back(
        running, boot="boot-2", audit__activity__list=rows, sessions__list=active("builder")
    )
    assert replay.run("r1").status is RunStatus.LOST
    assert replay.run("resumed").open
    assert replay.not_idle() == {"builder": "busy"}
    replay.wait(60_000)
    assert replay.run("resumed").open


def test_a_new_boot_prefers_the_end_that_the_audit_log_has(running: Replay) -> None:
    rows = log(audited("r1", running.now + 10, "succeeded"))
    replay = back(running, boot="boot-2", audit__activity__list=rows)
    assert replay.run("r1").status is RunStatus.COMPLETED


def test_the_first_connection_ever_loses_nothing_and_reads_the_last_day() -> None:
    ended = audited("r0", T0 - HOUR, "succeeded")
    said = {"audit.activity.list": lambda _: log(ended, audited("r0", T0 - 2 * HOUR))}
    replay = Replay(answers=said).connect()
    (run,) = replay.runs()
    assert (run.status, run.started_at, run.ended_at) == (
        RunStatus.COMPLETED,
        T0 - 2 * HOUR,
        T0 - HOUR,
    )
    (asked,) = replay.requests("audit.activity.list")
    assert asked["params"]["after"] == T0 - 24 * HOUR


def test_the_audit_log_is_read_from_shortly_before_the_last_observation(running: Replay) -> None:
    (asked,) = back(running, later=3 * HOUR).requests("audit.activity.list")
    assert running.now - 300_000 <= asked["params"]["after"] < running.now


def test_an_event_that_comes_with_the_hello_does_not_shorten_what_is_read(running: Replay) -> None:
    replay = Replay(memory=Memory("boot-1", running.now), court=running.court)
    later = running.now + HOUR
    for frame in (challenge(later), hello(), event("health", {"ok": True}, 1)):
        replay.link.receive(json.dumps(frame), later)
    replay.now = later
    replay.serve()
    (asked,) = replay.requests("audit.activity.list")
    assert asked["params"]["after"] <= running.now


def test_catching_up_twice_changes_nothing_the_second_time(running: Replay) -> None:
    at = running.now
    rows = log(
        audited("r3", at + 90_000),
        audited("r2", at + 85_000, "failed"),
        audited("r2", at + 80_000),
        audited("r1", at + 70_000, "succeeded"),
    )
    said = {
        "audit__activity__list": rows,
        "sessions__list": active("builder"),
        "chat__history": {"ok": True, "payload": {"messages": [spent("r1", "k1")["message"]]}},
    }
    once = back(running, later=200_000, **said)
    twice = back(once, later=0, **said)
    assert twice.runs() == once.runs()
    assert twice.court.agents == once.court.agents
    assert twice.logged("session.completed") == twice.logged("session.updated") == []
    assert gaps(twice) == []


def test_every_page_of_the_audit_log_is_read_and_told_oldest_first() -> None:
    pages = {
        None: {**log(audited("r2", T0 - 10, "failed")), "next": "a"},
        "a": {**log(audited("r1", T0 - 20, "succeeded")), "next": None},
    }

    def page(params: Json) -> Json:
        found = pages[params.get("cursor")]
        return {"ok": True, "payload": {**found["payload"], "nextCursor": found["next"]}}

    replay = Replay(answers={"audit.activity.list": page}).connect()
    ends = [line.session_id for line in replay.logged("session.completed")]
    assert ends == ["r1", "r2"]
    assert replay.not_idle() == {"builder": "error"}


def test_an_audit_log_without_end_is_not_read_for_ever() -> None:
    endless = {"ok": True, "payload": {"events": [], "nextCursor": "again"}}
    replay = Replay(answers={"audit.activity.list": lambda _: endless}).connect()
    assert len(replay.requests("audit.activity.list")) <= 50
    assert set(replay.court.agents) == set(TEN)


def gaps(replay: Replay) -> list[tuple[object, ...]]:
    """Return the periods without observation that went into history."""
    lines = [line.fields for line in replay.logged("gap")]
    return [(it["reason"], it["started_at"], it["ended_at"]) for it in lines]


@pytest.mark.parametrize(("boot", "reason"), [("boot-1", "gateway"), ("boot-2", "restart")])
def test_an_absence_is_put_on_record_with_its_cause(boot: str, reason: str) -> None:
    memory = Memory("boot-1", T0 - HOUR, Blindness.GATEWAY)
    replay = Replay(memory=memory).connect(server={"bootId": boot})
    assert gaps(replay) == [(reason, T0 - HOUR, T0)]


def test_the_first_connection_ever_has_missed_nothing() -> None:
    assert gaps(Replay().connect()) == []


def test_dropped_events_are_an_absence_from_the_last_event_on() -> None:
    replay = Replay().connect()
    replay.receive(event("tick", {}, 1))
    seen = replay.now
    replay.now += 5_000
    replay.receive(event("tick", {}, 7))
    assert gaps(replay) == [("sequence", seen, replay.now)]


def test_a_bridge_that_comes_back_was_absent_too() -> None:
    replay = Replay(memory=Memory(None, T0 - HOUR, Blindness.GATEWAY))
    for _ in range(2):
        replay.receive({"type": "agent.registered", "agentId": "builder"})
    assert gaps(replay) == [("gateway", T0 - HOUR, T0)]
