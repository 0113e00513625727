"""Writes that a browser was tricked into are refused.

A write by cookie needs a token that only our own pages know, bound to the session. Besides, and
for the login form alone, a browser says where a request comes from: ``Sec-Fetch-Site`` (Fetch
Metadata), else ``Origin``, which each browser of the last years sends with every POST. The form
could have a token bound to a cookie of its own, but no stronger one: who could plant or read that
cookie could do the same with the session's. A caller that sends neither header is no browser, and
carries nobody's cookie by mistake.
"""

from typing import Final

from flask import current_app, g, request
from itsdangerous import Signer

from palais.web.auth import Holder

FIELD: Final = "csrf_token"
HEADER: Final = "X-CSRF-Token"
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def is_write() -> bool:
    """Whether the request may change something."""
    return request.method not in READING


def is_foreign() -> bool:
    """Whether a browser says that another site's page makes this request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    # The host alone: behind a proxy that nobody named, we do not know our own scheme.
    return origin is not None and origin.partition("://")[2] != request.host


def token() -> str:
    """Return the token of this request's session; nothing for anybody else.

    Nobody is looked up for it: the guard did, and a page that says that Postgres is away must not.
    """
    holder: Holder | None = g.get("holder")
    if holder is None or holder.kind != "session" or holder.ticket is None:
        return ""
    return _signer().get_signature(holder.ticket).decode()


def is_told(ticket: bytes) -> bool:
    """Whether the request brings its session's token, in a header or in a form."""
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    return _signer().verify_signature(ticket, given.encode("utf-8", "replace"))


def _signer() -> Signer:
    return Signer(current_app.config["SECRET_KEY"], salt="palais.csrf")
