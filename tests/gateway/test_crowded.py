"""Catching up with more than a gateway takes at once: it refuses what is too much as busy."""

import json
from typing import Any, Final

from palais.gateway.link import Memory
from tests.gateway.frames import T0, Json, active, audited, event, log, refused, spent
from tests.gateway.replay import Replay

HOUR: Final = 3_600_000
ROOM: Final = 256
"""Requests that OpenClaw 2026.9.6 lets wait; it refuses all others."""

BUSY: Final = refused("The server is busy. Please try again in a moment.", "UNAVAILABLE")
LATELY: Final = Memory("boot-1", T0 - HOUR)


class Crowded(Replay):
    """A link beside a gateway that takes so many requests at once, and no more."""

    def serve(self) -> None:
        self.link.tick(self.now)
        while requests := [json.loads(text) for text in self.link.outgoing()]:
            self.asked += requests
            for place, request in enumerate(requests):
                if request["method"] != "connect":
                    self.answer(request, **(BUSY if place >= ROOM else {}))
            self.link.tick(self.now)


def own(name: str, record: Json) -> Json:
    """Return the record as one of a conversation of its own."""
    return {**record, "sessionKey": f"agent:builder:{name}"}


def said(*messages: Json, **more: Any) -> Json:
    return {"ok": True, "payload": {"messages": list(messages), **more}}


def test_what_many_runs_cost_that_nobody_saw_is_read_of_each_of_them() -> None:
    names = [f"run-{number}" for number in range(400)]
    ended = [own(name, audited(name, T0 - 60_000, "succeeded")) for name in names]

    def history(asked: Json) -> Json:
        name = asked["sessionKey"].rpartition(":")[2]
        return said(spent(name, f"call-{name}", T0 - 60_000)["message"])

    answers = {"audit.activity.list": lambda _: log(*ended), "chat.history": history}
    replay = Crowded(memory=LATELY, answers=answers).connect()
    replay.wait(60_000)

    assert {run.run_id: run.tokens for run in replay.runs()} == dict.fromkeys(names, 15)
    assert sum(replay.link.faults.values()) == 0


def test_the_messages_of_all_conversations_are_followed() -> None:
    keys = [f"agent:builder:telegram:{number}" for number in range(500)]
    listed = [{"key": key} for key in keys]
    told = {"ok": True, "payload": {"ts": T0, "sessions": listed}}
    taken: list[str] = []

    def follow(asked: Json) -> Json:
        taken.append(asked["key"])
        return {"ok": True, "payload": {}}

    answers = {"sessions.list": lambda _: told, "sessions.messages.subscribe": follow}
    Crowded(answers=answers).connect().wait(60_000)

    assert set(keys) <= set(taken)


def test_a_transcript_that_a_busy_gateway_refused_is_asked_for_again() -> None:
    say = iter([BUSY, BUSY, said(spent("r1", "k1", T0 - 60_000)["message"])])
    answers = {
        "audit.activity.list": lambda _: log(audited("r1", T0 - 60_000, "succeeded")),
        "chat.history": lambda _: next(say),
    }
    replay = Replay(memory=LATELY, answers=answers).connect()
    replay.wait(10_000)

    assert replay.run("r1").tokens == 15


def test_a_gateway_that_is_always_busy_is_left_alone_in_the_end() -> None:
    answers = {
        "audit.activity.list": lambda _: log(audited("r1", T0 - 60_000, "succeeded")),
        "chat.history": lambda _: BUSY,
    }
    replay = Replay(memory=LATELY, answers=answers).connect()
    replay.wait(10 * 60_000)

    asked = len(replay.requests("chat.history"))
    assert 1 < asked < 20
    assert replay.link.faults["chat.history was refused"] == 1


def test_what_the_audit_log_of_a_busy_gateway_has_is_asked_for_again() -> None:
    say = iter([BUSY, log(audited("r1", T0 - 60_000, "succeeded"))])
    replay = Replay(memory=LATELY, answers={"audit.activity.list": lambda _: next(say)}).connect()
    replay.wait(5_000)

    assert [run.run_id for run in replay.runs()] == ["r1"]


def test_a_busy_gateway_is_not_taken_for_an_old_one() -> None:
    say = iter([BUSY])
    replay = Replay(answers={"sessions.list": lambda _: next(say, active(at=replay.now))})
    replay.connect()
    replay.wait(30_000)

    assert len(replay.requests("sessions.list")) > 1
    assert all(request["params"] for request in replay.requests("sessions.list"))


def test_a_list_of_agents_that_a_busy_gateway_refused_is_asked_for_again() -> None:
    replay = Replay().connect()
    say = iter([BUSY, {"ok": True, "payload": {"agents": [{"id": "herald"}]}}])
    replay.answers["agents.list"] = lambda _: next(say)
    replay.receive(event("config.changed", {}))
    replay.wait(5_000)

    assert replay.court.agents["herald"].present


def test_a_transcript_is_read_back_to_where_sight_was_lost() -> None:
    """The gateway gives the latest messages; 200 are fewer than an hour may have."""
    calls = [spent("r1", f"k{n}", T0 - n * 5_000)["message"] for n in range(1, 1_001)]

    def history(asked: Json) -> Json:
        start = asked.get("offset", 0)
        page = calls[start : start + asked["limit"]]
        more = start + len(page) < len(calls)
        place = {"hasMore": more, **({"nextOffset": start + len(page)} if more else {})}
        return said(*reversed(page), **place)

    answers = {
        "audit.activity.list": lambda _: log(audited("r1", T0 - 1_000, "succeeded")),
        "chat.history": history,
    }
    replay = Replay(memory=LATELY, answers=answers).connect()
    replay.wait(10_000)

    seen = {f"k{n}" for n in range(1, 721)}  # one every five seconds of the hour
    assert seen <= set(replay.run("r1").usage)
    assert len(replay.requests("chat.history")) < 6  # what is older was seen


def test_a_transcript_without_end_is_not_read_for_ever() -> None:
    message = spent("r1", "k1", T0 - 1_000)["message"]
    answers = {
        "audit.activity.list": lambda _: log(audited("r1", T0 - 1_000, "succeeded")),
        "chat.history": lambda asked: said(
            message, hasMore=True, nextOffset=asked.get("offset", 0) + 200
        ),
    }
    replay = Replay(memory=LATELY, answers=answers).connect()
    replay.wait(60_000)

    assert len(replay.requests("chat.history")) <= 101
