"""Viewers that never read, beside viewers that do."""

import socket
from contextlib import ExitStack
from pathlib import Path

from tests.faults.chance import Chance
from tests.faults.processes import resident_bytes, servers_of
from tests.faults.record import clipped, viewer_faults
from tests.faults.scene import Scene, opened
from tests.faults.sse_bytes import Answer, request
from tests.faults.viewer import Notes
from tests.rig.process import wait_until

DEAF = 5
GROWTH = 12 * 1024 * 1024
"""Bytes by which the process may grow: a third of what would pile up until they are noticed."""

LONG = 1_500
"""Rows of a log that no kernel keeps for a viewer: some 12 MB."""

LET_GO_SECONDS = 60.0

BUFFER = 4096
"""Bytes that the kernel keeps for a deaf viewer, who would else be deaf only megabytes later."""


def _deaf(scene: Scene, cursor: str) -> socket.socket:
    """Ask for the stream, and read nothing of it."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    sock.settimeout(60)
    sock.connect(("127.0.0.1", scene.palace.port))
    sock.sendall(request(scene.palace.port, cursor))
    return sock


def _hear(sock: socket.socket, notes: Notes) -> None:
    """Read all that the kernels have kept, to the end of the connection."""
    answer = Answer()
    while data := sock.recv(65536):
        for event in answer.feed(data):
            notes.take(event)


def _listen_at_last(scene: Scene, sock: socket.socket, cursor: str) -> None:
    """Let a deaf viewer read what the kernels have kept, and resume; it has to miss nothing."""
    notes = Notes(cursor)
    _hear(sock, notes)
    notes.wrong = [one for one in notes.wrong if "'lagged'" not in one]
    _resume(scene, notes, scene.record.log[-1][0])
    scene.record.reread()
    faults = [*notes.wrong, *viewer_faults(notes.seen, scene.record.log)]
    assert faults == [], f"[{scene.chance.told}] the deaf viewer {clipped(faults)}"


def _watching(scene: Scene) -> int:
    return int(scene.palace.health()["stream"]["viewers"])


def _connected(scene: Scene, sock: socket.socket) -> bool:
    """Whether a worker still has the other end of this connection."""
    return bool(servers_of(scene.palace.port, {sock.getsockname()[1]}, scene.palace.workers))


def _resume(scene: Scene, notes: Notes, row: int) -> None:
    with socket.create_connection(("127.0.0.1", scene.palace.port), timeout=60) as sock:
        sock.sendall(request(scene.palace.port, notes.cursor))
        answer = Answer()
        while notes.newest < row and (data := sock.recv(65536)):
            for event in answer.feed(data):
                notes.take(event)


def test_the_deaf_are_let_go_at_a_bounded_price_and_get_everything_when_they_listen(
    folder: Path, chance: Chance
) -> None:
    with opened(folder, chance, viewers=3, workers=1, fat=True) as scene, ExitStack() as stack:
        [worker] = scene.palace.workers
        cursor = scene.palace.beginning()
        before = resident_bytes(worker)
        deaf = [stack.enter_context(_deaf(scene, cursor)) for _ in range(DEAF)]
        wait_until(lambda: _watching(scene) == 3 + DEAF, timeout=30, what="the deaf to be let in")
        wait_until(lambda: _watching(scene) == 3, timeout=120, what="the deaf to be let go")
        grown = resident_bytes(worker) - before
        scene.check()
        assert [viewer.connections for viewer in scene.viewers] == [1, 1, 1], chance.told
        assert grown < GROWTH, f"[{chance.told}] {DEAF} deaf viewers cost {grown} bytes"
        for sock in deaf:
            _listen_at_last(scene, sock, cursor)


def test_a_viewer_that_is_deaf_to_what_it_missed_is_let_go_as_well(
    folder: Path, chance: Chance
) -> None:
    with opened(folder, chance, viewers=1, workers=1, fat=True) as scene, ExitStack() as stack:
        cursor = scene.palace.beginning()
        wait_until(lambda: len(scene.viewers[0].seen()) > LONG, timeout=60, what="a long log")
        sock = stack.enter_context(_deaf(scene, cursor))
        wait_until(lambda: _connected(scene, sock), timeout=30, what="its connection")
        wait_until(
            lambda: not _connected(scene, sock),
            timeout=LET_GO_SECONDS,
            what=f"[{chance.told}] the end of its connection",
        )
        scene.check()
        _listen_at_last(scene, sock, cursor)
