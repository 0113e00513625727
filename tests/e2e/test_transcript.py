"""A real transcript comes page by page, as catching up reads it back to where sight was lost."""

import secrets

import pytest

from palais.gateway.dialects.openclaw import messages
from palais.gateway.frames import Json
from tests.rig.gateway import RealGateway

pytestmark = pytest.mark.gateway


def ids(page: Json) -> list[str]:
    """Return the messages of a page by the gateway's own ids, oldest first."""
    return [message["__openclaw"]["id"] for message in page["messages"]]


def test_the_pages_of_a_transcript_are_all_of_it(real_gateway: RealGateway) -> None:
    key = f"agent:writer:{secrets.token_hex(4)}"
    for number in range(3):
        real_gateway.wait_run(real_gateway.start_run("writer", f"Bonjour {number}", key))
    whole = ids(real_gateway.wire.ask("chat.history", {"sessionKey": key, "limit": 200}))

    found: list[str] = []
    asked: Json | None = {**messages.latest(key), "limit": 2}
    while asked is not None:
        page = real_gateway.wire.ask("chat.history", dict(asked))
        found += ids(page)
        asked = messages.earlier(asked, page, since=0)

    assert len(whole) >= 6
    assert set(found) == set(whole)
