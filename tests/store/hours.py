"""The ledger's hours, as they are kept and as they are by the ledger itself."""

from typing import Final

from tests.database import Database

_KEPT: Final = """
    SELECT hour, agent_id, model, provider, calls, tokens, tokens_in, tokens_out, cache_read,
           cache_write, cost, unpriced_calls, unpriced_tokens
    FROM usage_hourly
"""
_ANEW: Final = """
    SELECT date_trunc('hour', at, 'UTC'), agent_id, coalesce(model, ''), coalesce(provider, ''),
           count(*), sum(tokens), coalesce(sum(tokens_in), 0), coalesce(sum(tokens_out), 0),
           coalesce(sum(cache_read), 0), coalesce(sum(cache_write), 0), coalesce(sum(cost), 0),
           count(*) FILTER (WHERE basis = 'unknown'),
           coalesce(sum(tokens) FILTER (WHERE basis = 'unknown'), 0)
    FROM usage GROUP BY 1, 2, 3, 4
"""


def wrong(database: Database) -> list[tuple[object, ...]]:
    """Return the hours that are not what the ledger adds up to."""
    return [
        *database.run(f"{_KEPT} EXCEPT {_ANEW}"),
        *database.run(f"{_ANEW} EXCEPT {_KEPT}"),
    ]
