"""Ours beside theirs: every difference has its reasons, and they add up."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from palais.domain.books import NOTHING, Amount, Counted, Reason, Recorded, Row, Told, total
from palais.domain.reconciliation import reconcile

DAY = date(2026, 11, 23)
NEXT = DAY + timedelta(days=1)
MAIN = "agent:cfo:main"
SIDE = "agent:cfo:side"
ARCHIVE = "agent:cfo:5c1d"


def amount(tokens: int, cost: str = "0") -> Amount:
    return Amount(tokens, Decimal(cost))


def ours(tokens: int, cost: str = "0", name: str | None = MAIN, **more: object) -> Recorded:
    return Recorded(DAY, "cfo", name, amount(tokens, cost), **more)  # type: ignore[arg-type]


def theirs(tokens: int, cost: str = "0", name: str = MAIN, **more: object) -> Counted:
    return Counted(DAY, "cfo", name, amount(tokens, cost), **more)  # type: ignore[arg-type]


def balance(*both: Recorded | Counted, told: Told | None = None) -> Row:
    """Return the one row of these."""
    [row] = reconcile(
        [told or Told(DAY)],
        [one for one in both if isinstance(one, Recorded)],
        [one for one in both if isinstance(one, Counted)],
    )
    return row


def test_books_that_agree_need_no_reason() -> None:
    row = balance(ours(90, "0.3"), theirs(90, "0.3"))

    assert (row.difference, row.parts, row.explained) == (NOTHING, {}, True)


def test_a_conversation_that_the_gateway_no_longer_counts_was_deleted() -> None:
    row = balance(ours(90, "0.3"), ours(7, "0.1", SIDE), theirs(90, "0.3"))

    assert row.parts == {Reason.DELETED: amount(7, "0.1")}
    assert (row.deleted, row.explained) == (1, True)


def test_a_deleted_conversation_whose_archive_still_counts_makes_no_difference() -> None:
    row = balance(ours(7, "0.1", SIDE), theirs(7, "0.1", ARCHIVE, archived=True))

    assert (row.difference, row.parts) == (NOTHING, {})
    assert (row.deleted, row.archived) == (1, amount(7, "0.1"))


def test_a_conversation_that_was_deleted_and_begun_anew_is_laid_against_its_archive() -> None:
    archive = theirs(60, "0.2", ARCHIVE, archived=True)

    assert balance(ours(90, "0.3"), theirs(30, "0.1"), archive).parts == {}
    assert balance(ours(90, "0.3"), theirs(30, "0.1")).parts == {Reason.OTHER: amount(60, "0.2")}


def test_what_was_before_the_gateway_s_transcript_begins_was_deleted_there() -> None:
    spent = ours(90, "0.3", lost=amount(60, "0.2"))
    row = balance(spent, theirs(30, "0.1"))
    assert (row.parts, row.deleted) == ({Reason.DELETED: amount(60, "0.2")}, 1)

    assert balance(spent, theirs(20, "0.1")).parts == {Reason.OTHER: amount(70, "0.2")}


def test_an_answer_that_is_not_complete_proves_no_deletion() -> None:
    row = balance(ours(7), told=Told(DAY, complete=False))

    assert row.parts == {Reason.OTHER: amount(7)}
    assert not row.explained


def test_what_no_conversation_has_is_not_called_deleted() -> None:
    assert balance(ours(7, name=None)).parts == {Reason.OTHER: amount(7)}


def test_what_the_gateway_counts_more_was_not_observed_where_palais_did_not_watch() -> None:
    main, side = theirs(100, "0.5", watched=False), theirs(3, name=SIDE)

    row = balance(ours(90, "0.3"), main, side)

    assert row.parts == {Reason.UNOBSERVED: amount(-10, "-0.2"), Reason.OTHER: amount(-3)}


def test_what_an_archive_holds_more_was_not_observed_where_palais_did_not_watch() -> None:
    def archive(watched: bool) -> Row:
        return balance(ours(9), theirs(10, name=ARCHIVE, archived=True, watched=watched))

    assert archive(watched=False).parts == {Reason.UNOBSERVED: amount(-1)}
    assert archive(watched=True).parts == {Reason.OTHER: amount(-1)}


def test_what_was_recorded_after_the_gateway_added_up_is_a_matter_of_time() -> None:
    row = balance(ours(90, "0.3", late=amount(20, "0.1")), theirs(70, "0.2"))
    assert row.parts == {Reason.TIMING: amount(20, "0.1")}

    row = balance(ours(90, "0.3", late=amount(90, "0.3")))
    assert (row.parts, row.deleted) == ({Reason.TIMING: amount(90, "0.3")}, 0)


def test_equal_tokens_of_unequal_cost_are_a_matter_of_price_where_one_has_none() -> None:
    gap = {Reason.UNPRICED: amount(0, "0.3")}

    assert balance(ours(90, "0.3", estimated=True), theirs(90)).parts == gap
    assert balance(ours(90, "0.3"), theirs(90, unpriced=True)).parts == gap
    assert balance(ours(90, "0.3"), theirs(90)).parts == {Reason.OTHER: amount(0, "0.3")}


def test_a_deletion_of_what_has_no_price_is_still_one() -> None:
    assert balance(ours(7, unpriced_calls=1)).parts == {Reason.DELETED: amount(7)}


def test_a_call_over_midnight_is_dated_by_its_beginning_there_and_by_its_end_here() -> None:
    spent = Recorded(NEXT, "cfo", MAIN, amount(40, "0.2"))
    after, before = reconcile(
        [Told(DAY), Told(NEXT)], [ours(90, "0.3"), spent], [theirs(130, "0.5")]
    )

    assert before.parts == {Reason.TIMING: amount(-40, "-0.2")}
    assert after.parts == {Reason.TIMING: amount(40, "0.2")}
    assert after.deleted == 0


def test_rounding_alone_needs_no_explanation() -> None:
    assert balance(ours(90, "0.3000000001"), theirs(90, "0.3")).explained
    assert not balance(ours(90, "0.300001"), theirs(90, "0.3")).explained


def test_a_day_that_the_gateway_has_not_told_of_is_not_compared() -> None:
    [row] = reconcile([], [ours(90)], [])

    assert (row.theirs, row.difference, row.parts, row.explained) == (None, None, {}, False)
    assert total([row]) is None


def test_the_latest_day_comes_first_and_the_total_has_what_can_be_compared() -> None:
    spent = [ours(90), Recorded(NEXT, "artist", "agent:artist:main", amount(5))]
    rows = reconcile([Told(DAY)], spent, [theirs(80)])

    assert [(row.day, row.agent_id) for row in rows] == [(NEXT, "artist"), (DAY, "cfo")]
    balanced = total(rows)
    assert balanced is not None
    assert (balanced.ours, balanced.theirs) == (amount(90), amount(80))


tokens = some.integers(0, 40)
costs = some.integers(0, 40).map(lambda cents: Decimal(cents) / 100)
amounts = some.builds(Amount, tokens, costs)
days = some.sampled_from([DAY, NEXT, NEXT + timedelta(days=1)])
agents = some.sampled_from(["cfo", "artist"])
names = some.sampled_from([MAIN, SIDE, ARCHIVE])
spends = some.builds(
    Recorded, days, agents, some.none() | names, amounts, amounts, amounts, some.booleans(), tokens
)
flags = some.booleans()
counts = some.builds(Counted, days, agents, names, amounts, flags, flags, flags)
tellings = some.builds(Told, days, flags)


@given(
    some.lists(tellings, unique_by=lambda told: told.day), some.lists(spends), some.lists(counts)
)
def test_the_parts_add_up_to_the_difference_whatever_the_books_say(
    told: list[Told], ledger: list[Recorded], figures: list[Counted]
) -> None:
    rows = reconcile(told, ledger, figures)

    for row in rows:
        if row.difference is not None:
            assert sum(row.parts.values(), NOTHING) == row.difference
    assert sum((row.ours for row in rows), NOTHING) == sum((it.amount for it in ledger), NOTHING)
    balanced = total(rows)
    if balanced is not None:
        assert sum(balanced.parts.values(), NOTHING) == balanced.difference


@given(some.lists(spends), some.lists(counts))
def test_only_what_nobody_watched_is_unobserved_and_only_a_whole_answer_proves_a_deletion(
    ledger: list[Recorded], figures: list[Counted]
) -> None:
    three = (DAY, NEXT, NEXT + timedelta(days=1))
    seen = [replace(one, watched=True) for one in figures]
    watched = reconcile([Told(day) for day in three], ledger, seen)
    partial = reconcile([Told(day, complete=False) for day in three], ledger, figures)

    assert not any(Reason.UNOBSERVED in row.parts for row in watched)
    assert not any(row.deleted for row in partial)
