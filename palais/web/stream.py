"""``GET /api/sse``: what was missed since the cursor, then everything live. See docs/stream.md."""

import itertools
from collections.abc import Iterator

from flask import Blueprint, Response, request
from sqlalchemy import Engine

from palais.errors import DatabaseUnavailableError
from palais.live import sse
from palais.live.hub import LAGGED, Filter, Hub, Viewer
from palais.live.tail import PAGE, ROWS
from palais.store import queries
from palais.store.models import db
from palais.store.views import Head
from palais.web import auth
from palais.web.handover import Handover, plain_socket
from palais.web.request import id_set, live_hub, reading, type_set

stream = Blueprint("stream", __name__)

HEADERS = {
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
}


@stream.get("/api/sse")
def events() -> Response:
    """Open a stream; the cursor is the Last-Event-ID header, else ``?lastEventId=``."""
    wants = Filter(id_set("agents"), type_set("types"))
    cursor = request.headers.get("Last-Event-ID") or request.args.get("lastEventId", "")
    hub = live_hub()
    if hub is None or hub.closed:
        raise DatabaseUnavailableError("This process does not follow the log; ask a live one.")
    holder = auth.holder()
    viewer = hub.join(wants, holder.ticket if holder else None)
    try:
        with reading() as conn:
            head, floor = queries.head(conn), queries.floor(conn)
            gateway = sse.gateway_event(queries.gateway(conn))
    except BaseException:
        hub.leave(viewer)
        raise
    # The tail may have begun after this snapshot: what lies between comes by replay as well.
    viewer.after = upto = max(head.id, hub.began)
    after = resume_point(cursor, head, floor)
    missed = iter(()) if after is None else _replay(db.engine, wants, Head(head.epoch, upto), after)
    # The gateway may have gone between a page and its stream: its state comes first.
    opening = (
        sse.RETRY + sse.connected(head) + gateway.data + (b"" if after is not None else sse.RESET)
    )
    response = _response(hub, viewer, itertools.chain([opening], missed))
    response.headers.update(HEADERS)
    return response


def _response(hub: Hub, viewer: Viewer, begin: Iterator[bytes]) -> Response:
    """Return what sends the beginning, and then what is published."""

    def leave() -> None:
        hub.leave(viewer)

    sock = plain_socket()
    if sock is not None:
        return Handover(begin, sock, lambda writer: hub.move(viewer, writer), leave)
    response = Response(_events(begin, viewer), mimetype="text/event-stream")
    # Not in the generator's finally: one that is never started has none.
    response.call_on_close(leave)
    return response


def resume_point(cursor: str, head: Head, floor: int) -> int | None:
    """Return the id after which to go on; None where the cursor is void and facts must be reset.

    No cursor means: from the head on. A cursor is void when it is of another log, ahead of this
    one, or older than what is kept.
    """
    if not cursor:
        return head.id
    epoch, _, number = cursor.rpartition(".")
    if epoch != head.epoch or not number.isascii() or not number.isdecimal() or len(number) > 18:
        return None
    return int(number) if floor <= int(number) <= head.id else None


def _events(begin: Iterator[bytes], viewer: Viewer) -> Iterator[bytes]:
    # The first yield must not wait: gunicorn sends the headers with it.
    yield from begin
    for broadcast in viewer:
        yield broadcast.data
    if viewer.lagged:
        yield LAGGED


def _replay(engine: Engine, wants: Filter, head: Head, after: int) -> Iterator[bytes]:
    """Yield the committed rows up to the head, a page and a short transaction at a time.

    Rows may be pruned between two pages; where the next ones are, a reset is the last word.
    """
    while after < head.id:
        with reading(engine) as conn:
            floor = queries.floor(conn)
            page = {"after": after, "upto": head.id, "page": PAGE}
            rows = conn.execute(ROWS, page).all()
        if after < floor:
            yield sse.RESET
            return
        missed = [sse.agent_event(head.epoch, *row) for row in rows]
        yield b"".join(one.data for one in missed if wants.passes(one))
        if len(rows) < PAGE:
            return
        after = rows[-1].id
