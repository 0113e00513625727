"""Seeding: the agents that the operator names before any gateway does."""

import json
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from palais.config import ROOT
from palais.domain.changes import Logged
from palais.domain.events import Profile
from palais.domain.text import LINE_LIMIT, NAME_LIMIT, SUMMARY_LIMIT, clean, is_id
from palais.errors import ConfigError
from palais.store import journal
from palais.store.journal import Entry
from palais.store.models import AgentRow

DEFAULT: Final = ROOT / "palais" / "store" / "agents.json"
WORDS: Final = {"persona": LINE_LIMIT, "bio": SUMMARY_LIMIT, "emoji": 16, "model": NAME_LIMIT}


def read(path: Path) -> list[Profile]:
    """Return the agents of a seed file: a JSON list of objects with ``id``, ``name``, ….

    Raises ConfigError, naming the entry, where the file is not that.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not JSON: {error}.") from None
    if not isinstance(entries, list):
        raise ConfigError(f"{path} must hold a list of agents.")
    profiles = [_profile(path, number, entry) for number, entry in enumerate(entries, 1)]
    ids = [profile.id for profile in profiles]
    for number, agent_id in enumerate(ids, 1):
        if agent_id in ids[: number - 1]:
            raise ConfigError(f"{path}, agent {number}: {agent_id} is named twice.")
    return profiles


def seed(conn: Connection, profiles: Iterable[Profile], now: int) -> dict[str, str]:
    """Create or update these agents; return ``created``, ``updated`` or ``unchanged`` by id."""
    outcome: dict[str, str] = {}
    with conn.begin():
        journal.take_turn(conn)
        rows = conn.execute(select(AgentRow.__table__)).all()
        known = {row.id: {"position": row.position, **_fields(row)} for row in rows}
        for position, profile in enumerate(profiles, 1):
            told = {key: value for key, value in _fields(profile).items() if value is not None}
            fields = {**known.get(profile.id, {}), **told, "position": position}
            if known.get(profile.id) == fields:
                outcome[profile.id] = "unchanged"
                continue
            outcome[profile.id] = "updated" if profile.id in known else "created"
            _put(conn, profile, fields, now)
    return outcome


def _put(conn: Connection, profile: Profile, fields: dict[str, object], now: int) -> None:
    values = {**fields, "seeded": True}
    statement = insert(AgentRow).values(id=profile.id, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    told = {name: fields.get(name) for name in ("name", "persona", "bio", "emoji", "model")}
    line = Logged("agent.registered", now, profile.id, None, str(fields["name"]), told)
    journal.append(conn, [Entry(f"seed.{secrets.token_hex(8)}", line)])


def _fields(source: object) -> dict[str, object]:
    return {name: getattr(source, name) for name in ("name", *WORDS)}


def _profile(path: Path, number: int, entry: object) -> Profile:
    where = f"{path}, agent {number}"
    if not isinstance(entry, dict):
        raise ConfigError(f"{where}: must be an object with an id and a name.")
    unknown = set(entry) - {"id", "name", *WORDS}
    if unknown:
        named = ", ".join(clean(name, 40) for name in sorted(unknown)[:3])
        raise ConfigError(f"{where}: {named} is not known.")
    agent_id, name = entry.get("id"), entry.get("name")
    if not isinstance(agent_id, str) or not is_id(agent_id):
        raise ConfigError(f"{where}: the id must be 1 to 128 letters, digits, dots or dashes.")
    if not isinstance(name, str) or not clean(name, NAME_LIMIT):
        raise ConfigError(f"{where}: the name is missing.")
    for word in WORDS:
        if not isinstance(entry.get(word, ""), str):
            raise ConfigError(f"{where}: {word} must be a text.")
    words = {word: clean(entry[word], limit) for word, limit in WORDS.items() if word in entry}
    return Profile(agent_id, clean(name, NAME_LIMIT), **words)
