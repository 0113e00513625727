"""The feed: which lines of history a person asked for, and repeated ones told as one.

All but ``read`` is pure. ``static/js/groups.js`` groups what comes live by the same rule.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final, cast

from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from palais.domain.text import is_id
from palais.errors import BadRequestError
from palais.store import queries
from palais.store.queries import MAX_ID
from palais.store.views import ActivityView
from palais.web import words
from palais.web.clock import now

GROUPS: Final[Mapping[str, frozenset[str]]] = {
    "sessions": frozenset({"session.started", "session.completed"}),
    "tools": frozenset({"span.started", "span.completed"}),
    "status": frozenset({"agent.status", "agent.registered"}),
    "budgets": frozenset({"budget.warning"}),
    "gaps": frozenset({"gap"}),
}
"""The types of events as a person thinks of them."""

PAGE: Final = 120
WANTED: Final = 50
ROUNDS: Final = 5
"""A page has some 50 lines; much that is recorded is no news, so it is read in rounds."""

BESIDE: Final = 20
"""Lines of a feed that stands beside something else: what is older comes when it is scrolled."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a person asked for; an empty set means everything. ``before`` is a line's id."""

    agents: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    before: int | None = None

    @property
    def types(self) -> frozenset[str]:
        """The types of events that are asked for."""
        return frozenset().union(*(GROUPS[name] for name in self.groups))

    def query(self, before: int | None = None) -> dict[str, str]:
        """Return these filters as they stand in an address, from another line on."""
        told = {"agents": ",".join(sorted(self.agents)), "types": ",".join(sorted(self.groups))}
        found = {name: text for name, text in told.items() if text}
        return found if before is None else {**found, "before": str(before)}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the feed: an event, the latest of those that it stands for; ids newest first."""

    row: ActivityView
    ids: tuple[int, ...]
    day: str | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The event as the stream carries it."""
        return self.row.data


@dataclass(frozen=True, slots=True)
class Feed:
    """Some lines, newest first, and after which id older ones are to be had; None at the end."""

    lines: list[Line]
    filters: Filters
    older: int | None


def filters(args: "MultiDict[str, str]") -> Filters:
    """Return the filters of an address; raise BadRequestError on what means nothing.

    A form repeats a name, a link has commas: both are understood.
    """
    agents, groups = _items(args, "agents"), _items(args, "types")
    if not all(map(is_id, agents)):
        raise BadRequestError("agents holds something that is no agent id.")
    if groups - set(GROUPS):
        raise BadRequestError(f"types takes only: {', '.join(GROUPS)}.")
    return Filters(agents, groups if groups != set(GROUPS) else frozenset(), _before(args))


def read(conn: Connection, wanted: Filters, most: int | None = None) -> Feed:
    """Return the latest lines that pass, before ``wanted.before``; ``most`` of them, if given."""
    rows: list[ActivityView] = []
    before: int | None = wanted.before
    for _ in range(ROUNDS):
        page = queries.activity(conn, PAGE, before, wanted.agents, wanted.types, of_all=True)
        rows += page
        before = page[-1].id if len(page) == PAGE else None
        news = cast("list[ActivityView]", words.feed(rows))
        if before is None or len(news) >= WANTED:
            break
    lines = grouped(news)
    if most is not None and len(lines) > most:
        news = [row for row in news if row.id > lines[most].row.id]
        lines, before = grouped(news), news[-1].id
    today = now().date() if wanted.before is None else None
    return Feed(dated(lines, today.isoformat() if today else None), wanted, before)


def group_key(data: Mapping[str, Any]) -> str | None:
    """Return what repeated events have in common; None for one that always stands by itself."""
    span = data.get("span")
    if data.get("type") != "span.started" or not isinstance(span, dict):
        return None
    if span.get("type") != "tool_call":
        return None
    return "\n".join(str(part or "") for part in (data.get("sessionId"), span.get("name")))


def grouped(rows: Iterable[ActivityView]) -> list[Line]:
    """Return lines, newest first, with an agent's repeated tool calls as one.

    A call joins the line above it of the same agent if that is the same tool in the same session.
    What other agents do in between does not part them; a gap does.
    """
    lines: list[Line] = []
    latest: dict[str | None, int] = {}
    for row in rows:
        if row.type == "gap":
            latest.clear()
        key, place = group_key(row.data), latest.get(row.agent_id)
        if key is not None and place is not None and group_key(lines[place].data) == key:
            lines[place] = Line(lines[place].row, (*lines[place].ids, row.id))
            continue
        if row.type != "gap":
            latest[row.agent_id] = len(lines)
        lines.append(Line(row, (row.id,)))
    return lines


def dated(lines: Iterable[Line], today: str | None) -> list[Line]:
    """Return lines with ``day`` (ISO 8601, UTC) on each that begins another day than ``today``."""
    found: list[Line] = []
    day = today
    for line in lines:
        its = line.row.at.astimezone(UTC).date().isoformat()
        found.append(Line(line.row, line.ids, its if its != day else None))
        day = its
    return found


def _items(args: "MultiDict[str, str]", name: str) -> frozenset[str]:
    return frozenset(item for text in args.getlist(name) for item in text.split(",") if item)


def _before(args: "MultiDict[str, str]") -> int | None:
    text = args.get("before", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= MAX_ID):
        raise BadRequestError("before must be the id of a line of history.")
    return int(text)
