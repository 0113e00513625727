"""Recordings of what starts without a person at the console, and of a gateway that is managed."""

import pytest

from palais.domain.events import RunStatus
from tests.gateway.frames import TEN, Json, roster
from tests.gateway.recording import at_seq, connection, is_answer
from tests.gateway.replay import Replay, replayed

CRON_KEY = (
    "agent:messenger:cron:8b97bb55-6885-4558-a848-3324562b9b40"
    ":run:d40b3e76-5ca3-41b3-988d-0d9a70a67758"
)


def test_a_job_opens_the_session_of_its_real_run_and_none_of_its_own() -> None:
    replay = replayed("12")
    (run,) = replay.runs()
    assert run.run_id == "a8591445-fe20-4067-bbc4-9e788fef2c10"
    assert run.conversation == CRON_KEY
    assert run.status is RunStatus.COMPLETED
    assert (run.tokens, run.cost) == (6255, pytest.approx(0.00088347))
    assert replay.statuses("messenger") == ["idle", "busy", "idle"]


def test_a_jobs_run_is_named_by_what_the_job_asks() -> None:
    task = replayed("12").run("a8591445").task
    assert task is not None
    assert task.startswith("cron says hi")


def test_a_job_that_fails_to_deliver_does_not_fail_the_run() -> None:
    replay = replayed("12")
    assert not replay.agent("messenger").failed
    assert replay.not_idle() == {}


def test_a_channel_run_of_which_only_rows_are_told_is_seen_from_start_to_end() -> None:
    replay = replayed("21a")
    assert replay.busy == [set(), {"concierge"}, set()]
    run = replay.run("4174adf2")
    assert run.status is RunStatus.COMPLETED
    assert run.ended_at == 1_795_377_812_285
    assert (run.tokens, run.cost) == (17_399, pytest.approx(0.0288966))
    assert run.task == "hello from telegram [[exec echo tg]]"
    assert not run.inferred


def test_the_row_that_ends_a_channel_run_still_says_that_a_run_is_active() -> None:
    replay = Replay().play(connection("21a"), until=at_seq(9))
    assert replay.run("4174adf2").open
    replay.go_on(until=at_seq(10))
    assert replay.rows["agent:concierge:main"]["hasActiveRun"] is True
    assert replay.run("4174adf2").status is RunStatus.COMPLETED
    assert replay.not_idle() == {}


def test_a_channel_run_whose_last_row_is_missed_ends_when_the_gateway_is_asked() -> None:
    replay = Replay().play(connection("21a"), until=at_seq(9))
    replay.rows.clear()
    asked = len(replay.requests("sessions.list"))
    replay.wait(30_000)
    assert len(replay.requests("sessions.list")) > asked
    run = replay.run("4174adf2")
    assert (run.status, run.inferred) == (RunStatus.LOST, True)
    assert replay.not_idle() == {}


def followed(replay: Replay) -> list[str]:
    return [request["params"]["key"] for request in replay.requests("sessions.messages.subscribe")]


def test_the_messages_of_every_conversation_are_asked_for_once() -> None:
    replay = replayed("20")
    keys = followed(replay)
    assert {f"agent:{agent_id}:main" for agent_id in TEN} <= set(keys)
    assert len(keys) == len(set(keys))


def test_conversations_that_the_gateway_lists_are_followed() -> None:
    listed = {"list": {"sessions": [{"key": "agent:tutor:telegram:7"}, {"key": "agent:cfo:x"}]}}
    answers = {"sessions.subscribe": lambda _: {"ok": True, "payload": listed}}
    assert {"agent:tutor:telegram:7", "agent:cfo:x"} <= set(
        followed(Replay(answers=answers).connect())
    )


def test_a_conversation_that_appears_later_is_followed_too() -> None:
    replay = replayed("15")
    assert "agent:tutor:telegram:7" not in followed(replay)
    payload = {"sessionKey": "agent:tutor:telegram:7", "agentId": "tutor", "reason": "create"}
    for _ in range(2):
        replay.receive({"type": "event", "event": "sessions.changed", "payload": payload})
    assert followed(replay).count("agent:tutor:telegram:7") == 1


def test_a_followed_channel_run_is_known_step_by_step() -> None:
    replay = replayed("21b")
    run = replay.run("e400550d")
    assert run.status is RunStatus.COMPLETED
    assert [(step.name, step.status) for step in replay.used("e400550d")] == [("exec", "ok")]
    assert run.task == "again [[exec echo tg2]]"
    assert "tool:exec" in replay.activities("concierge")
    assert replay.busy == [set(), {"concierge"}, set()]


