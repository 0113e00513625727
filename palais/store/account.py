"""What the gateway says it counted, as SQL: each answer takes the place of the one before it."""

from collections.abc import Iterable, Iterator
from typing import Final

from palais.domain.account import UsageListed, UsageWithheld
from palais.domain.changes import Change
from palais.store import wire

# An answer is never older than the one before it, but a batch may be written twice.
_FORGET: Final = "DELETE FROM gateway_usage WHERE day = %s::date;"
_USAGE: Final = """
    INSERT INTO gateway_usage
      (day, conversation, agent_id, tokens, cost, unpriced_calls, began_at, ended_at, archived)
    SELECT %s::date, conversation, agent_id, tokens, cost, unpriced_calls,
      to_timestamp(began_at / 1000.0), to_timestamp(ended_at / 1000.0), archived
    FROM json_to_recordset(%s::json) AS told (conversation text, agent_id text, tokens bigint,
      cost numeric, unpriced_calls bigint, began_at bigint, ended_at bigint, archived boolean)
    ON CONFLICT (day, conversation) DO UPDATE SET agent_id = excluded.agent_id,
      tokens = excluded.tokens, cost = excluded.cost, archived = excluded.archived,
      unpriced_calls = excluded.unpriced_calls, began_at = excluded.began_at,
      ended_at = excluded.ended_at;
"""
_DAY: Final = """
    INSERT INTO gateway_days (day, told_at, complete)
    VALUES (%s::date, to_timestamp(%s / 1000.0), %s)
    ON CONFLICT (day) DO UPDATE SET told_at = excluded.told_at, complete = excluded.complete;
"""
_TELLS: Final = "UPDATE gateway SET tells_usage = %s WHERE tells_usage IS DISTINCT FROM %s;"

Statement = tuple[str, tuple[object, ...]]


def written(changes: Iterable[Change]) -> Iterator[Statement]:
    """Yield the statements, with their values, that put the gateway's answers on record.

    What a complete answer does not list is forgotten; one that is not complete deletes nothing.
    """
    latest: dict[object, UsageListed | UsageWithheld] = {}
    for change in changes:
        if isinstance(change, UsageListed):
            latest[change.day, change.complete] = change
        elif isinstance(change, UsageWithheld):
            latest["withheld"] = change
    for change in latest.values():
        yield _TELLS, (isinstance(change, UsageListed),) * 2
        if isinstance(change, UsageListed):
            yield from _day(change)


def _day(told: UsageListed) -> Iterator[Statement]:
    day = told.day.isoformat()
    if told.complete:
        yield _FORGET, (day,)
    if told.told:
        yield _USAGE, (day, wire.dumps(told.told))
    yield _DAY, (day, told.at, told.complete)
