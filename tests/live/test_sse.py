"""How events are encoded, judged by a reader that follows the standard."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as some

from palais.live import sse
from palais.live.hub import LAGGED
from palais.store import wire
from palais.store.views import GatewayView, Head
from tests.live.reading import events
from tests.store.rows import NOW, line

texts = some.text(some.characters(codec="utf-8"))


def test_history_is_told_with_the_cursor_to_go_on_from() -> None:
    told = sse.agent_event("k3f9", 1042, "builder", "agent.status", '{"type":"agent.status"}')

    assert told.data == (b'id: k3f9.1042\nevent: agent\ndata: {"type":"agent.status"}\n\n')
    assert (told.id, told.agent_id, told.type) == (1042, "builder", "agent.status")


def test_a_sign_of_life_has_no_cursor() -> None:
    told = sse.presence_event("builder", '{"type":"agent.presence"}')

    assert told.data == b'event: agent\ndata: {"type":"agent.presence"}\n\n'
    assert (told.id, told.agent_id, told.type) == (None, "builder", "agent.presence")


def test_the_state_of_the_gateway_is_for_everybody() -> None:
    since = datetime(2026, 11, 22, 21, 57, tzinfo=UTC)
    view = GatewayView("refused", since, "Wrong token.", "AUTH", *(None,) * 5, command="ls")

    told = sse.gateway_event(view)

    [seen] = events(told.data)
    assert seen.name == "gateway"
    assert seen.body == {
        "state": "refused",
        "since": "2026-11-22T21:57:00.000Z",
        "reason": "Wrong token.",
        "code": "AUTH",
        "command": "ls",
    }
    assert (told.id, told.agent_id, told.type) == (None, None, None)


def test_a_stream_begins_with_where_the_log_stands() -> None:
    [seen] = events(sse.RETRY + sse.connected(Head("k3f9", 1041)))

    assert (seen.name, seen.last_id) == ("connected", "")
    assert seen.body["epoch"] == "k3f9"
    assert seen.body["head"] == 1041
    assert NOW <= seen.body["ts"] <= NOW + 3_600_000


def test_a_ping_says_when_and_is_for_everybody() -> None:
    told = sse.ping()

    [seen] = events(told.data)
    assert seen.name == "ping"
    assert set(seen.body) == {"ts"}
    assert (told.id, told.type) == (None, None)


def test_a_browser_takes_a_reset_and_a_lag_for_events_too() -> None:
    assert [seen.name for seen in events(sse.RESET + LAGGED)] == ["reset", "lagged"]


@given(texts, texts)
def test_no_text_of_an_agent_breaks_out_of_its_event(task: str, error: str) -> None:
    logged = line(fields={"task": task, "error": error})

    told = sse.agent_event("k3f9", 7, "builder", logged.type, wire.event_text(logged))

    [seen] = events(told.data + LAGGED)[:-1]
    assert (seen.name, seen.last_id) == ("agent", "k3f9.7")
    assert (seen.body["task"], seen.body["error"]) == (task, error)


@given(texts)
def test_no_reason_of_a_gateway_breaks_out_of_its_event(reason: str) -> None:
    view = GatewayView("offline", None, reason, *(None,) * 6)

    [seen, after] = events(sse.gateway_event(view).data + LAGGED)

    assert (seen.name, seen.body["reason"], after.name) == ("gateway", reason, "lagged")