def test_an_idle_gateway_changes_nothing() -> None:
    replay = Replay().play(connection("15"), until=is_answer)
    replay.wait(2_000)
    settled, told = replay.court, len(replay.changes)
    replay.go_on()
    assert replay.court == settled
    assert replay.changes[told:] == []


def test_a_changed_configuration_makes_palais_ask_for_the_agents_again() -> None:
    answers = iter([roster(*TEN), roster(*TEN, "herald")])
    replay = Replay(answers={"agents.list": lambda _: next(answers)}).play(connection("16"))
    assert len(replay.requests("agents.list")) == 2
    assert set(replay.court.agents) == {*TEN, "herald"}
    assert replay.agent("herald").status == "idle"


def test_an_agent_removed_from_the_configuration_is_offline() -> None:
    answers = iter([roster(*TEN), roster(*(name for name in TEN if name != "cfo"))])
    replay = Replay(answers={"agents.list": lambda _: next(answers)}).play(connection("16"))
    assert replay.not_idle() == {"cfo": "offline"}


def test_the_agents_are_as_the_gateway_describes_them() -> None:
    replay = replayed("20")
    assert set(replay.court.agents) == set(TEN)
    artist, cfo = replay.agent("artist"), replay.agent("cfo")
    assert (artist.name, artist.emoji, artist.model) == ("Artist", "🎨", "mock/mock-large")
    assert artist.persona == "calm artist"
    assert cfo.model == "mock/mock-small"
    assert len(replay.logged("agent.registered")) == len(TEN)


def test_an_agent_without_an_identity_goes_by_its_configured_name() -> None:
    agents = [
        {"id": "a", "name": "Configured", "model": "mock/small"},
        {"id": "b", "name": "Configured", "identity": {"name": "Chosen"}},
        {"id": "c"},
    ]
    answers = {"agents.list": lambda _: {"ok": True, "payload": {"agents": agents}}}
    court = Replay(answers=answers).connect().court
    assert [agent.name for agent in court.agents.values()] == ["Configured", "Chosen", "c"]
    assert court.agents["a"].model == "mock/small"


def test_picture_data_in_the_list_of_agents_is_what_the_gateway_wishes_to_show() -> None:
    wishes = [agent.avatar_url or "" for agent in replayed("20").court.agents.values()]
    assert {wish[:22] for wish in wishes} == {"", "data:image/png;base64,"}


def test_recorded_audit_rows_become_sessions_and_their_messages_consumption() -> None:
    recorded = connection("20")
    audit, history = recorded.answer("audit.activity.list"), recorded.answer("chat.history")
    assert audit is not None
    assert history is not None

    def page(params: Json) -> Json:
        return audit if "cursor" not in params else {"ok": True, "payload": {"events": []}}

    def messages(params: Json) -> Json:
        mine = params["sessionKey"] == "agent:builder:main"
        return history if mine else {"ok": True, "payload": {"messages": []}}

    replay = Replay(answers={"audit.activity.list": page, "chat.history": messages})
    replay.play(recorded)
    tutor, builder = replay.run("3771207a"), replay.run("4708e968")
    assert {run.status for run in replay.runs()} == {RunStatus.COMPLETED}
    assert (tutor.started_at, tutor.ended_at) == (1_795_376_714_974, 1_795_376_715_419)
    assert builder.ended_at == 1_795_376_711_933
    assert builder.cost == pytest.approx(0.0256014)
    assert [one["params"].get("cursor") for one in replay.requests("audit.activity.list")] == [
        None,
        "114",
    ]
    assert replay.not_idle() == {}


def test_a_slow_client_loses_its_connection_and_nothing_else() -> None:
    replay = replayed("18")
    assert replay.link.connected
    assert replay.link.farewell is None
    assert replay.not_idle() == {}


def test_compacting_resetting_and_deleting_a_conversation_leaves_its_sessions_alone() -> None:
    replay = Replay().play(connection("23"), until=at_seq(57))
    settled, told = replay.court.ended, len(replay.changes)
    replay.go_on()
    replay.wait(30_000)
    assert replay.court.ended == settled
    assert [change for change in replay.changes[told:] if hasattr(change, "run")] == []
    assert replay.not_idle() == {}


def test_two_questions_in_a_row_are_two_sessions() -> None:
    replay = replayed("23")
    sessions = [(run.task, run.status.value, run.tokens) for run in replay.runs()]
    assert sessions == [("one", "completed", 7042), ("two", "completed", 7054)]
    assert replay.statuses("writer") == ["idle", "busy", "idle", "busy", "idle"]
