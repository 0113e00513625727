"""The steps of a session as pages and the API read them; ``None`` is unknown, never zero."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, case, func, null, select

from palais.store.models import SessionRow, SpanRow

DEPTH: Final = 8
SESSIONS: Final = 100
STEPS: Final = 50_000
"""How far delegation is followed: levels, sessions, and steps after which none is added."""

TEXTS: Final = 64 * 1024 * 1024
"""Bytes of inputs and outputs in the steps of one session, or of one level of delegation; those of
later steps are left out, and marked as clipped. Each can be had by itself."""

_SPAN: Final = SpanRow.__table__.c
_RUN: Final = SessionRow.__table__.c


@dataclass(frozen=True, slots=True)
class SpanView:
    """One step of a session; ``input`` and ``output`` may have been left out."""

    id: str
    parent_id: str | None
    session_id: str
    agent_id: str
    type: str
    name: str
    title: str | None
    status: str | None
    started_at: datetime | None
    ended_at: datetime | None
    duration_ms: int | None
    model: str | None
    tokens_in: int | None
    tokens_out: int | None
    cache_read: int | None
    cache_write: int | None
    cost: float | None
    input: str | None
    output: str | None
    input_clipped: bool
    output_clipped: bool
    error: str | None
    child_session_id: str | None
    child_agent_id: str | None

    @property
    def tokens(self) -> int | None:
        """All tokens of it, those of the cache included."""
        parts = (self.tokens_in, self.tokens_out, self.cache_read, self.cache_write)
        known = [part for part in parts if part is not None]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class Delegation:
    """The step of another session that began this one."""

    agent_id: str
    session_id: str
    span_id: str


_EARLIEST: Final = (_SPAN.started_at.asc().nulls_last(), _SPAN.id)


def _columns(*, content: bool) -> list[Any]:
    def column(name: str) -> Any:
        return _RUN.agent_id if name == "agent_id" else _SPAN[name]

    texts = _texts() if content else {"input": null(), "output": null()}
    return [
        texts[name].label(name) if name in texts else column(name) for name in SpanView.__slots__
    ]


def _texts() -> dict[str, Any]:
    """Return the columns of what went in and came out, as much of it as an answer may have."""
    lengths = [func.coalesce(func.octet_length(_SPAN[name]), 0) for name in ("input", "output")]
    order = (*_EARLIEST, _SPAN.session_id)
    fits = func.sum(lengths[0] + lengths[1]).over(order_by=order, rows=(None, 0)) <= TEXTS
    told: dict[str, Any] = {}
    for name, clipped in (("input", "input_clipped"), ("output", "output_clipped")):
        told[name] = case((fits, _SPAN[name]))
        told[clipped] = case(
            (fits, _SPAN[clipped]), else_=_SPAN[clipped] | _SPAN[name].is_not(None)
        )
    return told


def _steps(*, content: bool) -> Select[Any]:
    """Return the query of steps; by ``pk_agent_spans``, which begins with the session."""
    return select(*_columns(content=content)).join_from(
        SpanRow, SessionRow, _RUN.id == _SPAN.session_id
    )


def of_session(conn: Connection, session_id: str, *, content: bool = True) -> list[SpanView]:
    """Return all steps of a session, the earliest first, by one query."""
    query = _steps(content=content).where(_SPAN.session_id == session_id).order_by(*_EARLIEST)
    return [SpanView(*row) for row in conn.execute(query)]


def with_delegated(conn: Connection, session_id: str, *, content: bool = True) -> list[SpanView]:
    """Return all steps of a session, and those of the sessions that its delegations began.

    Each level of delegation is one query. A session is taken once, below the first step that began
    it, so that a circle ends where it began; it is not followed beyond ``DEPTH`` levels,
    ``SESSIONS`` sessions or ``STEPS`` steps. The steps of a delegated session have
    ``<sessionId>/<id>`` for an id, and those at its top have the delegation for a parent.
    """
    found = of_session(conn, session_id, content=content)
    seen = {session_id}
    level = found
    for _ in range(DEPTH):
        begun = _begun(level, seen)
        if not begun or len(found) >= STEPS:
            break
        level = _below(conn, begun, content=content)
        seen.update(begun)
        found += level
    return found


def one(conn: Connection, session_id: str, span_id: str) -> SpanView | None:
    """Return one step with all that is kept of it; None where there is none."""
    if "\x00" in span_id:
        return None
    key = (_SPAN.session_id == session_id, _SPAN.id == span_id)
    row = conn.execute(_steps(content=True).where(*key)).first()
    return None if row is None else SpanView(*row)


def begun_by(conn: Connection, session_id: str) -> Delegation | None:
    """Return the first step that began a session; by ``ix_agent_spans_child``."""
    query = (
        select(_RUN.agent_id, _SPAN.session_id, _SPAN.id)
        .join_from(SpanRow, SessionRow, _RUN.id == _SPAN.session_id)
        .where(_SPAN.child_session_id == session_id, _SPAN.session_id != session_id)
        .order_by(*_EARLIEST, _SPAN.session_id)
        .limit(1)
    )
    row = conn.execute(query).first()
    return None if row is None else Delegation(*row)


def root_of(conn: Connection, session_id: str) -> str:
    """Return the session from which delegation led to this one; itself where none did."""
    seen = {session_id: None}
    while len(seen) <= DEPTH:
        above = begun_by(conn, session_id)
        if above is None:
            return session_id
        if above.session_id in seen:
            return min(seen)
        session_id = above.session_id
        seen[session_id] = None
    return session_id


def _begun(level: Sequence[SpanView], seen: set[str]) -> dict[str, SpanView]:
    begun: dict[str, SpanView] = {}
    for span in level:
        child = span.child_session_id
        if child is not None and child not in seen and len(seen) + len(begun) < SESSIONS:
            begun.setdefault(child, span)
    return begun


def _below(conn: Connection, begun: dict[str, SpanView], *, content: bool) -> list[SpanView]:
    query = _steps(content=content).where(_SPAN.session_id.in_(list(begun)))
    rows = conn.execute(query.order_by(*_EARLIEST, _SPAN.session_id).limit(STEPS))
    steps = [SpanView(*row) for row in rows]
    known = {(step.session_id, step.id) for step in steps}
    return [_moved(step, begun[step.session_id], known) for step in steps]


def _moved(step: SpanView, delegation: SpanView, known: set[tuple[str, str]]) -> SpanView:
    own = step.parent_id is not None and (step.session_id, step.parent_id) in known
    parent = f"{step.session_id}/{step.parent_id}" if own else delegation.id
    return replace(step, id=f"{step.session_id}/{step.id}", parent_id=parent)
