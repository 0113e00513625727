"""Recorded runs that went well: who is busy when, what was asked, done, used and answered."""

import json
from contextlib import suppress

import pytest

from palais.domain.changes import Logged
from palais.domain.events import RunStatus
from palais.errors import GatewayError
from tests.gateway.recording import connection, connections, is_end, recordings
from tests.gateway.replay import Replay, replayed

WHOLE_RUNS = (
    *("02", "03", "03b", "04", "05", "08", "09", "10", "11"),
    *("12", "13b", "19b", "21a", "21b"),
)
"""Recordings that end with a row of a run's own figures."""

RUNS = {
    "02": ("writer", "ac82a0da"),
    "03": ("builder", "5249db96"),
    "04": ("builder", "52202ee6"),
    "06": ("artist", "162e883f"),
    "07": ("explorer", "dff7bb39"),
    "07d": ("tutor", "26253ea7"),
    "08": ("tutor", "3771207a"),
    "09": ("concierge", "bf281d09"),
    "10": ("maintainer", "36f3748b"),
    "11": ("marketer", "51b5a973"),
    "12": ("messenger", "a8591445"),
    "13": ("writer", "ae52459f"),
    "21a": ("concierge", "4174adf2"),
    "21b": ("concierge", "e400550d"),
}


@pytest.mark.parametrize("name", recordings())
def test_every_recorded_event_is_understood_and_belongs_to_a_known_agent(name: str) -> None:
    for recorded in connections(name.partition("-")[0]):
        replay = Replay()
        with suppress(GatewayError):  # some of them let nobody in
            replay.play(recorded)
        assert set(replay.link.faults) <= {"the gateway dropped events"}
        assert replay.unknown == []


@pytest.mark.parametrize(("name", "agent_id", "prefix"), [(k, *v) for k, v in RUNS.items()])
def test_an_agent_is_busy_from_the_first_frame_that_names_its_run(
    name: str, agent_id: str, prefix: str
) -> None:
    replay = Replay()
    replay.play(connection(name), until=lambda frame: f'"{prefix}' in json.dumps(frame))
    assert replay.busy == [frozenset(), {agent_id}]
    assert replay.run(prefix).open


@pytest.mark.parametrize(("name", "agent_id"), [(k, v[0]) for k, v in RUNS.items() if k != "21a"])
def test_an_agent_rests_at_once_when_its_run_ends(name: str, agent_id: str) -> None:
    replay = Replay().play(connection(name), until=is_end)
    assert replay.busy == [frozenset(), {agent_id}, frozenset()]
    assert replay.agent(agent_id).active_sessions == 0


@pytest.mark.parametrize("name", WHOLE_RUNS)
def test_a_run_is_worth_exactly_what_the_gateways_own_row_says(name: str) -> None:
    replay = replayed(name)
    rows = {row["lastRunId"]: row for row in replay.rows.values() if row.get("lastRunId")}
    ended = [run for run in replay.court.ended.values() if run.run_id in rows]
    assert ended
    for run in ended:
        row, usage = rows[run.run_id], run.usage.values()
        assert run.cost == pytest.approx(row["estimatedCostUsd"])
        assert sum(one.tokens_in for one in usage) == row["inputTokens"]
        assert sum(one.tokens_out for one in usage) == row["outputTokens"]
        assert run.model == f"{row['modelProvider']}/{row['model']}"
        assert (run.started_at, run.ended_at) == (row["startedAt"], row["endedAt"])
        assert run.conversation == row["key"]


def test_a_simple_run_tells_its_whole_story() -> None:
    replay = replayed("02")
    story = [line.type for line in replay.changes if getattr(line, "session_id", None)]
    assert story == [
        *("session.started", "agent.status", "session.updated"),
        *("session.completed", "session.updated", "span.completed"),
    ]
    assert replay.statuses("writer") == ["idle", "busy", "idle"]
    assert replay.activities("writer") == [None, "thinking", "typing", None]
    run = replay.run("ac82a0da")
    assert run.status is RunStatus.COMPLETED
    assert run.task == "hello there"
    assert run.summary == "Mock answer to: hello there"
    assert (run.tokens, run.cost) == (7047, pytest.approx(0.011709))
    assert run.model == "mock/mock-large"
    assert run.error is None
    assert not run.inferred


def test_usage_that_comes_after_the_end_of_its_run_is_put_on_record_too() -> None:
    replay = Replay().play(connection("02"), until=is_end)
    assert replay.run("ac82a0da").tokens is None
    late = replayed("02").logged("session.updated", "writer")[-1]
    assert late.fields["status"] == "completed"
    assert late.fields["tokens"] == 7047


def test_only_the_agent_that_runs_is_touched() -> None:
    replay = replayed("02")
    assert replay.not_idle() == {}
    assert {line.agent_id for line in replay.logged("session.started")} == {"writer"}
    assert all(len(replay.statuses(name)) == 1 for name in replay.court.agents if name != "writer")


