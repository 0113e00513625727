"""Catching up with a gateway whose answers are late, refused, partial or make no sense."""

import pytest

from palais.domain.events import RunStatus
from palais.gateway.link import Memory
from tests.gateway.frames import (
    T0,
    TEN,
    Json,
    active,
    audited,
    event,
    lifecycle,
    log,
    refused,
    roster,
    spent,
)
from tests.gateway.replay import Replay

HOUR = 3_600_000


@pytest.mark.parametrize(
    "record",
    [
        {**audited("bad", T0, "succeeded"), "agentId": "no such id"},
        {**audited("bad", T0, "succeeded"), "runId": 7},
        {**audited("bad", T0, "succeeded"), "runId": "\x00"},
        {**audited("bad", T0, "succeeded"), "status": ["succeeded"]},
        {**audited("bad", T0), "agentId": None, "sessionKey": None},
    ],
)
def test_one_unusable_audit_record_does_not_keep_palais_from_catching_up(record: Json) -> None:
    said = log(record, audited("good", T0 - 10, "succeeded"))
    replay = Replay(answers={"audit.activity.list": lambda _: said}).connect()
    assert set(replay.court.agents) == set(TEN)
    assert [run.run_id for run in replay.runs()] == ["good"]


def test_an_old_gateway_that_refuses_the_parameters_is_asked_without_them() -> None:
    def plain_only(params: Json) -> Json:
        return refused("at root: unexpected property") if params else active()

    answers = dict.fromkeys(("sessions.subscribe", "sessions.list"), plain_only)
    answers["audit.activity.list"] = lambda _: refused("unknown method: audit.activity.list")
    replay = Replay(answers=answers).connect(protocol=3)
    for method in answers:
        assert [bool(it["params"]) for it in replay.requests(method)][:2] in ([True, False], [True])
    assert set(replay.court.agents) == set(TEN)
    assert replay.not_idle() == {}


def test_an_old_gateway_that_refuses_the_parameters_is_still_asked_what_is_active() -> None:
    def plain_only(params: Json) -> Json:
        return refused("at root: unexpected property") if params else active(at=replay.now)

    replay = Replay(answers={"sessions.list": plain_only})
    replay.connect(protocol=3)
    replay.receive(lifecycle("r1", "start", replay.now))
    replay.wait(60_000)
    assert replay.run("r1").status is RunStatus.LOST


def test_a_transcript_without_run_ids_is_not_counted_to_a_run_that_began_after_it() -> None:
    before = Replay().connect(protocol=3, server={"version": "2026.3.23"})
    before.receive(lifecycle("r1", "start", T0, startedAt=T0))
    messages = [spent(None, "old", T0 - HOUR)["message"], spent(None, "new", T0 + 9)["message"]]
    replay = Replay(
        court=before.court,
        memory=Memory(None, T0),
        answers={
            "sessions.list": lambda _: active("builder"),
            "chat.history": lambda _: {"ok": True, "payload": {"messages": messages}},
        },
    )
    replay.now = T0 + 60_000
    replay.connect(protocol=3, server={"version": "2026.3.23"})
    assert list(replay.run("r1").usage) == ["new"]


def test_a_refused_list_of_agents_is_asked_for_again() -> None:
    said = iter([refused("The server is busy", "UNAVAILABLE"), roster(*TEN)])
    replay = Replay(answers={"agents.list": lambda _: next(said)}).connect()
    assert dict(replay.court.agents) == {}
    replay.wait(5_000)
    assert set(replay.court.agents) == set(TEN)


def test_what_was_missed_is_kept_until_the_list_of_agents_is_known() -> None:
    said = iter([refused("The server is busy", "UNAVAILABLE"), roster(*TEN)])

    def since(params: Json) -> Json:
        ended = audited("missed", T0 - HOUR, "succeeded")
        return log(*([ended] if ended["occurredAt"] >= params["after"] else []))

    answers = {"agents.list": lambda _: next(said), "audit.activity.list": since}
    replay = Replay(memory=Memory("boot-1", T0 - 2 * HOUR), answers=answers).connect()
    replay.wait(5_000)
    assert replay.unknown == []
    assert [run.run_id for run in replay.runs()] == ["missed"]


def test_events_wait_for_the_list_of_agents_and_none_is_dropped() -> None:
    replay = Replay(silent=True).connect()
    replay.receive(lifecycle("r1", "start"))
    assert replay.events == []
    for request in [one for one in replay.asked if one["method"] != "connect"]:
        replay.answer(request)
    assert replay.unknown == []
    assert replay.not_idle() == {"builder": "busy"}


