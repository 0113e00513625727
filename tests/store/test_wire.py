"""How facts look outside."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some

from palais.store import wire
from tests.store.rows import line, span


@pytest.mark.parametrize(
    ("name", "told"),
    [("id", "id"), ("agent_id", "agentId"), ("tokens_30d", "tokens30d"), ("a_b_c", "aBC")],
)
def test_names_are_camel_case_outside(name: str, told: str) -> None:
    assert wire.camel(name) == told


def test_a_time_is_told_in_utc_with_milliseconds() -> None:
    paris = timezone(timedelta(hours=1))

    assert wire.iso(datetime(2026, 11, 22, 22, 57, tzinfo=paris)) == "2026-11-22T21:57:00.000Z"


def test_a_time_that_is_not_known_is_null() -> None:
    assert (wire.iso(None), wire.instant(None), wire.millis(None)) == (None, None, None)


@given(some.integers(0, 4_102_444_800_000))
def test_milliseconds_survive_the_way_into_the_database_and_back(ms: int) -> None:
    assert wire.millis(wire.instant(ms)) == ms


def test_milliseconds_count_from_the_epoch_in_utc() -> None:
    assert wire.instant(0) == datetime(1970, 1, 1, tzinfo=UTC)


def test_an_event_names_its_type_its_agent_and_its_moment() -> None:
    told = json.loads(wire.event_text(line(at=5, fields={})))

    assert told == {"type": "agent.status", "agentId": "builder", "ts": 5}


def test_an_event_of_a_session_names_it_and_tells_its_own_fields() -> None:
    fields = {"task_id": 12, "model": None, "started_at": 0, "active_sessions": 2}

    told = json.loads(wire.event_text(line(session_id="run-1", fields=fields)))

    assert told["sessionId"] == "run-1"
    assert (told["taskId"], told["model"], told["activeSessions"]) == (12, None, 2)
    assert told["startedAt"] == "1970-01-01T00:00:00.000Z"


def test_a_step_is_told_with_what_is_known_of_it_alone() -> None:
    step = span(parent_id="s0", tokens_in=0, started_at=1, duration_ms=7)

    told = json.loads(wire.event_text(line(fields={"span": step})))

    assert told["span"] == {
        "id": "s1",
        "type": "tool_call",
        "name": "exec",
        "parentId": "s0",
        "tokensIn": 0,
        "startedAt": "1970-01-01T00:00:00.001Z",
        "durationMs": 7,
    }


def test_how_long_a_step_took_is_told_where_it_can_be_known() -> None:
    step = span(started_at=1000, ended_at=4000, input_clipped=True, child_session_id="kid")

    told = json.loads(wire.event_text(line(fields={"span": step})))["span"]

    assert (told["durationMs"], told["inputClipped"], told["childSessionId"]) == (3000, True, "kid")
    assert "outputClipped" not in told


def test_on_the_stream_a_long_text_is_clipped_and_marked_so() -> None:
    step = span(input="x" * 600, output="a\nb" + "y" * 7_000)

    told = json.loads(wire.event_text(line(fields={"span": step})))["span"]

    assert (told["input"], "inputClipped" in told) == ("x" * 600, False)
    assert (told["output"], told["outputClipped"]) == ("a\nb" + "y" * 596 + "…", True)


@given(some.text(some.characters(codec="utf-8")))
def test_no_text_breaks_the_line_that_an_event_is(text: str) -> None:
    told = wire.event_text(line(fields={"task": text}))

    assert not set(told) & {"\n", "\r"}
    assert json.loads(told)["task"] == text


def test_a_number_that_json_does_not_have_is_unknown() -> None:
    assert wire.dumps({"cost": float("nan")}) == '{"cost":null}'
