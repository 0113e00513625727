"""The tables of who may come in: no secret is kept, only hashes of them.

The password is a person's and gets a slow hash; all else is 256 random bits, which nobody guesses
however fast the hash, so that one indexed look-up of a SHA-256 finds them.
"""

from datetime import datetime

from sqlalchemy import LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from palais.store.models import Base


class AdminRow(Base):
    """The one admin. ``generated`` says that Palais chose the password, not the operator."""

    __tablename__ = "admin"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    password_hash: Mapped[str]
    generated: Mapped[bool]
    changed_at: Mapped[datetime]


class LoginSessionRow(Base):
    """A browser that is logged in; ``hash`` is of the id in its cookie."""

    __tablename__ = "login_sessions"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    address: Mapped[str]
    user_agent: Mapped[str]


class ApiKeyRow(Base):
    """A key of a program. ``last_used_at`` is to the minute."""

    __tablename__ = "api_keys"

    name: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    write: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class LoginLinkRow(Base):
    """A link that logs in once; the row is gone with its use."""

    __tablename__ = "login_links"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    expires_at: Mapped[datetime]


class LoginFailureRow(Base):
    """An address that failed to log in, how often, and until when it has to wait."""

    __tablename__ = "login_failures"

    address: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    since: Mapped[datetime]
    until: Mapped[datetime]
