"""When the gateway was out of sight."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

Period = tuple[datetime, datetime]

# Gaps are few: one an outage. What goes on now becomes one when it is over.
_UNSEEN: Final = text("""
    WITH blind AS (
        SELECT tstzrange(started_at, ended_at) AS period FROM gaps
        WHERE ended_at > :since AND started_at < :until AND started_at < ended_at
        UNION ALL
        SELECT tstzrange(observed_at, :until) FROM gateway
        WHERE state <> 'connected' AND observed_at < :until
    )
    SELECT lower(one) AS since, upper(one) AS until
    FROM (SELECT unnest(range_agg(period)) AS one FROM blind) AS merged ORDER BY 1
""")


def unseen(conn: Connection, since: datetime, until: datetime) -> list[Period]:
    """Return the periods between two moments that Palais did not observe, in order, apart."""
    found = conn.execute(_UNSEEN, {"since": since, "until": until})
    return [
        (max(row.since, since), min(row.until, until))
        for row in found
        if row.until > since and row.since < until
    ]
