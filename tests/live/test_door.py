"""A stream ends when what let it in has ended, and for no other reason."""

from datetime import UTC, datetime, timedelta

import pytest
from gevent import socket, spawn, wait
from sqlalchemy import Engine, create_engine

from palais.live.door import Door
from palais.live.hub import Broadcast, Filter, Hub, Viewer
from palais.live.writer import Writer
from palais.store import passes, password
from palais.store.passes import digest
from tests.database import PATIENCE

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NEWS = Broadcast(b"event: ping\ndata: {}\n\n")
END = b"0\r\n\r\n"


@pytest.fixture
def moment() -> list[datetime]:
    return [NOW]


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def door(engine: Engine, hub: Hub, moment: list[datetime]) -> Door:
    return Door(engine, hub, None, lambda: moment[0])


def session(engine: Engine) -> bytes:
    with engine.begin() as conn:
        return digest(passes.open_session(conn, "", "", NOW))


def is_open(viewer: Viewer) -> bool:
    """Whether a viewer is still served: the next news reaches it."""
    return NEWS in viewer.waiting()


def test_who_is_logged_out_sees_no_more_and_all_others_do(
    engine: Engine, hub: Hub, door: Door
) -> None:
    staying, leaving = session(engine), session(engine)
    tickets = [staying, leaving, leaving, None]
    viewers = [hub.join(Filter(), ticket) for ticket in tickets]
    with engine.begin() as conn:
        passes.end_session(conn, leaving)

    door.step()

    hub.publish(NEWS)
    assert [is_open(viewer) for viewer in viewers] == [True, False, False, True]
    assert hub.tickets() == {staying}


def test_a_stream_ends_when_its_session_expires(
    engine: Engine, hub: Hub, door: Door, moment: list[datetime]
) -> None:
    viewer = hub.join(Filter(), session(engine))
    door.step()
    hub.publish(NEWS)
    assert is_open(viewer)

    moment[0] += timedelta(days=7)
    door.step()

    hub.publish(NEWS)
    assert not is_open(viewer)


def test_a_stream_ends_when_its_key_is_revoked_though_another_takes_the_name(
    engine: Engine, hub: Hub, door: Door
) -> None:
    with engine.begin() as conn:
        key = passes.create_key(conn, "laptop", NOW, write=False)
    assert key is not None
    viewer = hub.join(Filter(), digest(key))
    with engine.begin() as conn:
        passes.revoke_key(conn, "laptop")
        passes.create_key(conn, "laptop", NOW, write=False)

    door.step()

    hub.publish(NEWS)
    assert not is_open(viewer)


def test_a_new_password_ends_all_streams_of_browsers(engine: Engine, hub: Hub, door: Door) -> None:
    viewers = [hub.join(Filter(), session(engine)) for _ in range(3)]
    with engine.begin() as conn:
        password.keep(conn, "another", NOW)

    door.step()

    hub.publish(NEWS)
    assert [is_open(viewer) for viewer in viewers] == [False] * 3


@pytest.mark.parametrize("ahead", [False, True])
def test_a_viewer_served_by_its_socket_gets_a_whole_end(
    engine: Engine, hub: Hub, door: Door, ahead: bool
) -> None:
    near, far = socket.socketpair()
    far.settimeout(PATIENCE)
    viewer = hub.join(Filter(), session(engine))
    viewer.after = 5 if ahead else 0
    hub.move(viewer, Writer(near, chunked=True))
    with engine.begin() as conn:
        password.keep(conn, "another", NOW)

    door.step()

    assert far.recv(100) == END
    assert far.recv(100) == b""
    assert len(hub) == 0
    far.close()


def test_without_a_database_nothing_ends(hub: Hub) -> None:
    engine = create_engine("postgresql+psycopg2://palais@127.0.0.1:9/palais")
    viewer = hub.join(Filter(), b"ticket")

    Door(engine, hub, "sesame").step()

    hub.publish(NEWS)
    assert is_open(viewer)


def test_the_operator_s_password_is_made_the_one_that_is_kept_as_soon_as_it_can_be(
    engine: Engine, hub: Hub
) -> None:
    door = Door(engine, hub, "sesame")
    with engine.begin() as conn:
        password.keep(conn, "generated", NOW, generated=True)

    door.step()

    with engine.connect() as conn:
        stored = password.admin(conn)
    assert stored is not None
    assert not stored.generated
    assert password.matches(stored, "sesame")


def test_the_door_is_left_when_the_process_ends(door: Door) -> None:
    running = spawn(door.run)

    door.stop()

    assert wait([running], timeout=PATIENCE) == [running]
