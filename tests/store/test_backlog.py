"""What waits for Postgres: coalesced, in order, and bounded."""

import itertools

import pytest

from palais.domain.changes import AgentChanged, Change, Presence, RunChanged, UsageAdded
from palais.domain.events import Usage
from palais.store import backlog as backlogs
from palais.store.backlog import BATCH_ENTRIES, ENTRIES, Backlog
from tests.store.rows import BUILDER, NOW, court, line, named, of, run, span


@pytest.fixture
def backlog() -> Backlog:
    return Backlog(f"key.{number}" for number in itertools.count())


def drained(backlog: Backlog) -> list[list[Change]]:
    """Return the changes of all batches, as they are committed one after the other."""
    batches = []
    while entries := backlog.oldest():
        batches.append([entry.change for entry in entries])
        backlog.done()
    return batches


def lines(*summaries: str) -> list[Change]:
    return [line(summary) for summary in summaries]


def test_of_the_states_of_an_agent_and_a_run_the_latest_is_kept(backlog: Backlog) -> None:
    agents = [AgentChanged(named(activity=str(number))) for number in range(100)]
    runs = [RunChanged(run(touched_at=number)) for number in range(100)]

    for changes in zip(agents, runs, strict=True):
        backlog.add(changes)

    assert len(backlog) == 2
    assert drained(backlog) == [[agents[-1], runs[-1]]]


def test_of_the_signs_of_life_of_an_agent_the_latest_is_kept(backlog: Backlog) -> None:
    for number in range(100):
        backlog.add([Presence("builder", "typing", number), Presence("writer", None, number)])

    assert len(backlog) == 2
    assert drained(backlog) == [[Presence("builder", "typing", 99), Presence("writer", None, 99)]]


def test_that_a_profile_is_new_is_not_forgotten_with_the_state_it_came_with(
    backlog: Backlog,
) -> None:
    busy = named(activity="typing")

    backlog.add([AgentChanged(BUILDER, profile=True)])
    backlog.add([AgentChanged(busy)])

    assert drained(backlog) == [[AgentChanged(busy, profile=True)]]


def test_history_usage_and_steps_are_all_kept_in_their_order(backlog: Backlog) -> None:
    kept: list[Change] = [
        line("1"),
        UsageAdded(run(), "u1", Usage(1)),
        of(run(), span()),
        line("2"),
        of(run(), span(status="completed")),
        line("2"),
    ]

    backlog.add(kept)

    assert drained(backlog) == [kept]


def test_what_is_referred_to_comes_first(backlog: Backlog) -> None:
    used = UsageAdded(run(), "u1", Usage(1))
    agent, opened = court(run())

    backlog.add([Presence("builder", None, NOW), used, opened, agent])

    assert drained(backlog) == [[agent, opened, used, Presence("builder", None, NOW)]]


def test_the_oldest_batch_is_the_same_each_time_it_is_tried(backlog: Backlog) -> None:
    backlog.add(lines("1", "2"))

    assert backlog.oldest() == backlog.oldest()
    assert len({entry.key for entry in backlog.oldest()}) == 2


def test_what_comes_while_a_batch_is_being_committed_belongs_to_the_next(backlog: Backlog) -> None:
    backlog.add(lines("1"))
    first = backlog.oldest()
    backlog.add(lines("2"))

    assert backlog.oldest() == first
    assert drained(backlog) == [lines("1"), lines("2")]
    assert not backlog


def test_a_batch_has_its_fill_and_the_changes_of_an_event_stay_together(backlog: Backlog) -> None:
    for _ in range(BATCH_ENTRIES):
        backlog.add(lines("a", "b", "c"))

    batches = drained(backlog)

    assert {len(batch) for batch in batches[:-1]} == {BATCH_ENTRIES + 2}
    assert sum(map(len, batches)) == 3 * BATCH_ENTRIES


def test_a_state_is_never_ahead_of_the_lines_that_are_committed_with_it(backlog: Backlog) -> None:
    for number in range(3 * BATCH_ENTRIES):
        backlog.add([AgentChanged(named(activity=str(number))), line(str(number))])

    for batch in drained(backlog):
        [state] = [change for change in batch if isinstance(change, AgentChanged)]
        assert state.agent.activity == batch[-1].summary  # type: ignore[union-attr]


def test_a_sign_of_life_waits_for_the_latest_batch(backlog: Backlog) -> None:
    for number in range(3 * BATCH_ENTRIES):
        backlog.add([line(), Presence("builder", None, number)])

    *others, last = drained(backlog)

    assert last[-1] == Presence("builder", None, 3 * BATCH_ENTRIES - 1)
    assert not any(isinstance(change, Presence) for batch in others for change in batch)


def test_a_batch_of_large_steps_is_complete_before_it_has_many(backlog: Backlog) -> None:
    text = "x" * 4_000
    for number in range(1_000):
        backlog.add([of(run(), span(str(number), input=text, output=text, error=text))])

    batches = drained(backlog)

    assert len(batches) > 1
    for batch in batches:
        texts = [change.span.input for change in batch]  # type: ignore[union-attr]
        assert 3 * sum(map(len, texts)) <= backlogs.BATCH_BYTES


def test_a_backlog_is_full_by_the_number_of_its_entries(backlog: Backlog) -> None:
    for number in range(ENTRIES):
        assert not backlog.full
        backlog.add(lines(str(number)))

    assert backlog.full
    assert len(backlog) == ENTRIES


def test_a_backlog_is_full_by_the_size_of_its_steps(
    backlog: Backlog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlogs, "BYTES", 1_000_000)
    while not backlog.full:
        backlog.add([of(run(), span(input="x" * 100_000))])

    assert len(backlog) == 10


def test_signs_of_life_alone_never_fill_it(backlog: Backlog) -> None:
    for number in range(2 * ENTRIES):
        backlog.add([AgentChanged(named(last_seen_at=number)), Presence("builder", None, number)])

    assert len(backlog) == 2
    assert backlog.weight < 10_000
    assert len(drained(backlog)) == 1


def test_an_event_that_changed_nothing_leaves_nothing(backlog: Backlog) -> None:
    backlog.add([])

    assert not backlog
    assert backlog.oldest() == []


def test_what_is_committed_weighs_nothing_any_more(backlog: Backlog) -> None:
    for _ in range(3 * BATCH_ENTRIES):
        backlog.add([*lines("1"), of(run(), span(output="x" * 1_000))])
    assert backlog.crowded

    drained(backlog)

    assert (len(backlog), backlog.weight, backlog.crowded) == (0, 0, False)