def test_a_list_of_agents_that_comes_while_catching_up_is_not_passed_over() -> None:
    replay = Replay(silent=True).connect()
    first = {request["method"]: request for request in replay.asked}
    replay.answer(first["agents.list"], **roster("writer"))
    replay.receive(event("config.changed", {}))
    replay.answer(replay.requests("agents.list")[1], **roster("writer", "herald"))
    for method in ("sessions.subscribe", "sessions.list", "audit.activity.list"):
        replay.answer(first[method])
    assert set(replay.court.agents) == {"writer", "herald"}


def test_a_catching_up_that_is_never_answered_is_begun_again() -> None:
    replay = Replay(silent=True).connect()
    first = {request["method"]: request for request in replay.asked}
    replay.answer(first["agents.list"])
    replay.silent = False
    replay.wait(60_000)
    assert set(replay.court.agents) == set(TEN)


def unanswering(method: str, memory: Memory | None = None) -> Replay:
    """Return a replay with a gateway that never answers this of what is asked when it connects."""
    replay = Replay(silent=True, memory=memory).connect()
    serve_all_but(method, replay)
    return replay


def serve_all_but(method: str, replay: Replay, milliseconds: int = 0) -> None:
    end = replay.now + milliseconds
    done = [request["id"] for request in replay.asked if request["method"] == method]
    while replay.now <= end:
        replay.serve()
        for request in replay.asked:
            if request["id"] not in done and request["method"] not in {method, "connect"}:
                done.append(request["id"])
                replay.answer(request)
        replay.now += 500


TICK = event("tick", {})


@pytest.mark.parametrize("method", ["audit.activity.list", "sessions.list", "sessions.subscribe"])
def test_a_gateway_that_never_answers_one_thing_is_followed_none_the_less(method: str) -> None:
    replay = unanswering(method, Memory("boot-1", T0 - HOUR))
    replay.receive(lifecycle("r1", "start"))
    serve_all_but(method, replay, 30_000)
    replay.receive(TICK)
    assert replay.link.caught_up
    assert replay.not_idle() == {"builder": "busy"}
    assert [gap.fields["started_at"] for gap in replay.logged("gap")] == [T0 - HOUR]
    assert replay.link.faults["the gateway left something unanswered"] == 1


def test_an_audit_log_that_takes_its_time_is_taken_in_late() -> None:
    replay = unanswering("audit.activity.list", Memory("boot-1", T0 - HOUR))
    serve_all_but("audit.activity.list", replay, 24_000)
    replay.receive(TICK)
    serve_all_but("audit.activity.list", replay, 3_000)
    first = replay.requests("audit.activity.list")[0]
    replay.answer(first, **log(audited("missed", T0 - 60_000, "succeeded")))
    assert [run.run_id for run in replay.runs()] == ["missed"]


def test_a_run_that_began_since_a_reboot_goes_on_while_the_audit_log_does_not_answer() -> None:
    replay = unanswering("audit.activity.list", Memory("boot-0", T0 - HOUR))
    serve_all_but("audit.activity.list", replay, 21_000)
    replay.receive(TICK)
    replay.receive(lifecycle("r1", "start", replay.now))
    replay.answers["sessions.list"] = lambda _: active("builder", at=replay.now)
    serve_all_but("audit.activity.list", replay, 60_000)
    replay.receive(TICK)
    assert replay.statuses("builder")[-1] == "busy"
    assert replay.logged("session.completed") == []


def test_a_gateway_that_never_answers_is_asked_less_and_less_often() -> None:
    replay = unanswering("audit.activity.list")
    for _ in range(120):
        serve_all_but("audit.activity.list", replay, 30_000)
        replay.receive(TICK)
    assert 5 < len(replay.requests("audit.activity.list")) < 25


@pytest.mark.parametrize("payload", [{}, {"agents": None}, {"agents": "all"}])
def test_an_answer_without_a_list_of_agents_paints_nobody_offline(payload: Json) -> None:
    replay = Replay().connect()
    replay.answers["agents.list"] = lambda _: {"ok": True, "payload": payload}
    replay.receive(event("config.changed", {}))
    assert replay.not_idle() == {}
    assert sum(replay.link.faults.values()) == 1


@pytest.mark.parametrize("payload", [{}, {"sessions": None}, {"sessions": "none"}])
def test_an_answer_without_a_list_of_sessions_ends_no_run(payload: Json) -> None:
    replay = Replay().connect()
    replay.receive(lifecycle("r1", "start"))
    replay.answers["sessions.list"] = lambda _: {"ok": True, "payload": payload}
    replay.wait(60_000)
    assert replay.run("r1").open
    assert sum(replay.link.faults.values()) > 0
