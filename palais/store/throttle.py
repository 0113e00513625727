"""Failed logins are slowed, address by address; all workers count in one place.

An attempt counts as failed before its password is looked at, so that a thousand at once do not
slip through; the right password takes the count back. Nobody else's address is ever slowed.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, text

from palais.store.access import LoginFailureRow

FREE: Final = 5
"""Attempts after which an address has to wait: 2 s, 4 s, 8 s and so on, up to a minute."""

LONGEST: Final = timedelta(minutes=1)
FORGOTTEN: Final = timedelta(hours=1)
"""After so long without an attempt, an address begins anew."""

_ATTEMPT: Final = text("""
    INSERT INTO login_failures AS kept (address, count, since, until)
    VALUES (:address, 1, :now, :now)
    ON CONFLICT (address) DO UPDATE SET
        count = kept.count + 1,
        until = :now + CASE WHEN kept.count + 1 < :free THEN interval '0'
            ELSE least(:longest, interval '1 s' * power(2, least(kept.count + 2 - :free, 30))) END
    WHERE kept.until <= :now
    RETURNING count
""")
_UNTIL: Final = text("SELECT until FROM login_failures WHERE address = :address")


def attempt(conn: Connection, address: str, now: datetime) -> int:
    """Count an attempt to log in; return 0, or for how many seconds this address has to wait.

    Who has to wait is not counted. Belongs into a transaction that is committed before the
    password is looked at.
    """
    conn.execute(delete(LoginFailureRow).where(LoginFailureRow.until <= now - FORGOTTEN))
    known = {"address": address, "now": now, "free": FREE, "longest": LONGEST}
    if conn.execute(_ATTEMPT, known).first():
        return 0
    until = conn.execute(_UNTIL, {"address": address}).scalar()
    return max(1, round((until - now).total_seconds())) if until else 1


def forget(conn: Connection, address: str) -> None:
    """Take the count of an address back: it knew the password."""
    conn.execute(delete(LoginFailureRow).where(LoginFailureRow.address == address))
