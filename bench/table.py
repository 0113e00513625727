"""The figures, printed: one table of ratios, then the absolute ones in small print."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from bench.rows import TITLES, Row

OTHERS: Final = ("seed", "flask", "raw", "nchan", "ledger")


def ratios(rows: Sequence[Row]) -> str:
    """Return the table: Palais's median, and its ratio to each of the others."""
    head = ["", "", "Palais", *(f"÷ {TITLES[name]}" for name in OTHERS), "goal", ""]
    lines = [head, *(_line(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(_aligned(line, widths) for line in lines)


def small_print(rows: Iterable[Row]) -> str:
    """Return medians and single runs of everybody, and what is to be said of them."""
    return "\n".join(part for row in rows for part in _absolutes(row))


def _line(row: Row) -> list[str]:
    goal, met = ("", "")
    if row.goal:
        goal, met = row.goal.text, "reached" if row.goal.met(row) else "MISSED"
    compared = [_ratio(row.ratio(name)) if row.compared else "" for name in OTHERS]
    return [row.title, row.unit, _number(row.median("palais"), row.digits), *compared, goal, met]


def _absolutes(row: Row) -> Iterable[str]:
    yield f"{row.title} ({row.unit})"
    for name, values in row.values.items():
        if values:
            middle = _number(row.median(name), row.digits)
            single = ", ".join(_number(value, row.digits) for value in values)
            disorder = row.out_of_order.get(name, 0)
            aside = f"; up to {disorder:.0%} out of order" if disorder else ""
            cpu = f"; load client {row.load_cpu[name]:.2f} CPU s" if name in row.load_cpu else ""
            yield f"    {TITLES[name]}: {middle} of {single}{aside}{cpu}"
    for note in row.notes:
        yield f"    {note}"


def _aligned(line: list[str], widths: list[int]) -> str:
    last = len(line) - 2
    cells = [
        cell.ljust(width) if column in (0, 1, last, last + 1) else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _ratio(value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:.0f}×" if value >= 20 else f"{value:.1f}×" if value >= 2 else f"{value:.2f}×"


def _number(value: float, digits: int) -> str:
    if math.isnan(value):
        return "failed"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.{digits}f}"
