"""The model gateway tells what the real one told, where a recording has both."""

from tests.gateway.frames import Json
from tests.gateway.lives import lives
from tests.gateway.recording import connection
from tests.gateway.truth import SETTLE_MS, Truth

RUN = "3771207a-ba0b-4f39-a625-ad3049328475"
"""A run of the tutor: recording 08 has its frames, recording 20 what was answered afterwards."""

KEY = "agent:tutor:main"
ROW = ("status", "hasActiveRun", "activeRunIds", "lastRunId", "startedAt", "endedAt")
ALL = {"limit": 500, "after": 0}


def after(name: str) -> Truth:
    (life,) = lives(name)
    return life.moments[-1].truth


def recorded(key: str) -> list[Json]:
    """Return what the real gateway listed under this key, in all its answers."""
    frames = [frame for _, frame in connection("20").frames if frame["type"] == "res"]
    payloads = [frame["payload"] for frame in frames if isinstance(frame.get("payload"), dict)]
    return [it for one in payloads for it in one.get(key, ()) if isinstance(it, dict)]


def test_its_audit_log_is_that_of_the_real_one() -> None:
    events = after("08").answers["audit.activity.list"](ALL)["payload"]["events"]
    told = [it for it in recorded("events") if it.get("runId") == RUN]
    assert len(told) == len(events) == 2
    for mine, real in zip(events, told, strict=True):
        assert mine.items() <= real.items()


def test_its_rows_are_those_of_the_real_one() -> None:
    listed = after("08").answers["sessions.list"]({})["payload"]["sessions"]
    (mine,) = (row for row in listed if row["key"] == KEY)
    real = next(row for row in recorded("sessions") if row["key"] == KEY)
    assert [mine[name] for name in ROW] == [real[name] for name in ROW]


def test_a_channel_s_run_is_over_when_it_is_though_its_row_lags() -> None:
    truth = after("21a")
    assert truth.busy() == frozenset()
    assert truth.answers["sessions.list"]({"activeOnly": True})["payload"]["sessions"] == []


def test_an_end_that_is_no_success_comes_into_the_audit_log_late() -> None:
    truth = after("06").fork()

    def ends() -> list[str]:
        events = truth.answers["audit.activity.list"](ALL)["payload"]["events"]
        return [it["status"] for it in events if it["action"] == "agent.run.finished"]

    assert ends() == []
    truth.now += SETTLE_MS
    assert ends() == ["cancelled"]
