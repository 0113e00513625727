"""A refused gateway on the page: why, in the reader's language, and what to run."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from palais.store.link import LinkFacts, LinkState, record
from tests.web.test_pages import Page


@pytest.mark.parametrize(
    ("accepted", "said"),
    [("fr", "attend d’être approuvé"), ("en", "Palais’s device awaits approval")],
)
def test_a_refusal_is_said_in_the_reader_s_language_with_what_to_run(
    client: FlaskClient, engine: Engine, accepted: str, said: str
) -> None:
    command = "openclaw devices approve c41a704b"
    raw = f"The gateway refused the connection: no. On its host run: {command}"
    facts = LinkFacts(LinkState.REFUSED, raw, "PAIRING_REQUIRED", command=command)
    with engine.connect() as conn:
        record(conn, facts)

    court = Page(client.get("/agents", headers={"Accept-Language": accepted}))

    assert said in court.words
    assert command in court.words
    assert raw not in court.words
    assert client.get("/api/health").json["gateway"]["reason"] == raw  # type: ignore[index]
