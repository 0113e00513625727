"""From the committed row to the hub, through whatever happens to the connection."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from palais.domain.changes import Presence
from palais.live import tail as tails
from palais.store import journal, link
from palais.store.link import LinkFacts, LinkState
from palais.store.retention import prune
from tests.database import PATIENCE, Database
from tests.live.following import Following
from tests.live.reading import events
from tests.store.rows import NOW, court, entries, line


@pytest.fixture
def following(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Following]:
    """Give a tail that has begun: it says at once how the gateway stands."""
    monkeypatch.setattr(tails, "AGAIN_SECONDS", 0.01)
    following = Following(database_url)
    assert following.seen().name == "gateway"
    yield following
    following.greenlet.kill()
    following.engine.dispose()


def append(engine: Engine, *summaries: str) -> None:
    with engine.connect() as conn:
        batch = entries(
            *(line(one, fields={"task": one}) for one in summaries), prefix=summaries[0]
        )
        journal.commit(conn, batch)


def test_a_committed_line_is_published_as_the_stream_carries_it(
    following: Following, engine: Engine
) -> None:
    append(engine, "Draw\nthe plan")

    told = following.next()

    [seen] = events(told.data)
    assert (seen.name, seen.last_id) == ("agent", "k3f9.1")
    assert seen.body == {
        "type": "agent.status",
        "agentId": "builder",
        "task": "Draw\nthe plan",
        "ts": NOW,
    }
    assert (told.id, told.agent_id, told.type) == (1, "builder", "agent.status")


def test_lines_are_published_once_and_in_their_order(following: Following, engine: Engine) -> None:
    append(engine, "a", "b")
    append(engine, "c")
    assert following.ids(3) == [1, 2, 3]

    append(engine, "d")

    assert following.ids(1) == [4]


def test_lines_that_their_notice_cannot_tell_are_published_in_their_order(
    following: Following, engine: Engine
) -> None:
    for number in range(4):
        append(engine, f"small {number}")
        append(engine, f"large {number}" + "x" * 9_000)

    assert following.ids(8) == list(range(1, 9))


def test_a_notice_that_does_not_follow_what_was_seen_is_made_up_for(
    following: Following, engine: Engine, database: Database
) -> None:
    append(engine, "a")
    assert following.ids(1) == [1]
    database.run("INSERT INTO activity_log (key, at, type, data) VALUES ('x', now(), 'gap', '{}')")
    append(engine, "b")

    assert following.ids(2) == [2, 3]


def test_a_page_more_than_full_is_published_whole(
    following: Following, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tails, "PAGE", 3)

    append(engine, *"abcdefg")

    assert following.ids(7) == [1, 2, 3, 4, 5, 6, 7]


def test_what_was_committed_before_the_tail_began_is_not_published(
    engine: Engine, database_url: str
) -> None:
    append(engine, "before")
    following = Following(database_url)
    assert following.seen().name == "gateway"

    append(engine, "after")

    assert following.ids(1) == [2]
    following.greenlet.kill()
    following.engine.dispose()


def test_a_line_that_is_rolled_back_is_not_published(following: Following, engine: Engine) -> None:
    with engine.connect() as conn, conn.begin() as transaction:
        journal.append(conn, entries(line("never")))
        transaction.rollback()

    append(engine, "committed")

    assert following.seen().body["task"] == "committed"


def test_a_sign_of_life_is_passed_on_without_an_id(following: Following, engine: Engine) -> None:
    with engine.connect() as conn:
        journal.commit(conn, entries(*court(), Presence("builder", "tool:exec", NOW)))

    told = following.next()

    [seen] = events(told.data)
    assert (told.id, told.agent_id, told.type) == (None, "builder", "agent.presence")
    assert (seen.body["activity"], seen.last_id) == ("tool:exec", "")


def test_a_change_of_the_gateway_connection_is_passed_on(
    following: Following, engine: Engine
) -> None:
    with engine.connect() as conn:
        link.record(conn, LinkFacts(LinkState.REFUSED, "Wrong token."))

    seen = following.seen()

    assert (seen.name, seen.body["state"], seen.body["reason"]) == (
        *("gateway", "refused"),
        "Wrong token.",
    )


def test_a_line_that_is_committed_while_the_tail_asks_for_something_else_does_not_wait(
    following: Following, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tails, "POLL_SECONDS", 3_600.0)
    asked = tails.queries.gateway

    def ask(conn: Connection) -> object:
        append(engine, "a")  # its notice comes along with the answer
        return asked(conn)

    append(engine, "the tail waits by the new measure now")
    following.until_id(1)
    monkeypatch.setattr(tails.queries, "gateway", ask)
    with engine.connect() as conn:
        link.record(conn, LinkFacts(LinkState.CONNECTED))

    following.until_id(2)


def test_what_was_committed_while_the_connection_was_cut_is_published_once(
    following: Following, engine: Engine, database: Database
) -> None:
    append(engine, "a")
    assert following.ids(1) == [1]

    database.cut(following.backends[-1])
    append(engine, "b", "c")

    assert following.seen().name == "gateway"
    assert following.ids(2) == [2, 3]
    append(engine, "d")
    assert following.ids(1) == [4]
    assert len(set(following.backends)) == 2


def test_what_was_committed_while_the_network_was_away_is_published_once(
    following: Following, engine: Engine
) -> None:
    following.unplug()
    append(engine, "a", "b")

    assert following.seen().name == "gateway"
    assert following.ids(2) == [1, 2]


def test_lines_pruned_while_the_database_was_away_make_a_reset_and_no_hole(
    following: Following, engine: Engine, database: Database
) -> None:
    append(engine, "a")
    assert following.ids(1) == [1]
    database.cut(following.backends[-1])
    append(engine, "b", "c", "d")
    with engine.connect() as conn:
        assert prune(conn, 0, 3) == 3

    assert [following.seen().name for _ in range(2)] == ["reset", "gateway"]
    append(engine, "e")
    assert following.ids(1) == [5]


def test_another_log_under_the_same_address_makes_a_reset(
    following: Following, engine: Engine, database: Database
) -> None:
    append(engine, "a")
    assert following.ids(1) == [1]
    database.run("UPDATE stream SET epoch = 'another'")
    database.cut(following.backends[-1])

    assert [following.seen().name for _ in range(2)] == ["reset", "gateway"]
    append(engine, "b")
    assert following.seen().last_id == "another.2"


def test_a_viewer_of_another_log_lacks_nothing_of_it_though_its_rows_begin_anew(
    following: Following, engine: Engine, database: Database
) -> None:
    append(engine, *"abc")
    assert following.ids(3) == [1, 2, 3]
    later = Following(following.engine.url.render_as_string(hide_password=False))
    assert (later.seen().name, later.hub.began) == ("gateway", 3)
    database.run("TRUNCATE activity_log RESTART IDENTITY")
    database.run("UPDATE stream SET epoch = 'another'")
    database.cut(later.backends[-1])
    assert [later.seen().name for _ in range(2)] == ["reset", "gateway"]

    assert later.hub.began == 0
    later.greenlet.kill()
    later.engine.dispose()


def test_a_tail_that_is_cut_again_and_again_goes_on(
    following: Following, engine: Engine, database: Database
) -> None:
    for number, letter in enumerate("abc", 1):
        database.cut(following.backends[-1])
        append(engine, letter)

        assert following.seen().name == "gateway"
        assert following.ids(1) == [number]


def test_a_database_that_does_not_come_back_at_once_is_waited_for(
    following: Following, engine: Engine, database: Database
) -> None:
    tries: list[int] = []

    def refuse(*_: object) -> None:
        tries.append(1)
        raise OperationalError("connect", None, Exception("the server is starting up"))

    event.listen(following.engine, "do_connect", refuse)
    database.cut(following.backends[-1])
    append(engine, "a")
    following.until(lambda: len(tries) > 2)
    event.remove(following.engine, "do_connect", refuse)

    assert following.seen().name == "gateway"
    assert following.ids(1) == [1]


@pytest.mark.parametrize("notice", ["no JSON", "{}"])
def test_a_notice_that_makes_no_sense_does_not_end_the_tail(
    following: Following, engine: Engine, database: Database, notice: str
) -> None:
    database.run("SELECT pg_notify('palais_presence', :notice)", notice=notice)
    append(engine, "a")
    following.until_id(1)

    append(engine, "b")

    following.until_id(2)


def test_a_tail_that_is_stopped_ends_and_listens_no_more(
    following: Following, engine: Engine, database: Database
) -> None:
    following.tail.stop()
    append(engine, "the last word wakes it")

    following.greenlet.get(timeout=PATIENCE)

    with following.engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT pg_listening_channels()").all() == []
