"""The admin's password: hashed by argon2id (RFC 9106), verified without stopping a worker.

One verification takes some 50 ms of a core and 64 MiB. So it runs in a thread beside the greenlets,
and two of them at once at most, however many log in.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent import get_hub
from gevent.lock import BoundedSemaphore
from sqlalchemy import Connection, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from palais.store.access import AdminRow, LoginLinkRow, LoginSessionRow

AT_ONCE: Final = 2
LOCK: Final = 0x70616C04
"""The advisory lock under which the password changes: of workers that start at once, one does."""

SHORTEST: Final = 12
"""Characters of a password (OWASP ASVS 4.0.3, 2.1.1)."""

_hasher = PasswordHasher()
_turns = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Admin:
    """What is kept of the admin."""

    password_hash: str
    generated: bool


def admin(conn: Connection) -> Admin | None:
    """Return what is kept of the admin; None while no password was ever set."""
    row = AdminRow.__table__.c
    found = conn.execute(select(row.password_hash, row.generated)).first()
    return Admin(*found) if found else None


def held(conn: Connection) -> Admin | None:
    """Return what is kept, and have whoever changes it wait for the end of this transaction.

    What is let in by a password, or by a link that ends with it, belongs into one with this: else
    a change in between would end all sessions but the one that is about to begin.
    """
    row = AdminRow.__table__.c
    kept = select(row.password_hash, row.generated).with_for_update(read=True)
    found = conn.execute(kept).first()
    return Admin(*found) if found else None


def matches(stored: Admin | None, password: str) -> bool:
    """Whether this is the password; it takes the same time where it is not, or none is set."""
    with _turns:
        right = get_hub().threadpool.apply(
            _verify, (stored.password_hash if stored else _decoy(), password)
        )
    return bool(right) and stored is not None


def keep(conn: Connection, password: str, now: datetime, *, generated: bool = False) -> None:
    """Make this the password; whoever is logged in has to log in again.

    Belongs into the caller's transaction.
    """
    values = {"password_hash": _hasher.hash(password), "generated": generated, "changed_at": now}
    conn.execute(
        insert(AdminRow)
        .values(id=1, **values)
        .on_conflict_do_update(index_elements=[AdminRow.id], set_=values)
    )
    conn.execute(delete(LoginSessionRow))
    conn.execute(delete(LoginLinkRow))


def synchronise(conn: Connection, password: str, now: datetime) -> bool:
    """Make the operator's password the one that is kept; return whether it was another."""
    if _kept(conn, password):
        return False
    with conn.begin():
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        stored = admin(conn)
        if stored is not None and not stored.generated and matches(stored, password):
            return False
        keep(conn, password, now)
    return True


def establish(conn: Connection, password: str, now: datetime) -> bool:
    """Keep a generated password if there is none at all; return whether that was so."""
    with conn.begin():
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if admin(conn) is not None:
            return False
        keep(conn, password, now, generated=True)
    return True


def _kept(conn: Connection, password: str) -> bool:
    with conn.begin():
        stored = admin(conn)
    return stored is not None and not stored.generated and matches(stored, password)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    """Return a hash to verify against where no password is set."""
    return _hasher.hash("")
