"""What the fault tests go by: comparisons that see what is wrong, and a reader of cut bytes."""

import json
from collections.abc import Callable

import pytest

from palais.domain.changes import Logged
from palais.domain.court import apply
from palais.domain.step import Court
from palais.gateway.identity import Identity
from palais.gateway.link import Link, Memory
from palais.live.batch import chunk
from palais.store import wire
from tests.faults.ledger import FAT_RUN, GREETING, Json, encode, event, fat_event, number_of
from tests.faults.record import Gap, log_faults, viewer_faults
from tests.faults.sse_bytes import Answer, SseEvent

SENT = {number: number * 1000 for number in range(1, 10)}
WHOLE = [(10 * number, number) for number in SENT]
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def without(*numbers: int) -> list[tuple[int, int | None]]:
    return [(row, number) for row, number in WHOLE if number not in numbers]


def test_a_log_that_has_everything_is_faultless() -> None:
    assert log_faults(SENT, [*WHOLE, (95, None)], []) == []


@pytest.mark.parametrize(
    ("log", "fault"),
    [
        (without(4), "4 is missing, and there is no gap on record"),
        ([*WHOLE, (99, 4)], "4 is 2 times in the log"),
        ([(10, 1), (20, 3), (30, 2), (40, 3)], "2 is behind 3"),
        ([*WHOLE, (99, 77)], "77 was never sent"),
    ],
)
def test_what_is_missing_doubled_out_of_order_or_made_up_is_seen(
    log: list[tuple[int, int | None]], fault: str
) -> None:
    assert fault in log_faults({**SENT, **dict.fromkeys(range(10, 77), 0)}, log, [])


def test_what_is_missing_is_excused_by_a_gap_around_it_only() -> None:
    gap = Gap(3900.0, 5100.0, "gateway")

    assert log_faults(SENT, without(4, 5), [gap]) == []
    [fault] = log_faults(SENT, without(4, 5, 6), [gap])
    assert fault == "6 is missing, sent 900 ms after the nearest gap (gateway)"


def test_what_comes_after_the_newest_number_on_record_is_still_to_come() -> None:
    assert log_faults(SENT, WHOLE[:5], []) == []


@pytest.mark.parametrize(
    ("seen", "fault"),
    [
        (without(4), "never saw row 40 (number 4)"),
        ([*WHOLE[:3], (35, 3)], "saw row 35, which is not in the log"),
        ([WHOLE[0], *WHOLE], "saw row 10 2 times"),
        ([WHOLE[1], WHOLE[0], *WHOLE[2:]], "saw the rows in another order"),
    ],
)
def test_a_viewer_that_did_not_see_the_log_is_found_out(
    seen: list[tuple[int, int | None]], fault: str
) -> None:
    assert fault in viewer_faults(seen, WHOLE)


def test_a_viewer_may_be_behind() -> None:
    assert viewer_faults(WHOLE[:4], WHOLE) == []
    assert viewer_faults([], WHOLE) == []


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 10_000])
def test_events_are_read_whole_however_the_bytes_are_cut(size: int) -> None:
    first = b'retry: 3000\n\nevent: connected\ndata: {"head":1}\n\nid: k.2\nevent: agent\n'
    rest = 'data: {"type":"é"}\n\n'.encode()
    data = HEAD + chunk(first) + chunk(rest) + chunk(b"event: ping\ndata: {}\n\n") + chunk(b"")
    answer = Answer()

    read = [one for at in range(0, len(data), size) for one in answer.feed(data[at : at + size])]

    assert read == [
        SseEvent("connected", {"head": 1}, None),
        SseEvent("agent", {"type": "é"}, "k.2"),
        SseEvent("ping", {}, None),
    ]
    assert read[1].row == 2
    assert answer.ended


def test_an_event_that_is_cut_is_not_read() -> None:
    event_ = b"id: k.2\nevent: agent\ndata: {}\n\n"
    answer = Answer()

    assert answer.feed(HEAD + chunk(event_)[:-5]) == []


@pytest.mark.parametrize("make", [event, fat_event])
def test_every_frame_of_the_ledger_gateway_leaves_one_line_with_its_number(
    make: Callable[[int], Json],
) -> None:
    link = Link(Identity.from_seed(bytes(32)), None, Memory(), iter("abc").__next__)
    court, lines = Court(), []
    for frame in [*GREETING, FAT_RUN, *map(make, range(1, 21))]:
        for one in link.receive(encode(frame), 0):
            court, changes = apply(court, one)
            lines += [wire.event_text(change) for change in changes if isinstance(change, Logged)]

    numbers = [number_of(json.loads(line)) for line in lines]
    assert [number for number in numbers if number is not None] == list(range(1, 21))
