"""The ledger, entry by entry: as JSON a page at a time, as CSV all of a period. See docs/api.md."""

import re
from collections.abc import Iterator
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Blueprint, Response, request
from sqlalchemy import Engine

from palais.domain.text import LINE_LIMIT, clean
from palais.errors import BadRequestError, NotFoundError
from palais.store import ledger as books
from palais.store import wire
from palais.store.ledger import Asked, LedgerEntry, Place
from palais.store.models import db
from palais.web.answers import as_file, as_json
from palais.web.clock import now
from palais.web.request import MAX_PAGE, id_set, reading, whole
from palais.web.spreadsheet import Cell, as_csv

ledger = Blueprint("ledger", __name__, url_prefix="/api/v1")

CHUNK: Final = 1_000
"""Entries of a CSV that are in memory at a time."""

MONTH: Final = timedelta(days=30)
FIELDS: Final = LedgerEntry.__slots__
COLUMNS: Final = tuple(wire.camel(name) for name in FIELDS)
HEADER: Final = as_csv(COLUMNS, ())

# A date, or a date-time of RFC 3339: what Python takes beyond that is nothing the API describes.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))?", re.ASCII)


@ledger.get("/ledger")
def entries() -> Response:
    """List entries, the newest first; ``before`` is ``sessionId:key`` of the last one seen."""
    limit = whole("limit", 50, 1, MAX_PAGE) or 50
    asked = Asked(id_set("agents"), _moment("from"), _moment("to"))
    with reading() as conn:
        seen = request.args.get("before") or None
        before = None if seen is None else books.place(conn, *_named(seen))
        if seen is not None and before is None:
            raise NotFoundError("before names no entry of the ledger.")
        found = books.entries(conn, asked, limit, before)
    told = [dict(zip(COLUMNS, _values(entry), strict=True)) for entry in found]
    return as_json(told)


@ledger.get("/ledger.csv")
def export() -> Response:
    """Tell all entries of a period, the last thirty days unless another is asked for."""
    begin, end = _moment("from"), _moment("to") or now()
    asked = Asked(id_set("agents"), _month_before(end) if begin is None else begin, end)
    engine = db.engine
    # The first chunk is read before anything is said: an outage is then a 503, and no half a file.
    first = _chunk(engine, asked, None)
    response = Response(_lines(engine, asked, first), mimetype="text/csv")
    return as_file(response, "palais-ledger.csv")


def _lines(engine: Engine, asked: Asked, chunk: list[LedgerEntry]) -> Iterator[str]:
    """Yield the file chunk by chunk.

    Each is asked for by its place in the index, so that a slow reader holds neither a connection
    nor a snapshot. Entries never change: no two of them can be told twice, or out of order.
    """
    yield HEADER
    while chunk:
        yield as_csv(COLUMNS, map(_values, chunk)).removeprefix(HEADER)
        last = chunk[-1].place
        chunk = _chunk(engine, asked, last) if len(chunk) == CHUNK else []


def _chunk(engine: Engine, asked: Asked, before: Place | None) -> list[LedgerEntry]:
    with reading(engine) as conn:
        return books.entries(conn, asked, CHUNK, before)


def _values(entry: LedgerEntry) -> list[Cell]:
    return [wire.iso(one) if isinstance(one, datetime) else one for one in astuple(entry)]


def _named(seen: str) -> tuple[str, str]:
    session_id, _, key = seen.partition(":")
    return session_id, clean(key, LINE_LIMIT)


def _moment(name: str) -> datetime | None:
    """Return the time that a parameter names; a date is its midnight in UTC."""
    told = request.args.get(name)
    if told is None:
        return None
    try:
        moment = datetime.fromisoformat(told) if _MOMENT.fullmatch(told) else None
        if moment is not None:
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        # A day before the first of all calendars, or after the last.
        return (datetime.max if told > "5" else datetime.min).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise BadRequestError(f"{name} must be a date or a time, e.g. 2026-11-23 or …T08:00:00Z.")


def _month_before(end: datetime) -> datetime:
    return end - MONTH if end > datetime.min.replace(tzinfo=UTC) + MONTH else end
