"""Exactly once, wherever the connection is cut: the same end, and nothing told twice or made up."""

import pytest

from palais.domain.agent import Run, revised
from palais.domain.changes import Change, Logged, RunChanged
from palais.domain.step import Court
from tests.gateway import losses
from tests.gateway.books import (
    changed,
    gaps,
    history,
    idle_changes,
    parted,
    state,
    steps,
    tales,
    told_twice,
)
from tests.gateway.lives import Course, Life, lives, place
from tests.gateway.recording import recordings

NAMES = [name.partition("-")[0] for name in recordings()]
SHUT = {"13c", "17"}
"""Recordings in which no client was let in."""

UNNAMED = {
    "run 48694cd7-660c-4b6f-9833-c489f51b56fb task",
    "session.updated builder 48694cd7-660c-4b6f-9833-c489f51b56fb",
    "agent.status builder 48694cd7-660c-4b6f-9833-c489f51b56fb",
}
"""Protocol 3, recording 22: the run fails before a frame of the new connection names it, and a
question names no run; so what it was asked stays unknown."""

CHANNEL = {"21a", "21b"}
"""Recordings in which a question names no run, but comes before it. When answers come late, the
run may be there before its question is read."""


def differences(life: Life, course: Course) -> list[str]:
    """Return how a life in which nothing was lost differs from the uncut one: in nothing."""
    books = changed(
        state(life.uncut.replay.court) | steps(life.uncut.changes),
        state(course.replay.court) | steps(course.changes),
    )
    lines = history(course.changes)
    found = [
        *(f"{name}: {one!r} became {other!r}" for name, (one, other) in books.items()),
        *parted(tales(history(life.uncut.changes)), tales(lines)),
        *(f"twice: {it}" for it in told_twice(lines)),
        *(f"no news: {it}" for it in idle_changes(lines)),
    ]
    return [it for it in found if not any(one in it for one in UNNAMED)]


def test_every_recording_is_lived_through() -> None:
    assert {name for name in NAMES if not lives(name)} == SHUT
    assert sum(len(life.moments) for name in NAMES for life in lives(name)) > 1300


@pytest.mark.parametrize("name", NAMES)
def test_a_connection_cut_at_any_frame_changes_nothing_in_the_end(name: str) -> None:
    for life in lives(name):
        for position in range(len(life.moments)):
            course = life.until(position).cut().connect().end()
            assert differences(life, course) == [], place(life, position)
            assert gaps(course.changes)["gateway"] == 1, place(life, position)


@pytest.mark.parametrize("name", NAMES)
def test_a_new_connection_tells_no_news_where_there_are_none(name: str) -> None:
    for life in lives(name):
        for position, moment in enumerate(life.moments):
            course = life.until(position).cut().connect()
            told = [it for it in course.replay.changes if isinstance(it, Logged)]
            fresh = [line for line in history(told) if line.type != "gap"]
            known = {line.key for line in history(moment.changes)}
            assert [it for it in fresh if it.key is None or it.key not in known] == [], place(
                life, position
            )


@pytest.mark.parametrize("name", NAMES)
def test_answers_that_come_after_the_next_events_change_nothing_either(name: str) -> None:
    for life in lives(name):
        for position in range(0, len(life.moments), 3):
            course = life.until(position).cut().connect(silent=True)
            said = course.truth.fork()
            course.go_on(1 + position % 5).answer(said).end()
            found = losses.faults(life, course)
            if name not in CHANNEL:
                found += differences(life, course)
            assert found == [], place(life, position)


def recalled(court: Court, changes: tuple[Change, ...]) -> Court:
    """Return what another process reads in the database: no signs of life, nor who asked what."""
    stored = {it.run.run_id: it.run.touched_at for it in changes if isinstance(it, RunChanged)}

    def forgetful(run: Run) -> Run:
        unknown = {"activity": None, "asked": {}, "missing_since": None}
        return revised(run, **unknown, partial=not run.open, touched_at=stored[run.run_id])

    ended = {run_id: forgetful(run) for run_id, run in court.ended.items()}
    opened = {run_id: forgetful(run) for run_id, run in court.open.items()}
    return Court(court.agents, opened, ended)


@pytest.mark.parametrize("name", NAMES)
def test_a_takeover_at_any_frame_changes_nothing_in_the_end(name: str) -> None:
    for life in lives(name):
        whole = tales(history(life.uncut.changes))
        for position, moment in enumerate(life.moments):
            court = recalled(moment.court, moment.changes)
            course = life.until(position).cut(court=court).connect().end()
            # What a run just does is told again, since nobody recalls what was told of it.
            twice = tales(line for line in history(course.changes) if line.type == "agent.status")
            found = [it for it in differences(life, course) if it[2:] not in whole | twice]
            assert [it for it in found if not it.startswith("no news: ")] == [], place(
                life, position
            )


@pytest.mark.parametrize("name", NAMES)
def test_a_connection_whose_events_all_come_again_adds_nothing(name: str) -> None:
    for life in lives(name):
        whole = life.uncut.now
        again = life.until(0).cut(court=whole.court).connect().end()
        assert changed(state(whole.court), state(again.replay.court)) == {}
        known = {line.key for line in history(whole.changes)}
        told = [line for line in history(again.changes) if line.type != "gap"]
        # What a run that still goes on does is told again, since it is told as news.
        news = [it for it in told if it.key not in known and it.session_id not in whole.court.open]
        assert news == [], life.name
