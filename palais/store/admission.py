"""Whether Palais may open: to the network only behind a password that its operator chose."""

import logging
import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from palais.config import Settings
from palais.errors import ConfigError
from palais.store import password

log = logging.getLogger(__name__)

GROUPS: Final = 4
LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 that nobody takes for one another: 20 of them are 100 bits."""


def prepare(conn: Connection, settings: Settings, now: datetime) -> str | None:
    """See to it that there is a password; return it where it was made just now.

    The operator's wins over what is kept; for a short one in the environment the operator answers,
    and is told. Raises ConfigError where there is none of the operator's
    and others than this machine could reach Palais.
    """
    if settings.admin_password is not None:
        if len(settings.admin_password) < password.SHORTEST:
            log.warning(
                "The admin's password has fewer than %d characters: choose a longer one.",
                password.SHORTEST,
            )
        password.synchronise(conn, settings.admin_password, now)
        return None
    check(conn, settings)
    made = generated()
    return made if password.establish(conn, made, now) else None


def check(conn: Connection, settings: Settings) -> None:
    """Raise ConfigError where Palais must not open on this address; change nothing."""
    if not settings.open_to_network or settings.admin_password is not None:
        return
    with conn.begin():
        stored = password.admin(conn)
    if stored is None or stored.generated:
        raise ConfigError(
            f"PALAIS_BIND={settings.bind_host}:{settings.bind_port} opens Palais to the network, "
            "and you have not set a password. Set PALAIS_ADMIN_PASSWORD (or "
            "PALAIS_ADMIN_PASSWORD_FILE), or run: flask password set"
        )


def generated() -> str:
    """Return a new password that can be typed off a screen, e.g. ``k3f9x-…``."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(GROUPS))
    return "-".join(groups)
