"""Who makes a request: the admin's browser by its cookie, or a program by its key.

The key of the environment is compared in memory, without the database: that is the way of most
requests. Everything else is one look-up of a hash.
"""

import hmac
from dataclasses import dataclass
from typing import Final, Literal

from flask import Flask, Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from palais.config import Settings
from palais.store import passes
from palais.store.models import db
from palais.store.passes import SESSION_DAYS, digest
from palais.web.clock import now
from palais.web.request import querying

COOKIE: Final = "palais_session"
BEARER: Final = "bearer "
LONGEST_KEY: Final = 512


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks. ``ticket`` is the hash that let them in; None for the key of the environment."""

    kind: Literal["session", "key"]
    ticket: bytes | None
    write: bool


def register(app: Flask, settings: Settings) -> None:
    """Remember the hash of the environment's key, where there is one."""
    key = settings.api_key
    app.extensions["palais.key"] = digest(key) if key else None


def holder() -> Holder | None:
    """Return who makes this request, looked up once; None where it is nobody.

    A key that is sent decides alone, whatever cookie comes with it. Raises sqlalchemy's errors
    where the database has to be asked and does not answer.
    """
    if "holder" not in g:
        key = _presented()
        g.holder = _by_cookie() if key is None else _by_key(key)
    found: Holder | None = g.holder
    return found


def ticket_of(cookie: str) -> bytes | None:
    """Return the hash of the session that a cookie names; None where we did not sign it."""
    try:
        secret = _serializer().loads(cookie)
    except BadSignature:
        return None
    return digest(secret) if isinstance(secret, str) else None


def set_cookie(response: Response, session: str) -> None:
    """Give the browser its session; no script reads it, and no other site makes it send it."""
    response.set_cookie(
        COOKIE,
        str(_serializer().dumps(session)),
        max_age=SESSION_DAYS,
        path=request.script_root or "/",
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )


def delete_cookie(response: Response) -> None:
    """Have the browser forget its session."""
    response.delete_cookie(
        COOKIE,
        path=request.script_root or "/",
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )


def _presented() -> bytes | None:
    """Return the key that the request brings; None where it brings none."""
    given = request.headers.get("X-API-Key")
    if given is None:
        bearer = request.headers.get("Authorization", "")
        given = bearer[len(BEARER) :] if bearer.lower().startswith(BEARER) else None
    # WSGI hands every byte of a header on as one character (PEP 3333).
    return None if given is None else given.strip().encode("latin-1", "replace")


def _by_key(key: bytes) -> Holder | None:
    if not key or len(key) > LONGEST_KEY:
        return None
    asked, ours = digest(key), current_app.extensions["palais.key"]
    if ours is not None and hmac.compare_digest(asked, ours):
        return Holder("key", None, write=False)
    if not key.startswith(passes.KEY_PREFIX.encode()):
        return None
    with db.engine.begin() as conn:
        found = passes.find_key(conn, asked, now())
    return Holder("key", asked, found.write) if found else None


def _by_cookie() -> Holder | None:
    cookie = request.cookies.get(COOKIE)
    ticket = ticket_of(cookie) if cookie else None
    if ticket is None:
        return None
    with querying() as conn:
        lives = passes.session_lives(conn, ticket, now())
    return Holder("session", ticket, write=True) if lives else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="palais.session")
