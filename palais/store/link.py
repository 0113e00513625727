"""The state of the connection to the gateway, for every process and page to see."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, func, select, update

from palais.store.journal import GATEWAY_CHANNEL, notify
from palais.store.models import GatewayRow


class LinkState(StrEnum):
    """How the connection to the gateway stands."""

    CONNECTED = "connected"
    CONNECTING = "connecting"
    REFUSED = "refused"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What is said of the connection.

    ``reason`` is a sentence, ``code`` its kind, ``command`` what to run to mend it.
    """

    state: LinkState
    reason: str | None = None
    code: str | None = None
    protocol: int | None = None
    server_version: str | None = None
    boot_id: str | None = None
    url: str | None = None
    command: str | None = None


def record(conn: Connection, facts: LinkFacts) -> None:
    """Write the facts and tell the tails; ``since`` moves only when the state does.

    A boot id once known is kept while the gateway is away: the next connect compares with it.
    """
    row = GatewayRow.__table__.c
    values: dict[str, object] = {
        "state": facts.state.value,
        "reason": facts.reason,
        "code": facts.code,
        "url": facts.url,
        "command": facts.command,
    }
    if facts.state is LinkState.CONNECTED:
        values |= {
            "protocol": facts.protocol,
            "server_version": facts.server_version,
            "boot_id": facts.boot_id,
            "first_observed_at": func.coalesce(row.first_observed_at, func.now()),
        }
    with conn.begin():
        before = conn.execute(select(row.state)).scalar_one()
        if before != facts.state.value:
            values["since"] = func.now()
        conn.execute(update(GatewayRow).values(values))
        notify(conn, GATEWAY_CHANNEL, "")


def memory(conn: Connection) -> tuple[str | None, int | None]:
    """Return the gateway's last boot id, and the moment (ms) up to which it was observed."""
    row = GatewayRow.__table__.c
    with conn.begin():
        boot_id, observed = conn.execute(select(row.boot_id, row.observed_at)).one()
    return boot_id, round(observed.timestamp() * 1000) if observed else None
