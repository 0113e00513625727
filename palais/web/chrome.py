"""What every page shows around its own: the gateway, who stands how, and where the log stands."""

from flask import current_app
from sqlalchemy import Connection

from palais.store import queries, rhythm
from palais.web import court


def chrome(conn: Connection) -> dict[str, object]:
    """Return what ``base.html`` asks for, read on the same snapshot as the page's own facts."""
    gateway = queries.gateway(conn)
    return {
        "gateway": gateway,
        "standings": {one.id: court.standing(one) for one in rhythm.standings(conn)},
        "cursor": queries.head(conn).cursor,
        "demo": gateway.demo or current_app.extensions["palais.settings"].demo,
    }
