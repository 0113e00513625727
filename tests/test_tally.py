"""What processes count together."""

import os

import pytest

from palais.tally import BOUNDS, Board, Count, Level, Tally


def total(tally: Tally, count: int) -> float:
    return sum(row[count] for row in tally.rows())


def joined(board: Board) -> tuple[Tally, int | None]:
    row = board.claim()
    tally = Tally()
    tally.join(board, row)
    return tally, row


def test_a_process_counts_by_itself_where_there_are_no_others() -> None:
    tally = Tally()

    tally.add(Count.EVENTS, 3)
    tally.add(Count.EVENTS)
    tally.set(Level.VIEWERS, 7)

    [row] = tally.rows()
    assert (row[Count.EVENTS], row[Level.VIEWERS], row[Level.PID]) == (4, 7, os.getpid())


def test_every_process_sees_what_the_others_counted() -> None:
    board = Board(4)
    (one, _), (other, _) = joined(board), joined(board)

    one.add(Count.EVENTS, 2)
    other.add(Count.EVENTS, 5)

    assert total(one, Count.EVENTS) == total(other, Count.EVENTS) == 7


def test_a_child_counts_where_its_parent_sees_it() -> None:
    board = Board(3)
    row = board.claim()
    child = os.fork()
    if child == 0:
        tally = Tally()
        tally.join(board, row)
        tally.add(Count.DROPPED, 11)
        os._exit(0)
    os.waitpid(child, 0)
    watcher, _ = joined(board)

    assert total(watcher, Count.DROPPED) == 11


def test_what_was_counted_before_a_process_joins_is_kept() -> None:
    tally = Tally()
    tally.add(Count.CHANGES, 9)
    board = Board(2)

    tally.join(board, board.claim())
    tally.add(Count.CHANGES)

    assert total(tally, Count.CHANGES) == 10


def test_what_a_process_counted_outlives_it_and_its_levels_do_not() -> None:
    board = Board(3)
    (gone, row), (left, _) = joined(board), joined(board)
    gone.add(Count.EVENTS, 2)
    gone.time(0.3)
    gone.set(Level.VIEWERS, 40)
    left.add(Count.EVENTS)

    board.release(row)

    assert total(left, Count.EVENTS) == 3
    assert total(left, Count.BATCH_SECONDS) == pytest.approx(0.3)
    assert total(left, Level.VIEWERS) == 0
    assert [row[Level.PID] for row in left.rows() if row[Level.PID]] == [os.getpid()]


def test_a_row_that_was_released_is_given_to_the_next_process() -> None:
    board = Board(2)
    for number in range(5):
        tally, row = joined(board)
        assert row == 1
        tally.add(Count.EVENTS)
        assert total(tally, Count.EVENTS) == number + 1
        board.release(row)


def test_a_process_without_a_row_counts_by_itself() -> None:
    board = Board(2)
    joined(board)

    tally, row = joined(board)
    tally.add(Count.EVENTS)
    board.release(row)

    assert row is None
    assert len(tally.rows()) == 1


def test_a_reader_is_not_given_the_numbers_of_a_moment_in_between() -> None:
    board = Board(2)
    tally, _ = joined(board)
    tally.add(Count.EVENTS)
    board.numbers[Level.VERSION] += 1
    reads = []

    class Watched:
        """The board while the master takes in a row; it is done after one look."""

        def __getitem__(self, place: int) -> float:
            return board.numbers[place]

        def tolist(self) -> list[float]:
            reads.append(1)
            if len(reads) == 1:
                board.numbers[Level.VERSION] += 1
            return board.numbers.tolist()

    tally._all = Watched()  # type: ignore[assignment]

    assert tally.rows()[1][Count.EVENTS] == 1
    assert len(reads) == 2


@pytest.mark.parametrize(
    ("seconds", "bucket"),
    [(0.0, 0), (0.001, 0), (0.0011, 1), (5.0, len(BOUNDS) - 1), (5.1, len(BOUNDS))],
)
def test_a_time_falls_into_the_first_bucket_that_reaches_so_far(
    seconds: float, bucket: int
) -> None:
    tally = Tally()

    tally.time(seconds)

    [row] = tally.rows()
    found = row[Count.BATCHES : Count.BATCHES + len(BOUNDS) + 1]
    assert [place for place, times in enumerate(found) if times] == [bucket]
    assert row[Count.BATCH_SECONDS] == seconds
