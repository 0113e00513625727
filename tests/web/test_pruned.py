"""A viewer that comes again, or is still reading, when what it has not read is pruned."""

import importlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import Engine

from palais.live import sse
from palais.live.hub import Broadcast, Hub
from palais.store.retention import prune
from tests.database import Database, keyed
from tests.live.reading import Seen
from tests.web.conftest import Stream

# By its full name: the package's attribute of that name is the blueprint.
stream_module = importlib.import_module("palais.web.stream")
Append = Callable[..., None]
Watch = Callable[..., Any]
Forget = Callable[[int], None]

RECORDED = """
    TRUNCATE activity_log RESTART IDENTITY;
    UPDATE stream SET floor = 0;
    INSERT INTO activity_log (key, at, type, agent_id, data)
    SELECT 'recorded.' || n, now(), 'agent.status', 'builder', '{}'
    FROM generate_series(1, :count) AS n ORDER BY n
"""


@pytest.fixture
def forget(engine: Engine) -> Forget:
    """Give what prunes so many lines."""

    def oldest(count: int) -> None:
        with engine.connect() as conn:
            assert prune(conn, 0, count) == count

    return oldest


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "PAGE", 3)


def live(row_id: int) -> Broadcast:
    return sse.agent_event("k3f9", row_id, "builder", "agent.status", "{}")


def told(seen: list[Seen]) -> list[object]:
    """Return the ids of the lines that were told, and the names of other events."""
    return [
        int(one.last_id.rpartition(".")[2]) if one.name == "agent" else one.name for one in seen
    ]


def test_lines_pruned_before_their_page_is_read_make_a_reset_and_no_hole(
    watch: Watch, database: Database, hub: Hub, forget: Forget
) -> None:
    database.run(RECORDED, count=9)
    stream = watch(Last_Event_ID="k3f9.1")
    seen = stream.chunk() + stream.chunk()
    assert told(seen) == ["connected", "gateway", 2, 3, 4]

    forget(6)
    hub.publish(live(9), live(10))
    hub.close()

    assert told(stream.rest()) == ["reset", 10]
    assert seen[-1].last_id == "k3f9.4"


def test_lines_pruned_before_the_first_page_is_read_make_a_reset_as_well(
    watch: Watch, database: Database, hub: Hub, forget: Forget
) -> None:
    database.run(RECORDED, count=4)
    stream = watch(Last_Event_ID="k3f9.1")

    forget(2)
    hub.close()

    assert told(stream.rest()) == ["connected", "gateway", "reset"]


def test_lines_that_a_viewer_has_can_be_pruned_while_it_reads_on(
    watch: Watch, database: Database, hub: Hub, forget: Forget
) -> None:
    database.run(RECORDED, count=9)
    stream = watch(Last_Event_ID="k3f9.1")
    stream.chunk()
    stream.chunk()

    forget(4)
    hub.close()

    assert told(stream.rest()) == [5, 6, 7, 8, 9]


def test_a_filter_does_not_hide_the_reset(
    watch: Watch, database: Database, hub: Hub, forget: Forget
) -> None:
    database.run(RECORDED, count=9)
    stream = watch("?agents=writer", Last_Event_ID="k3f9.1")
    stream.chunk()

    forget(9)
    hub.close()

    assert told(stream.rest()) == ["reset"]


def test_a_viewer_that_has_seen_all_of_a_log_pruned_to_its_end_goes_on(
    watch: Watch, database: Database, append: Append, hub: Hub, forget: Forget
) -> None:
    database.run(RECORDED, count=4)
    forget(4)
    up_to_date = watch(Last_Event_ID="k3f9.4")
    new = watch()
    behind = watch(Last_Event_ID="k3f9.3")
    append("5")
    returning = watch(Last_Event_ID="k3f9.4")
    hub.publish(live(5))
    hub.close()

    assert told(up_to_date.rest()) == ["connected", "gateway", 5]
    assert told(new.rest()) == ["connected", "gateway", 5]
    assert told(behind.rest()) == ["connected", "gateway", "reset", 5]
    assert told(returning.rest()) == ["connected", "gateway", 5]


def test_a_page_opened_on_a_pruned_log_carries_a_cursor_that_is_good(
    watch: Watch, client: FlaskClient, database: Database, hub: Hub, forget: Forget
) -> None:
    database.run(RECORDED, count=4)
    forget(4)

    page = client.get("/activity").text
    stream = watch(Last_Event_ID="k3f9.4")
    hub.close()

    assert "k3f9.4" in page
    assert told(stream.rest()) == ["connected", "gateway"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    count=some.integers(0, 12),
    cursor=some.integers(0, 12),
    pruned=some.lists(some.integers(0, 4), max_size=6),
)
def test_a_viewer_gets_every_line_after_its_cursor_once_or_a_reset(
    app: Flask, engine: Engine, database: Database, count: int, cursor: int, pruned: list[int]
) -> None:
    database.run(RECORDED, count=count)
    app.extensions["palais.hub"] = hub = Hub()
    prunings = iter(pruned)

    def meanwhile() -> None:
        with engine.connect() as conn:
            prune(conn, 0, next(prunings, 0))

    meanwhile()
    stream = Stream(keyed(app), f"?lastEventId=k3f9.{cursor}", {})
    hub.publish(live(count + 1))
    hub.close()
    seen: list[object] = []
    with suppress(StopIteration):
        while True:
            meanwhile()
            seen += told(stream.chunk())
    stream.leave()

    lines = [one for one in seen if isinstance(one, int)]
    resets = seen.count("reset")
    assert resets == 0 or seen[-2:] == ["reset", count + 1]
    assert resets == 1 or cursor <= count
    assert lines == [*range(cursor + 1, cursor + len(lines)), count + 1]
    assert len(lines) == count + 1 - cursor or resets == 1
