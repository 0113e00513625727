"""A viewer that hangs up and comes back with its cursor, a thousand times, at random bytes."""

import socket
from contextlib import suppress
from pathlib import Path

from tests.faults.chance import Chance
from tests.faults.record import clipped, viewer_faults
from tests.faults.scene import Scene, opened
from tests.faults.sse_bytes import Answer, request
from tests.faults.viewer import Notes

CUTS = 1_000
BYTES = 6_000
"""So many bytes it reads at most before it hangs up: some twenty events."""


def _glimpse(scene: Scene, notes: Notes, size: int) -> None:
    """Read exactly so many bytes of a new stream, and hang up; only whole events count."""
    answer = Answer()
    port = scene.palace.port
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
        sock.sendall(request(port, notes.cursor))
        while size and (data := sock.recv(min(size, 65536))):
            size -= len(data)
            for event in answer.feed(data):
                notes.take(event)
    assert not size, f"[{scene.chance.told}] the stream ended by itself at {notes.cursor}"


def _catch_up(scene: Scene, notes: Notes, row: int) -> None:
    """Read until this row has come."""
    answer = Answer()
    port = scene.palace.port
    with suppress(TimeoutError), socket.create_connection(("127.0.0.1", port), 30) as sock:
        sock.sendall(request(port, notes.cursor))
        while notes.newest < row and (data := sock.recv(65536)):
            for event in answer.feed(data):
                notes.take(event)
    assert notes.newest >= row, f"[{scene.chance.told}] row {row} never came"


def test_a_viewer_that_hangs_up_a_thousand_times_sees_every_row_once(
    folder: Path, chance: Chance
) -> None:
    with opened(folder, chance, viewers=1) as scene:
        notes = Notes(scene.palace.beginning())
        for number in range(CUTS):
            chance.begin(number)
            _glimpse(scene, notes, chance.randrange(1, BYTES))
        scene.check()
        _catch_up(scene, notes, scene.record.log[-1][0])
        scene.record.reread()
        faults = [*notes.wrong, *viewer_faults(notes.seen, scene.record.log)]
        assert faults == [], f"[{chance.told}] {clipped(faults)}"
        assert len(notes.seen) > CUTS, "too little happened meanwhile to prove anything"
