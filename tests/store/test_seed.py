"""The agents that the operator names."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from palais.domain.events import Profile
from palais.errors import ConfigError
from palais.store import seed as seeds
from tests.database import Database, Scribe
from tests.store.rows import NOW, registered

COURT = {
    "concierge": "Mobutoo",
    "builder": "Imhotep",
    "writer": "Thot",
    "artist": "Basquiat",
    "tutor": "Piccolo",
    "explorer": "R2D2",
    "marketer": "Marketer",
    "cfo": "CFO",
    "maintainer": "Maintainer",
    "messenger": "Hermes",
}
GOOD = {"id": "builder", "name": "Imhotep"}
LINES = "SELECT agent_id, data->>'name' FROM activity_log ORDER BY id"


def sow(engine: Engine, *profiles: Profile) -> dict[str, str]:
    with engine.connect() as conn:
        return seeds.seed(conn, profiles, NOW)


def written(folder: Path, entries: Any) -> Path:
    path = folder / "agents.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    return path


def test_the_court_has_its_ten_agents_in_their_order(engine: Engine, database: Database) -> None:
    outcome = sow(engine, *seeds.read(seeds.DEFAULT))

    assert outcome == dict.fromkeys(COURT, "created")
    rows = database.run("SELECT id, name, seeded, status FROM agents ORDER BY position")
    assert rows == [(agent_id, name, True, "offline") for agent_id, name in COURT.items()]
    assert database.value("SELECT bool_and(persona <> '' AND bio <> '') FROM agents") is True


def test_every_agent_of_the_seed_enters_history(engine: Engine, database: Database) -> None:
    sow(engine, *seeds.read(seeds.DEFAULT))

    assert database.run(LINES) == list(COURT.items())
    assert database.run("SELECT DISTINCT type FROM activity_log") == [("agent.registered",)]


def test_seeding_again_changes_nothing(engine: Engine, database: Database) -> None:
    sow(engine, *seeds.read(seeds.DEFAULT))
    before = database.run("SELECT * FROM agents ORDER BY id"), database.run(LINES)

    outcome = sow(engine, *seeds.read(seeds.DEFAULT))

    assert set(outcome.values()) == {"unchanged"}
    assert (database.run("SELECT * FROM agents ORDER BY id"), database.run(LINES)) == before


def test_a_seed_that_says_something_new_updates_its_agent_alone(
    engine: Engine, database: Database
) -> None:
    sow(engine, Profile("builder", "Imhotep"), Profile("writer", "Thot"))

    outcome = sow(engine, Profile("builder", "Imhotep", bio="Bâtit."), Profile("writer", "Thot"))

    assert outcome == {"builder": "updated", "writer": "unchanged"}
    assert database.run(LINES)[2:] == [("builder", "Imhotep")]
    assert database.value("SELECT bio FROM agents WHERE id = 'builder'") == "Bâtit."


def test_what_a_seed_does_not_say_stays_as_it_is(engine: Engine, database: Database) -> None:
    sow(engine, Profile("builder", "Imhotep", bio="Bâtit.", emoji="🧱", model="opus"))

    sow(engine, Profile("builder", "Imhotep II"))

    told = database.run("SELECT name, bio, emoji, model FROM agents")
    assert told == [("Imhotep II", "Bâtit.", "🧱", "opus")]


def test_a_seed_names_an_agent_that_the_gateway_brought_and_leaves_its_life_alone(
    engine: Engine, database: Database, scribe: Scribe
) -> None:
    scribe.write(registered("builder", model="opus"))

    assert sow(engine, Profile("builder", "Imhotep")) == {"builder": "updated"}

    row = database.run("SELECT name, seeded, present, status, model FROM agents")
    assert row == [("Imhotep", True, True, "idle", "opus")]


def test_agents_that_the_seed_does_not_name_stay(engine: Engine, database: Database) -> None:
    sow(engine, Profile("builder", "Imhotep"), Profile("writer", "Thot"))

    sow(engine, Profile("writer", "Thot"))

    assert database.value("SELECT count(*) FROM agents") == 2


def test_a_file_gives_its_agents_with_their_words_made_safe(tmp_path: Path) -> None:
    entry = {"id": "scout", "name": "Éclai\u202ereur\n", "bio": "a\0b", "emoji": "👩🏾‍🚀"}

    assert seeds.read(written(tmp_path, [entry])) == [
        Profile("scout", "Éclaireur", bio="ab", emoji="👩🏾‍🚀")
    ]


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({}, "must hold a list of agents"),
        (["builder"], "agent 1: must be an object"),
        ([GOOD, {"name": "Nobody"}], "agent 2: the id must be"),
        ([GOOD, {"id": "", "name": "Nobody"}], "agent 2: the id must be"),
        ([GOOD, {"id": "../etc", "name": "Nobody"}], "agent 2: the id must be"),
        ([GOOD, {"id": "a" * 129, "name": "Nobody"}], "agent 2: the id must be"),
        ([GOOD, {"id": 7, "name": "Nobody"}], "agent 2: the id must be"),
        ([GOOD, {"id": "scout"}], "agent 2: the name is missing"),
        ([GOOD, {"id": "scout", "name": " \n"}], "agent 2: the name is missing"),
        ([GOOD, {"id": "scout", "name": None}], "agent 2: the name is missing"),
        ([{**GOOD, "colour": "red", "age": 3}], "agent 1: age, colour is not known"),
        ([{**GOOD, "bio": 3}], "agent 1: bio must be a text"),
        ([{**GOOD, "emoji": None}], "agent 1: emoji must be a text"),
        ([GOOD, {"id": "scout", "name": "S"}, GOOD], "agent 3: builder"),
    ],
)
def test_a_bad_file_is_refused_and_the_bad_entry_is_named(
    tmp_path: Path, entries: Any, said: str
) -> None:
    path = written(tmp_path, entries)

    with pytest.raises(ConfigError) as refused:
        seeds.read(path)

    assert str(refused.value).startswith(str(path))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read: No such file"), (b"[{", "is not JSON"), (b"\xff\xfe", "is not JSON")],
)
def test_a_file_that_is_no_json_is_named(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "agents.json"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError, match=said) as refused:
        seeds.read(path)

    assert str(path) in str(refused.value)
