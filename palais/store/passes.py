"""What lets a caller in: login sessions, API keys, and links that log in once."""

import hashlib
import secrets
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, or_, select, union_all, update
from sqlalchemy.dialects.postgresql import insert

from palais.store.access import ApiKeyRow, LoginLinkRow, LoginSessionRow

SESSION_DAYS: Final = timedelta(days=7)
LINK_MINUTES: Final = timedelta(minutes=10)
KEY_PREFIX: Final = "palais_"
CLIP: Final = 200


@dataclass(frozen=True, slots=True)
class Key:
    """An API key, as it is listed."""

    name: str
    write: bool
    created_at: datetime
    last_used_at: datetime | None


def digest(secret: str | bytes) -> bytes:
    """Return the SHA-256 by which a random secret is known here."""
    return hashlib.sha256(secret if isinstance(secret, bytes) else secret.encode()).digest()


def open_session(conn: Connection, address: str, user_agent: str, now: datetime) -> str:
    """Return the id of a new login session, and forget those that expired."""
    secret = secrets.token_urlsafe(32)
    conn.execute(delete(LoginSessionRow).where(LoginSessionRow.expires_at <= now))
    conn.execute(
        insert(LoginSessionRow).values(
            hash=digest(secret),
            created_at=now,
            expires_at=now + SESSION_DAYS,
            address=address[:CLIP],
            user_agent=user_agent[:CLIP],
        )
    )
    return secret


def session_lives(conn: Connection, session: bytes, now: datetime) -> bool:
    """Whether this hash is of a session that has not ended."""
    row = LoginSessionRow.__table__.c
    query = select(row.hash).where(row.hash == session, row.expires_at > now)
    return conn.execute(query).first() is not None


def end_session(conn: Connection, session: bytes) -> None:
    """End a session, wherever its cookie is."""
    conn.execute(delete(LoginSessionRow).where(LoginSessionRow.hash == session))


def create_key(conn: Connection, name: str, now: datetime, *, write: bool) -> str | None:
    """Return a new key under this name, which is kept nowhere; None where the name is taken."""
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    values = {"name": name, "hash": digest(secret), "write": write, "created_at": now}
    made = conn.execute(
        insert(ApiKeyRow).values(values).on_conflict_do_nothing().returning(ApiKeyRow.name)
    )
    return secret if made.first() else None


def find_key(conn: Connection, key: bytes, now: datetime) -> Key | None:
    """Return the key of this hash, and note, once a minute, that it was used."""
    row = ApiKeyRow.__table__.c
    found = conn.execute(
        select(row.name, row.write, row.created_at, row.last_used_at).where(row.hash == key)
    ).first()
    if found is None:
        return None
    minute = now.replace(second=0, microsecond=0)
    unused = or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at < minute)
    if found.last_used_at is None or found.last_used_at < minute:
        conn.execute(
            update(ApiKeyRow).where(ApiKeyRow.hash == key, unused).values(last_used_at=minute)
        )
    return Key(*found)


def keys(conn: Connection) -> list[Key]:
    """Return all keys, by name."""
    row = ApiKeyRow.__table__.c
    query = select(row.name, row.write, row.created_at, row.last_used_at).order_by(row.name)
    return [Key(*found) for found in conn.execute(query)]


def revoke_key(conn: Connection, name: str) -> bool:
    """Forget a key; return whether there was one of this name."""
    return conn.execute(delete(ApiKeyRow).where(ApiKeyRow.name == name)).rowcount > 0


def create_link(conn: Connection, now: datetime) -> str:
    """Return the token of a new login link, and forget the links that expired."""
    token = secrets.token_urlsafe(32)
    conn.execute(delete(LoginLinkRow).where(LoginLinkRow.expires_at <= now))
    conn.execute(insert(LoginLinkRow).values(hash=digest(token), expires_at=now + LINK_MINUTES))
    return token


def use_link(conn: Connection, token: str, now: datetime) -> bool:
    """Use a link up; return whether it was good. Of two who use it at once, one is let in."""
    row = LoginLinkRow.__table__.c
    gone = conn.execute(
        delete(LoginLinkRow).where(row.hash == digest(token)).returning(row.expires_at)
    ).first()
    return gone is not None and gone.expires_at > now


def living(conn: Connection, passes: Set[bytes], now: datetime) -> set[bytes]:
    """Return which of these hashes are of sessions and keys that still let in, in one query."""
    session, key = LoginSessionRow.__table__.c, ApiKeyRow.__table__.c
    asked = list(passes)
    query = union_all(
        select(session.hash).where(session.hash.in_(asked), session.expires_at > now),
        select(key.hash).where(key.hash.in_(asked)),
    )
    return {bytes(found) for found in conn.execute(query).scalars()}
