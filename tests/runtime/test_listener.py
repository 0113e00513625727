"""The listener's loop, with a gateway made of a list and a real Postgres."""

import pytest
from sqlalchemy import Engine

from palais.domain.events import Profile
from palais.errors import GatewayError
from palais.gateway import connection as connections
from palais.store import seed as seeds
from palais.store.recorder import Recorder
from tests.database import PATIENCE, Database, Scribe, eventually
from tests.gateway.frames import challenge, event, hello, lifecycle, refused, roster
from tests.runtime.scripted import (
    GATEWAY,
    HELLO,
    IN_ORDER,
    REFUSAL,
    Json,
    Script,
    States,
    Until,
    frame,
)
from tests.store.rows import NOW, registered, seen

LOG = "SELECT type, data->>'status' FROM activity_log WHERE type <> 'gap' ORDER BY id"
STOPPED = ("offline", "Palais was stopped.", "STOPPED")


def sent(script: Script) -> list[Json]:
    """Return what the listener has asked on its first connection."""
    return script.dialled[0].sent


def test_what_a_gateway_says_is_on_record(script: Script, database: Database) -> None:
    started = frame("session.started", sessionId="run-1", task="Draw the plan")

    script.play([HELLO, started])

    assert database.run(LOG) == [
        ("agent.registered", "offline"),
        ("agent.status", "idle"),
        ("session.started", "running"),
        ("agent.status", "busy"),
    ]
    assert database.run("SELECT name, status FROM agents") == [("Imhotep", "busy")]
    assert database.run("SELECT id, status FROM agent_sessions") == [("run-1", "running")]


def test_a_connection_is_on_record_from_its_dialling_to_its_loss(
    script: Script, states: States
) -> None:
    script.play([states.note, HELLO, states.until("connected"), states.note], [states.note])

    assert states.noted == [
        ("connecting", None, None),
        ("connected", None, None),
        ("offline", "The connection was lost (by the test).", None),
    ]


def test_a_gateway_of_the_real_kind_is_greeted_and_asked_for_everything(
    script: Script, states: States, database: Database
) -> None:
    script.answers = {**IN_ORDER, "agents.list": roster("builder", "writer")}
    here = Until(lambda: database.value("SELECT count(*) FROM agents") == 2)

    script.play([challenge(NOW), here, states.note])

    assert states.noted == [("connected", None, None)]
    row = "SELECT protocol, server_version, boot_id FROM gateway"
    assert database.run(row) == [(4, "2026.9.6", "boot-1")]
    connect = script.dialled[0].sent[0]["params"]
    assert connect["auth"] == {"token": "sesame"}
    assert connect["device"]["id"] == script.identity.device_id


def test_what_a_gateway_does_not_offer_is_said(script: Script, states: States) -> None:
    offered = {"methods": ["agents.list"], "events": []}
    script.answers = {**IN_ORDER, "connect": hello(features=offered)}

    script.play([challenge(NOW), states.until("connected"), states.note])

    [(_, reason, _)] = states.noted
    assert str(reason).startswith("It does not offer sessions.list, sessions.subscribe, agent, ")


def test_a_refusal_is_on_record_with_its_kind_and_what_to_do_and_is_tried_again(
    script: Script, states: States
) -> None:
    refusing = [challenge(NOW), Until(lambda: script.dialled[-1].sent), REFUSAL]

    script.play(refusing, [states.note, *refusing])

    assert len(script.dialled) == 2
    [(state, reason, code)] = states.noted
    assert (state, code) == ("refused", "AUTH_TOKEN_MISMATCH")
    assert "Set OPENCLAW_GATEWAY_TOKEN" in str(reason)


def test_what_came_before_a_refusal_is_on_record(script: Script, database: Database) -> None:
    script.answers = IN_ORDER
    here = Until(lambda: database.value("SELECT count(*) FROM agents") == 1)
    asked = Until(lambda: not {"connect", *IN_ORDER} >= {one["method"] for one in sent(script)})

    def forbid() -> Json:
        [last] = sent(script)[-1:]
        return {"type": "res", "id": last["id"], **refused("missing scope: operator.read")}

    script.play([challenge(NOW), here, asked, lifecycle("run-1", "start", NOW), forbid])

    assert database.value("SELECT state FROM gateway") == "offline"
    assert database.run("SELECT id FROM agent_sessions") == [("run-1",)]


