"""CSV that a spreadsheet opens without running anything of it. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet takes for a formula (OWASP, CSV Injection)."""

Cell = str | int | float | None


def safe(cell: Cell) -> Cell:
    """Return a cell as it can be written; text that looks like a formula gets an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return RFC 4180 text with a header row; None is an empty cell, decimals have a point."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([safe(_plain(cell)) for cell in row] for row in rows)
    return text.getvalue()


def _plain(cell: Cell) -> Cell:
    # Money is kept to ten decimals; Python would write a small sum with an exponent.
    return f"{cell:.10f}".rstrip("0").rstrip(".") if isinstance(cell, float) else cell
