"""What was lost is learnt, or said to be inferred: after a gap, the books are right."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palais.domain.events import RunStatus
from tests.gateway import losses
from tests.gateway.books import gaps, runs
from tests.gateway.lives import Course, lives, place
from tests.gateway.recording import recordings

NAMES = [name.partition("-")[0] for name in recordings()]
LOST = (1, 2, 5, 10_000)
"""How many frames go with the connection; the last means: all that are left."""


@pytest.mark.parametrize("name", NAMES)
def test_what_was_lost_is_learnt_from_the_gateway_or_said_to_be_inferred(name: str) -> None:
    for life in lives(name):
        for position in range(len(life.moments)):
            lost = random.Random(f"{name} {position}").choice(LOST)
            course = life.until(position).cut(lost).connect().end()
            assert losses.faults(life, course) == [], place(life, position, f"lost {lost}")
            assert gaps(course.changes)["gateway"] == 1, place(life, position)


@pytest.mark.parametrize("name", NAMES)
def test_a_gateway_that_dies_at_any_frame_leaves_nothing_running(name: str) -> None:
    for life in lives(name):
        for position, moment in enumerate(life.moments):
            course = life.until(position).cut()
            course.truth.die()
            course.frames = []
            course.connect(boot="another").end()
            assert losses.for_ever(course) == [], place(life, position)
            assert losses.of_history(life, course) == [], place(life, position)
            after = runs(course.replay.court)
            for run_id, run in moment.court.open.items():
                assert not after[run_id].open, place(life, position, run)
                lost = after[run_id].status is RunStatus.LOST
                assert lost == after[run_id].inferred, place(life, position, run)


@settings(max_examples=60)
@given(data=st.data())
def test_any_number_of_cuts_and_losses_leaves_the_books_right(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name in NAMES if lives(name)]))
    life = data.draw(st.sampled_from(lives(name)))
    course = Course(life.recorded, life.frames, life.moments[0])
    for _ in range(data.draw(st.integers(2, 5))):
        course.cut(data.draw(st.integers(0, 8))).connect()
        course.go_on(data.draw(st.integers(1, 40)))
    course.cut(data.draw(st.integers(0, 3))).connect().end()
    assert losses.faults(life, course) == []
