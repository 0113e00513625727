"""What the gateway itself counts: when it is asked, and what of its answers counts."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from palais.domain.account import ConversationUsage, UsageListed, UsageWithheld, conversation_of
from palais.gateway.dialects.openclaw.account import (
    AGAIN_MS,
    DAYS,
    EVERY_MS,
    LIMIT,
    PAUSE_MS,
    SOON_MS,
)
from tests.gateway.frames import T0, Json, event, lifecycle, refused
from tests.gateway.replay import Replay

USAGE = "sessions.usage"
TODAY = date(2026, 11, 22)  # the day of T0
KEY = "agent:builder:main"


def usage(key: str, tokens: int, day: date = TODAY, **more: Any) -> Json:
    """Return the row of a conversation that consumed so much on a day."""
    figures = {"date": day.isoformat(), "tokens": tokens, "cost": tokens / 1000}
    own = {"usage": {"dailyBreakdown": [{**figures, "missingCostEntries": 0}]}}
    return {"key": key, "agentId": key.split(":")[1], "sessionId": "s1", **own, **more}


def figures(*rows: Json, at: int = T0 + 10**9, **more: Any) -> Json:
    """Return an answer to ``sessions.usage``."""
    return {"ok": True, "payload": {"updatedAt": at, "sessions": list(rows), **more}}


def connected(answer: Callable[[Json], Json]) -> Replay:
    """Give a connection to a gateway that answers so, after all days have been asked."""
    replay = Replay(answers={USAGE: answer}).connect()
    replay.wait(2_000)
    return replay


def days(replay: Replay) -> list[str]:
    return [request["params"]["startDate"] for request in replay.requests(USAGE)]


def told(replay: Replay) -> list[UsageListed]:
    return [event for event in replay.events if isinstance(event, UsageListed)]


def test_after_catching_up_each_of_thirty_days_is_asked_once_the_latest_first() -> None:
    replay = connected(lambda _: figures())

    assert days(replay) == [(TODAY - timedelta(days=ago)).isoformat() for ago in range(DAYS)]
    asked = replay.requests(USAGE)[0]["params"]
    assert asked["endDate"] == asked["startDate"]
    assert (asked["agentScope"], asked["mode"], asked["groupBy"]) == ("all", "utc", "family")


def test_what_a_conversation_consumed_that_day_is_told() -> None:
    day = TODAY.isoformat()
    rows = (usage(KEY, 90), usage("agent:cfo:x", 7, TODAY - timedelta(days=1)))
    rows[0]["usage"] |= {"firstActivity": T0, "lastActivity": T0 + 9}
    replay = connected(lambda asked: figures(*rows if asked["startDate"] == day else ()))

    assert told(replay)[0].told == (
        ConversationUsage(KEY, "builder", 90, 0.09, began_at=T0, ended_at=T0 + 9),
    )
    assert {len(one.told) for one in told(replay)[1:]} == {0}
    assert told(replay)[0] in replay.changes


def test_a_gateway_that_is_still_adding_up_is_asked_again_and_nothing_is_taken_for_zero() -> None:
    refreshing = figures({**usage(KEY, 1), "usage": None}, cacheStatus={"status": "refreshing"})
    answers = iter([refreshing, refreshing])
    replay = connected(lambda _: next(answers, figures(usage(KEY, 90))))
    assert told(replay) == []

    replay.wait(AGAIN_MS[0] + AGAIN_MS[1] + 1_000)

    assert days(replay)[:4] == [TODAY.isoformat()] * 3 + [(TODAY - timedelta(days=1)).isoformat()]
    assert told(replay)[0].told[0].tokens == 90


def test_a_gateway_that_never_is_done_is_left_alone_until_the_next_round() -> None:
    status = {"status": "refreshing"}
    replay = Replay(answers={USAGE: lambda _: figures(cacheStatus=status)}).connect()
    replay.wait(EVERY_MS - 5_000)

    assert told(replay) == []
    assert days(replay) == [TODAY.isoformat()] * (len(AGAIN_MS) + 1)


def test_figures_older_than_what_happened_since_count_and_are_asked_for_again() -> None:
    replay = connected(lambda _: figures())
    before = len(days(replay))
    replay.answers[USAGE] = lambda _: figures(at=T0)
    replay.receive(lifecycle("r1", "end", T0, startedAt=T0))

    replay.wait(PAUSE_MS + AGAIN_MS[0] + 1_000)

    assert days(replay)[before : before + 2] == [TODAY.isoformat()] * 2
    assert [one.at for one in told(replay)[DAYS:]] == [T0] * (len(days(replay)) - before)


def test_a_run_s_end_lets_today_and_yesterday_be_asked_soon_and_not_at_once() -> None:
    replay = connected(lambda _: figures())
    replay.wait(60_000)
    before = len(days(replay))
    replay.receive(lifecycle("r1", "end", T0, startedAt=T0))

    replay.wait(SOON_MS - 1_000)
    assert len(days(replay)) == before
    replay.wait(2_000)

    assert days(replay)[before:] == [TODAY.isoformat(), (TODAY - timedelta(days=1)).isoformat()]


def test_however_many_runs_end_it_is_asked_twice_a_minute() -> None:
    replay = connected(lambda _: figures())
    replay.wait(60_000)
    before = days(replay).count(TODAY.isoformat())
    for number in range(180):
        replay.receive(lifecycle(f"r{number}", "end", T0, startedAt=T0))
        replay.wait(1_000)

    assert days(replay).count(TODAY.isoformat()) - before <= 6


def test_where_nothing_happens_it_is_asked_every_ten_minutes() -> None:
    replay = connected(lambda _: figures())
    before = len(days(replay))

    replay.wait(3 * EVERY_MS)

    assert len(days(replay)) - before == 3 * 2


def test_a_deletion_lets_all_days_be_asked_again() -> None:
    replay = connected(lambda _: figures())
    replay.wait(EVERY_MS - 10_000)
    before = len(days(replay))
    deletion = {"reason": "delete", "sessionKey": "agent:cfo:x", "agentId": "cfo", "ts": T0}
    replay.receive(event("sessions.changed", deletion))

    replay.wait(SOON_MS + 1_000)

    assert len(days(replay)) - before == DAYS


def test_an_answer_as_long_as_its_limit_is_not_complete() -> None:
    many = [usage(f"agent:cfo:c{number}", 1) for number in range(LIMIT)]
    replay = connected(lambda _: figures(*many))
    assert not told(replay)[0].complete

    replay = connected(lambda _: figures(*many[1:]))
    assert told(replay)[0].complete


def test_a_transcript_without_a_conversation_is_known_by_its_name() -> None:
    rows = (usage("agent:cfo:s1", 3), usage("agent:cfo:s2", 4))
    replay = connected(lambda _: figures(*rows))

    assert [one.archived for one in told(replay)[0].told] == [True, False]


def test_all_runs_of_a_cron_job_are_one_conversation() -> None:
    job = "agent:cfo:cron:7"
    replay = connected(lambda _: figures(usage(job, 3), usage(f"{job}:run:a", 4)))

    assert [(one.conversation, one.tokens) for one in told(replay)[0].told] == [(job, 7)]
    assert conversation_of("agent:cfo:main:run:a") == "agent:cfo:main:run:a"


@pytest.mark.parametrize(
    "row",
    [
        {"key": KEY},
        {**usage(KEY, 1), "agentId": "../x"},
        {**usage(KEY, 1), "key": 7},
        {**usage(KEY, 1), "usage": {"dailyBreakdown": [{"date": TODAY.isoformat(), "tokens": -1}]}},
    ],
)
def test_a_bad_row_costs_only_itself(row: Json) -> None:
    replay = connected(lambda _: figures(row, usage("agent:cfo:x", 5)))

    assert [one.conversation for one in told(replay)[0].told] == ["agent:cfo:x"]


def test_a_call_without_a_cost_is_counted_as_unpriced() -> None:
    row = usage(KEY, 5)
    del row["usage"]["dailyBreakdown"][0]["cost"]
    replay = connected(lambda _: figures(row))

    assert [(one.cost, one.unpriced_calls) for one in told(replay)[0].told] == [(0.0, 1)]


def test_a_gateway_that_is_busy_is_asked_again() -> None:
    answers = iter([refused("The server is busy", "UNAVAILABLE")])
    replay = connected(lambda _: next(answers, figures()))

    assert days(replay)[:2] == [TODAY.isoformat()] * 2
    assert len(told(replay)) == DAYS


def test_a_gateway_that_knows_no_figures_says_so_and_is_asked_again_without_noise() -> None:
    replay = connected(lambda _: refused("invalid sessions.usage params: agentScope"))

    assert len(days(replay)) == 1
    assert [it for it in replay.events if isinstance(it, UsageWithheld)]
    assert not replay.link.faults
    replay.answers[USAGE] = lambda _: figures()
    replay.wait(EVERY_MS)
    assert told(replay)


def test_a_gateway_that_does_not_answer_is_asked_again() -> None:
    replay = Replay(answers={USAGE: lambda _: figures()})
    replay.connect()
    replay.silent = True
    replay.wait(EVERY_MS + 5_000)
    before = len(days(replay))

    replay.silent = False
    replay.wait(70_000)

    assert len(days(replay)) > before
