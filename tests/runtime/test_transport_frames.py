"""Messages as they come over the wire: short and long, in bursts, in pieces, in between."""

import pytest
from websockets.sync.server import ServerConnection

from palais.gateway import transport as transports
from tests.runtime.peer import Faults, dialled, sending

SIZES = (0, 1, 2, 3, 125, 126, 127, 65_535, 65_536, 70_000)


def test_a_burst_of_messages_of_all_sizes_is_read_in_order(faults: Faults) -> None:
    messages = [str(number)[-1] * size for number, size in enumerate(SIZES * 20)]

    with dialled(sending(*messages), faults) as transport:
        assert [transport.read() for _ in messages] == messages

    assert not faults


def test_other_frames_between_short_messages_cost_none_of_them(faults: Faults) -> None:
    def mixed(peer: ServerConnection) -> None:
        for number in range(100):
            peer.send(f"first {number}")
            peer.send(b"binary")
            peer.ping()
            peer.send(iter(["second ", f"{number}"]))
            peer.send(f"third {number}")

    with dialled(mixed, faults) as transport:
        read = [transport.read() for _ in range(300)]

    told = [[f"first {number}", f"second {number}", f"third {number}"] for number in range(100)]
    assert read == [text for three in told for text in three]
    assert faults == {"a frame is binary": 100}


@pytest.mark.parametrize("portion", [1, 2, 3, 5, 7, 64, 200])
def test_frames_that_arrive_in_pieces_are_read_whole(
    faults: Faults, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    monkeypatch.setattr(transports, "READ_BYTES", portion)
    messages = [f"{number}" * number for number in range(60)]

    with dialled(sending(*messages, "«é»" * 100), faults) as transport:
        assert [transport.read() for _ in messages] == messages
        assert transport.read() == "«é»" * 100