def test_a_gateway_that_does_not_answer_the_dial_is_offline_with_the_reason(
    script: Script, states: States
) -> None:
    script.play(GatewayError("The gateway at ws://gateway does not answer."), [states.note])

    assert states.noted == [("offline", "The gateway at ws://gateway does not answer.", None)]


def test_a_gateway_that_says_farewell_is_quoted(script: Script, states: States) -> None:
    script.answers = IN_ORDER
    farewell = event("shutdown", {"reason": "gateway stopping"})

    script.play([challenge(NOW), states.until("connected"), farewell], [states.note])

    [(_, reason, _)] = states.noted
    assert str(reason).startswith("The connection was lost (by the test).")
    assert "gateway stopping" in str(reason)


def test_more_than_a_batch_that_waits_is_taken_in_whole_and_in_order(
    script: Script, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "BATCH", 3)
    told = [frame("agent.status", status="busy", task=f"task {n}") for n in range(20)]

    script.play([HELLO, *told])

    tasks = "SELECT data->>'task' FROM activity_log WHERE data->>'status' = 'busy' ORDER BY id"
    assert database.run(tasks) == [(f"task {n}",) for n in range(20)]


def test_a_listener_goes_on_from_what_is_on_record(
    script: Script, scribe: Scribe, database: Database
) -> None:
    scribe.write(registered("builder", name="Imhotep"), seen("run-1", task="Draw the plan"))

    script.play([frame("session.completed", summary="Drawn.")])

    told = database.run("SELECT id, status, summary FROM agent_sessions")
    assert told == [("run-1", "completed", "Drawn.")]


def test_a_seed_that_is_sown_beside_a_listener_outlives_what_the_gateway_says_next(
    script: Script, database: Database, other_engine: Engine
) -> None:
    script.answers = dict(IN_ORDER)
    here = Until(lambda: database.value("SELECT count(*) FROM agents") == 1)

    def sow() -> Json:
        with other_engine.connect() as conn:
            seeds.seed(conn, [Profile("builder", "Imhotep")], NOW)
        renamed = {"id": "builder", "name": "builder-2", "identity": {"emoji": "🧱"}}
        script.answers["agents.list"] = {"ok": True, "payload": {"agents": [renamed]}}
        return event("config.changed", {})

    told = Until(lambda: database.value("SELECT emoji FROM agents") == "🧱")
    script.play([challenge(NOW), here, sow, told])

    assert database.run("SELECT name, seeded FROM agents") == [("Imhotep", True)]


def test_the_time_in_which_nobody_listened_is_on_record(
    script: Script, scribe: Scribe, database: Database
) -> None:
    scribe.write(registered("builder"), observed_at=NOW - 60_000)

    script.play([HELLO])

    gap = "SELECT agent_id, (extract(epoch FROM started_at) * 1000)::bigint FROM gaps, activity_log"
    assert database.run(f"{gap} WHERE type = 'gap'") == [(None, NOW - 60_000)]


def test_a_listener_that_is_stopped_hangs_up_gives_the_lease_up_and_says_so(
    script: Script, database: Database, other_engine: Engine, states: States
) -> None:
    running = script.begin([HELLO, states.until("connected"), script.listener.stop])
    running.get(timeout=PATIENCE)

    assert script.dialled[0].closed
    assert database.run(GATEWAY) == [STOPPED]
    eventually(Recorder(other_engine).acquire)


def test_while_another_process_has_the_lease_nobody_else_dials(
    script: Script, other_engine: Engine, database: Database
) -> None:
    other = Recorder(other_engine)
    assert other.acquire()
    script.prepare([HELLO])

    script.listener.step()
    assert script.dialled == []
    other.release()
    script.listener.run()

    assert len(script.dialled) == 1
    assert database.value("SELECT name FROM agents") == "Imhotep"