def test_a_tool_call_is_one_step_told_once_at_its_start_and_once_at_its_end() -> None:
    replay = replayed("03")
    (step,) = replay.used("5249db96")
    assert (step.id, step.type, step.name, step.status) == ("call_4_0", "tool_call", "exec", "ok")
    assert step.title == "Exec print text → list files -> show first 3 lines"
    assert step.input == '{"command": "echo hi; ls -a | head -3"}'
    assert step.output == "hi\n.\n..\nAGENTS.md"
    assert step.error is None
    told = [
        (it.type, it.fields["span"].id)
        for it in replay.changes
        if isinstance(it, Logged) and it.type.startswith("span.")
    ]
    assert [kind for kind, id_ in told if id_ == step.id] == ["span.started", "span.completed"]
    assert "tool:exec" in replay.activities("builder")


def test_a_command_that_exits_3_is_an_error_though_the_gateway_says_is_error_false() -> None:
    replay = replayed("03b")
    (step,) = replay.used("e797ce62")
    assert (step.name, step.status) == ("exec", "error")
    assert step.error == "oops (Command exited with code 3)"
    line = next(it for it in replay.logged("span.completed") if it.fields["span"].id == step.id)
    assert (line.fields["span"].id, line.fields["span"].status) == (step.id, "error")


def test_a_failing_tool_does_not_fail_its_run() -> None:
    replay = replayed("03b")
    assert replay.run("e797ce62").status is RunStatus.COMPLETED
    assert replay.run("7f9a0ee3").status is RunStatus.COMPLETED
    assert replay.statuses("builder") == ["idle", "busy", "idle", "busy", "idle"]
    (step,) = replay.used("7f9a0ee3")
    assert (step.name, step.status) == ("read", "error")
    assert step.error == "File not found: /nonexistent/file."


def test_two_runs_of_one_conversation_are_two_sessions_with_their_own_tasks() -> None:
    replay = replayed("03b")
    first, second = replay.run("e797ce62"), replay.run("7f9a0ee3")
    assert first.conversation == second.conversation == "agent:builder:main"
    assert first.task == "please [[exec sh -c 'echo oops >&2; exit 3']]"
    assert second.task == "please [[read /nonexistent/file]]"
    assert first.usage.keys().isdisjoint(second.usage)


def test_three_calls_and_three_tools_add_up() -> None:
    replay = replayed("04")
    run = replay.run("52202ee6")
    assert len(run.usage) == 3
    assert run.tokens == 22348
    assert run.cost == pytest.approx(0.0373962, abs=1e-12)
    steps = [(step.id, step.name, step.status) for step in replay.used("52202ee6")]
    assert steps == [
        ("call_4_0", "exec", "ok"),
        ("call_5_0", "exec", "ok"),
        ("call_5_1", "read", "ok"),
    ]


def test_exactly_the_two_agents_that_run_are_busy_at_the_same_time() -> None:
    replay = replayed("05")
    assert replay.busy == [set(), {"tutor"}, {"cfo", "tutor"}, {"cfo"}, set()]
    assert replay.run("7d789469").agent_id == "tutor"
    assert replay.run("3ffe9790").agent_id == "cfo"
    assert replay.run("3ffe9790").model == "mock/mock-small"


def test_a_chat_message_makes_a_run_without_any_task_frame() -> None:
    replay = replayed("11")
    run = replay.run("51b5a973")
    assert run.task == "hi from chat.send [[exec date]]"
    assert run.task_id is None
    assert replay.statuses("marketer") == ["idle", "busy", "idle"]
    assert replay.activities("marketer")[:2] == [None, "thinking"]


def test_a_run_that_only_ponders_uses_no_tools() -> None:
    replay = replayed("08")
    run = replay.run("3771207a")
    assert (run.status, run.tokens, replay.used("3771207a")) == (RunStatus.COMPLETED, 7452, [])
    assert run.task == "ponder [[think]]"


def test_without_the_subscription_states_are_right_and_consumption_is_unknown() -> None:
    replay = replayed("13")
    run = replay.run("ae52459f")
    assert replay.statuses("writer") == ["idle", "busy", "idle"]
    assert run.status is RunStatus.COMPLETED
    assert (run.tokens, run.cost) == (None, None)
    assert [step.status for step in run.steps.values()] == ["ok"]


def test_palais_asks_for_the_subscription_that_makes_consumption_known() -> None:
    assert [it["params"] for it in replayed("13").requests("sessions.subscribe")] == [
        {"limit": 100}
    ]


def test_tool_calls_come_without_any_capability_advertised() -> None:
    replay = replayed("13b")
    assert [(step.name, step.status) for step in replay.used("7013b4b4")] == [("exec", "ok")]
    assert replay.run("7013b4b4").tokens == 14108
