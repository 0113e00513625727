"""Our ledger beside the gateway's own figures, and why they differ: in parts that add up. Pure.

Both count what is in the conversations' transcripts. Ours keeps what was seen; the gateway's are
added up from what it still has. So a difference (ours less theirs) has few causes, and what none
of them explains is shown as unexplained.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from palais.domain.books import NOTHING, Amount, Counted, Reason, Recorded, Row, Told


@dataclass(slots=True)
class _Cell:
    """A conversation's day: what both have of it, and the difference that needs a reason."""

    ours: Amount = NOTHING
    late: Amount = NOTHING
    lost: Amount = NOTHING
    theirs: Amount = NOTHING
    estimated: bool = False
    unpriced_calls: int = 0
    listed: bool = False
    archived: bool = False
    watched: bool = True
    midnight: bool = False
    gone: bool = False

    @property
    def gap(self) -> Amount:
        return self.ours - self.late - self.theirs


_Cells = dict[tuple[date, str], dict[str | None, _Cell]]


def reconcile(
    told: Iterable[Told], ours: Iterable[Recorded], theirs: Iterable[Counted]
) -> list[Row]:
    """Return a row for each agent and day that has something, the latest day first."""
    days = {one.day: one for one in told}
    cells = _cells(ours, theirs)
    _mark_midnights(cells, days)
    keys = sorted(cells, key=lambda key: (-key[0].toordinal(), key[1]))
    return [_row(*key, cells[key], days.get(key[0])) for key in keys]


def _cells(ours: Iterable[Recorded], theirs: Iterable[Counted]) -> _Cells:
    cells: _Cells = defaultdict(lambda: defaultdict(_Cell))
    for spent in ours:
        cell = cells[spent.day, spent.agent_id][spent.conversation]
        cell.ours += spent.amount
        cell.late += spent.late
        cell.lost += spent.lost
        cell.estimated |= spent.estimated
        cell.unpriced_calls += spent.unpriced_calls
    for counted in theirs:
        cell = cells[counted.day, counted.agent_id][counted.conversation]
        cell.theirs += counted.amount
        cell.estimated |= counted.unpriced
        cell.listed = True
        cell.archived = counted.archived
        cell.watched &= counted.watched
    return cells


def _mark_midnights(cells: _Cells, days: Mapping[date, Told]) -> None:
    """Find calls over midnight: the gateway dates one by its beginning, we by its end."""
    for (day, agent_id), before in cells.items():
        after = cells.get((day + timedelta(days=1), agent_id), {})
        if day not in days or day + timedelta(days=1) not in days:
            continue
        for name, cell in before.items():
            other = after.get(name)
            if other and cell.gap.tokens < 0 and cell.gap.tokens + other.gap.tokens == 0:
                cell.midnight = other.midnight = True


def _row(day: date, agent_id: str, cells: Mapping[str | None, _Cell], told: Told | None) -> Row:
    ours = sum((cell.ours for cell in cells.values()), NOTHING)
    unpriced = sum(cell.unpriced_calls for cell in cells.values())
    if told is None:
        return Row(day, agent_id, ours, unpriced, None)
    for name, cell in cells.items():
        cell.gone = told.complete and name is not None and _is_gone(cell)
    return Row(
        day,
        agent_id,
        ours,
        unpriced,
        sum((cell.theirs for cell in cells.values()), NOTHING),
        _parts(list(cells.values())),
        sum(cell.gone for cell in cells.values()),
        sum((cell.theirs for cell in cells.values() if _is_kept(cell)), NOTHING),
        sum((cell.late for cell in cells.values()), NOTHING),
    )


def _is_gone(cell: _Cell) -> bool:
    whole = not cell.listed or cell.gap.tokens == cell.lost.tokens
    return whole and not cell.midnight and cell.gap.tokens > 0


def _is_kept(cell: _Cell) -> bool:
    return cell.archived and not cell.ours


def _missed(cells: Iterable[_Cell]) -> Reason:
    """Return why the gateway may count more in these."""
    return Reason.OTHER if all(cell.watched for cell in cells) else Reason.UNOBSERVED


def _parts(cells: list[_Cell]) -> dict[Reason, Amount]:
    parts: defaultdict[Reason, Amount] = defaultdict(Amount)
    parts[Reason.TIMING] = sum((cell.late for cell in cells), NOTHING)
    begun_anew: list[_Cell] = []
    kept: list[_Cell] = []
    for cell in cells:
        if cell.midnight:
            parts[Reason.TIMING] += cell.gap
        elif cell.listed and not cell.gone and cell.gap.tokens > 0:
            begun_anew.append(cell)
        elif _is_kept(cell):
            kept.append(cell)
        elif not cell.gone:
            reason = _missed([cell]) if cell.gap.tokens < 0 else Reason.OTHER
            _put(parts, cell.gap, reason, cell.estimated)
    _settle(parts, [cell for cell in cells if cell.gone], begun_anew, kept)
    return {reason: amount for reason, amount in parts.items() if amount}


def _settle(
    parts: defaultdict[Reason, Amount],
    gone: list[_Cell],
    begun_anew: list[_Cell],
    kept: list[_Cell],
) -> None:
    """Lay archived transcripts against the conversations that are gone, or were begun anew.

    An archive bears no conversation's name. What it holds of those that were begun anew under
    the same name is taken for theirs where it suffices; else those are unexplained.
    """
    archive = sum((cell.theirs for cell in kept), NOTHING)
    rest = sum((cell.gap for cell in gone), NOTHING) - archive
    anew = sum((cell.gap for cell in begun_anew), NOTHING)
    estimated = any(cell.estimated for cell in (*gone, *begun_anew, *kept))
    if anew.tokens <= archive.tokens:
        rest += anew
    else:
        _put(parts, anew, Reason.OTHER, estimated)
    _put(parts, rest, _missed(kept) if rest.tokens < 0 else Reason.DELETED, estimated)


def _put(parts: defaultdict[Reason, Amount], gap: Amount, reason: Reason, estimated: bool) -> None:
    """Add a difference to a reason; what of its cost only a price explains, to that."""
    same_way = gap.tokens * gap.cost > 0
    if same_way or not gap.cost:
        parts[reason] += gap
        return
    parts[reason] += Amount(gap.tokens)
    parts[Reason.UNPRICED if estimated else Reason.OTHER] += Amount(0, gap.cost)
