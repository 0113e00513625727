"""CSV that a spreadsheet opens without running anything of it. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

FORMULA: Final = re.compile(r"(^|[;,\t|\"'])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")
"""Where a cell begins that a spreadsheet takes for a formula (OWASP, CSV Injection).

Also behind what separates cells elsewhere: in France a spreadsheet parts a line at semicolons.
"""

Cell = str | int | float | None


def safe(cell: Cell) -> Cell:
    """Return a cell as it can be written; text that looks like a formula gets an apostrophe."""
    return FORMULA.sub(r"\1'", cell) if isinstance(cell, str) else cell


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
