"""What the operator says of an agent outlives whatever the gateway, the seed and restarts do."""

import pytest
from sqlalchemy import Engine

from palais.domain.events import Profile, RosterListed, Status, StatusReported
from palais.store import edits, queries, recall, seed
from tests.database import Database, Scribe
from tests.store.rows import NOW, registered

LAST = "SELECT data->>'persona', data->>'bio' FROM activity_log ORDER BY id DESC LIMIT 1"


def say(engine: Engine, agent_id: str = "builder", **words: str) -> bool:
    with engine.connect() as conn:
        return edits.edit(conn, agent_id, words, NOW)


def shown(engine: Engine, agent_id: str = "builder") -> tuple[str, str]:
    with engine.connect() as conn:
        agent = queries.agent(conn, agent_id)
        assert agent is not None
        assert [agent] == [one for one in queries.agents(conn) if one.id == agent_id]
        return agent.persona, agent.bio


@pytest.fixture(autouse=True)
def introduced(scribe: Scribe) -> None:
    scribe.write(registered("builder", name="Imhotep", persona="Architecte", bio="De Memphis."))
    scribe.write(registered("writer", name="Thot", persona="Scribe"))


def test_an_edit_is_kept_and_told_to_every_open_page(engine: Engine, database: Database) -> None:
    assert say(engine, persona="Maçon")

    assert shown(engine) == ("Maçon", "De Memphis.")
    assert shown(engine, "writer") == ("Scribe", "")
    [(kind, agent_id, data)] = database.run(
        "SELECT type, agent_id, data FROM activity_log ORDER BY id DESC LIMIT 1"
    )
    assert (kind, agent_id) == ("agent.registered", "builder")
    assert isinstance(data, dict)
    told = {name: data[name] for name in ("name", "persona", "bio", "status", "edited")}
    assert told == {
        "name": "Imhotep",
        "persona": "Maçon",
        "bio": "De Memphis.",
        "status": "idle",
        "edited": True,
    }


def test_the_same_words_again_are_no_news(engine: Engine, database: Database) -> None:
    say(engine, persona="Maçon")
    lines = database.value("SELECT count(*) FROM activity_log")

    assert say(engine, persona="Maçon", bio="De Memphis.")

    assert database.value("SELECT count(*) FROM activity_log") == lines
    assert database.run("SELECT persona, bio FROM agent_edits") == [("Maçon", None)]


def test_nobody_is_not_edited(engine: Engine, database: Database) -> None:
    assert not say(engine, "nobody", persona="Maçon")
    assert database.value("SELECT count(*) FROM agent_edits") == 0


@pytest.mark.parametrize("everyone", [True, False])
def test_an_edit_wins_over_what_the_gateway_says_later(
    engine: Engine, scribe: Scribe, database: Database, everyone: bool
) -> None:
    say(engine, persona="Maçon")
    later = registered("builder", name="Imhotep II", persona="Astronome", bio="De Thèbes.")

    scribe.write(RosterListed((later.profile,), NOW + 1) if everyone else later)

    assert shown(engine) == ("Maçon", "De Thèbes.")
    assert database.run(
        "SELECT data->>'persona', data->>'bio', data->>'name' FROM activity_log "
        "WHERE agent_id = 'builder' AND type = 'agent.registered' ORDER BY id DESC LIMIT 1"
    ) == [("Maçon", "De Thèbes.", "Imhotep II")]


def test_an_edit_wins_over_a_seed_that_comes_later(engine: Engine, database: Database) -> None:
    say(engine, bio="Bâtit des ponts.")

    with engine.connect() as conn:
        seed.seed(conn, [Profile("builder", "Imhotep", persona="Ingénieur", bio="Bâtit.")], NOW)

    assert shown(engine) == ("Ingénieur", "Bâtit des ponts.")
    assert database.run(LAST) == [("Ingénieur", "Bâtit des ponts.")]


def test_an_edit_survives_a_restart_and_what_the_gateway_repeats_after_it(
    engine: Engine, scribe: Scribe
) -> None:
    say(engine, persona="Maçon", bio="")

    with engine.connect() as conn:
        scribe.court = recall.court(conn)
    scribe.write(registered("builder", name="Imhotep", persona="Architecte", bio="Du Nil."))

    assert shown(engine) == ("Maçon", "")


def test_an_edit_leaves_what_the_agent_does_as_it_is(engine: Engine, database: Database) -> None:
    before = database.run("SELECT * FROM agents ORDER BY id")

    say(engine, persona="Maçon", bio="Bâtit.")

    assert database.run("SELECT * FROM agents ORDER BY id") == before


def test_lines_that_introduce_nobody_are_kept_to_the_letter(
    engine: Engine, scribe: Scribe, database: Database
) -> None:
    say(engine, persona="Maçon")
    scribe.write(StatusReported("builder", Status.BUSY, NOW))

    [(text,)] = database.run(
        "SELECT data::text FROM activity_log WHERE type = 'agent.status' ORDER BY id DESC LIMIT 1"
    )
    assert str(text).startswith('{"type":"agent.status","agentId":"builder","status":"busy"')
